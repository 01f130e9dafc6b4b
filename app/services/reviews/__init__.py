"""Reviews of photos: answers of coders, agreement, consensus, and samples to review."""
