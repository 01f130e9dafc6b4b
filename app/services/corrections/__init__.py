"""What people correct beside reviews: photos of pages, editions, newspapers; and undoing it."""
