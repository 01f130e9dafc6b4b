"""Editions, pages and photos, as they are listed and shown."""
