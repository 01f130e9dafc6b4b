"""Enrolled public figures, their reference photos, and their erasure."""
