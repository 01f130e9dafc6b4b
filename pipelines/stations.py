"""The stations that are measured, and the models that the project trains, by name."""

STATIONS = ("photos", "persons", "subjects", "faces", "focus", "labels")
"""What ``presslens models evaluate`` can measure."""

TRAINED = ("segmenter", "persons", "children", "subjects", "matching", "focus", "labels")
"""What ``presslens models train`` can train, in the order in which they build on each other."""
