"""Trains and measures the focus of photos."""
