"""Reference data that `presslens init` loads: newspapers, claims with sources, and events."""
