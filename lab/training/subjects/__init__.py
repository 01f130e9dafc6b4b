"""Training and evaluation of the subjects of photos."""
