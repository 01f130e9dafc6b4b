"""Finds the photos of a page."""
