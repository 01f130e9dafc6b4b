"""Claims as rules over editions, events, and verdicts with their evidence."""
