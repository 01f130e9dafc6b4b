"""Measures how well photos are found and read, on labelled photographs."""
