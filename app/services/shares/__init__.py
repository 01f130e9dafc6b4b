"""The photos behind shares: which editions count, what is said of each photo, what is decided."""
