"""Recognises prints of one picture: a fingerprint of each photo, and the comparison of two."""
