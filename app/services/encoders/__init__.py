"""Image encoders that users add: what they make of the archive's photos, and readers with them."""
