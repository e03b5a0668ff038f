"""Virtual time: the engine's own rules against a real epidemic curve."""
