"""What all rooms stand on: settings, errors, permissions, languages, logs, the clock, weights."""
