"""Measures the finding of captions."""
