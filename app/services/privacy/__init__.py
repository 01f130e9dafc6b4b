"""What is stored of people: told, encrypted, and erased."""
