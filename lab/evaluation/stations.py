"""Names of the stations that are evaluated, and of the models that the project trains."""

STATIONS = (
    "restoration",
    "photos",
    "persons",
    "subjects",
    "decisions",
    "learning",
    "counts",
    "children",
    "faces",
    "focus",
    "labels",
    "reprints",
    "composition",
    "calibration",
    "folios",
)
"""The stations of ``presslens models evaluate``."""

TRAINED = (
    "restoration",
    "segmenter",
    "photographs",
    "objects",
    "persons",
    "maps",
    "children",
    "subjects",
    "gate",
    "whitening",
    "matching",
    "focus",
    "labels",
)
"""The models of ``presslens models train``, in the order in which they build on each other."""
