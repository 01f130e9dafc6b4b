"""What is wrong with the files that a scorer is given.

PresslensError (``models.errors``)
├── InvalidBenchmark     the folder isn't a benchmark, or isn't whole
└── InvalidPredictions   a file of predictions can't be scored
"""

from __future__ import annotations

from presslens.models.errors import PresslensError


class InvalidBenchmark(PresslensError):
    """A folder is not a benchmark that ``presslens benchmark make`` made, or is damaged."""


class InvalidPredictions(PresslensError):
    """A file of predictions names what isn't there, or holds values out of range."""
