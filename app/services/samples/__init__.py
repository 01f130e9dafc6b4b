"""Validation samples: their items, the answers to them, and what statistics read of them."""
