"""Detects faces, embeds them, and matches them with enrolled figures."""
