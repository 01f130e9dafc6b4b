"""Detects persons, children and objects in a photo, and reads its subjects."""
