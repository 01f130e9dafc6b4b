"""How fast the service answers, measured beside something else in the same run."""
