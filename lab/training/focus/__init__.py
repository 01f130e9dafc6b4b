"""Training and evaluation of the focus of photos."""
