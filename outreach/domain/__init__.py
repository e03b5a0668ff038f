"""Rules: no I/O, no clock, no framework; tested in a second."""
