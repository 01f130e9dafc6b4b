"""The stations that are measured, and the models that the project trains, by name."""

STATIONS = (
    "photos",
    "persons",
    "subjects",
    "learning",
    "counts",
    "children",
    "faces",
    "focus",
    "labels",
    "composition",
)
"""What ``presslens models evaluate`` can measure."""

TRAINED = (
    "segmenter",
    "persons",
    "objects",
    "maps",
    "children",
    "subjects",
    "whitening",
    "matching",
    "focus",
    "labels",
)
"""What ``presslens models train`` can train, in the order in which they build on each other."""
