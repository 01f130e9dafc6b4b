"""The log of what people have changed."""
