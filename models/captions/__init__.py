"""Finds and reads a photo's caption and the headline above its group."""
