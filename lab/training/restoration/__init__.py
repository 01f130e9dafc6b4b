"""Trains the restoration of printed photos, and measures it."""
