"""Recipes, and what two of them say of the same photos."""
