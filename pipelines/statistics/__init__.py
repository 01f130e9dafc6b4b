"""Statistics: interpretations in, statistics out. Pure functions."""
