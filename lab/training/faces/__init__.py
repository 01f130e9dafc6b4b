"""Training and evaluation of the recognition of enrolled figures."""
