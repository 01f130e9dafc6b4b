"""Composes training pages: photos, text and everything that is not a photo, printed and scanned."""
