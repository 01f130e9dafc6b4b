"""Training and evaluation of photo detection on pages."""
