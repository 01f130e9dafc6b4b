"""Sees what a photo shows: persons, children, and by its features the rest."""
