"""A deterministic simulator of sending: the machine of production in virtual time, among deaths and lies."""
