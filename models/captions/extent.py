"""How far captions reach, whoever has read them."""

NEAR = 1.5
"""A caption begins within so many of its letter heights of the frame."""

MOST_LINES = 6
"""What has more lines than this is text of its own."""
