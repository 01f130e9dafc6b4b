"""What is printed about a photo: its caption, and the headline above its group."""
