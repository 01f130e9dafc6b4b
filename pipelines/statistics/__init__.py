"""AGGREGATE: interpretations in, statistics out. Pure functions."""
