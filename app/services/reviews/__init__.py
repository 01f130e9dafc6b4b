"""What people say of photos: answers, agreement, consensus, and samples to review."""
