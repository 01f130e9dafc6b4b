"""Composed reprints, and how well prints of one picture are told from different photos."""
