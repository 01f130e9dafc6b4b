"""Trains and measures the built-in labels."""
