"""Finds faces, and tells whether one is an enrolled figure's."""
