"""Trains and measures the finding of photos on pages."""
