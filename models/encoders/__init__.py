"""Image encoders that users add beside the project's own networks."""
