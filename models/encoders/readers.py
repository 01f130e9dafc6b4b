"""Readers that correct ours by what a user's image encoder sees.

The log odds of a measure are taken to be slope x ours + intercept + weights x the standardised
encoding. A photo without an encoding has ours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from presslens.models.errors import ModelMismatch
from presslens.models.recipe import Recipe
from presslens.models.registry import Registry
from presslens.models.vocabulary import Encoding

LIMIT = 8.0
"""Log odds of ours further from 0 count as these: 0.9997."""

BESIDE = ("subjects", "labels")
"""The weights of ours that readers correct; of others than these they say nothing."""


def log_odds(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log odds of probabilities, ``LIMIT`` at most."""
    edge = 1 / (1 + np.exp(LIMIT))
    p = np.clip(probability, edge, 1 - edge)
    return np.asarray(np.log(p / (1 - p)), np.float64)


@dataclass(frozen=True, slots=True)
class Standard:
    """How encodings are standardised: by mean and spread over the photos of the archive."""

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]

    @classmethod
    def of(cls, vectors: NDArray[np.float32]) -> Standard:
        """Return the standard of vectors, shape (photos, n)."""
        scale = vectors.std(axis=0, dtype=np.float64)
        return cls(vectors.mean(axis=0, dtype=np.float64), np.where(scale > 1e-6, scale, 1.0))

    def scaled(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return standardised vectors, the same shape."""
        return (vectors.astype(np.float64) - self.mean) / self.scale


@dataclass(frozen=True, slots=True, eq=False)
class EncodedReader:
    """The correction of one measure."""

    measure: str  # a subject, or ``label:`` with a name
    slope: float  # of the log odds of ours
    intercept: float
    weights: NDArray[np.float64]  # of the standardised encoding
    # That of the user's own label that was corrected, 64 hex digits; empty for what ships.
    version: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class EncodedReaders:
    """The corrections that were fitted with one encoder."""

    encoder: str  # ``Recipe.encoding_id``
    beside: Mapping[str, str]  # the hashes of ``BESIDE`` that they correct
    standard: Standard
    readers: Sequence[EncodedReader]

    def corrected(self, measure: str, p: float, encoding: Encoding | None) -> float:
        """Return the probability of a measure, corrected where a reader of it was fitted, 0-1."""
        reader = next((one for one in self.readers if one.measure == measure), None)
        if reader is None or encoding is None or not encoding.vector.size:
            return p
        scaled = self.standard.scaled(encoding.vector)
        ours = float(log_odds(np.array([p]))[0])
        odds = reader.slope * ours + reader.intercept + float(scaled @ reader.weights)
        return float(1 / (1 + np.exp(-np.clip(odds, -60, 60))))

    def labels(
        self, ours: Mapping[str, float], versions: Mapping[str, str], encoding: Encoding | None
    ) -> dict[str, float]:
        """Return the probabilities of labels; one that was learnt again since has ours."""
        own = {one.measure: one.version for one in self.readers if one.version}
        return {
            name: p
            if own.get(f"label:{name}", versions[name]) != versions[name]
            else self.corrected(f"label:{name}", p, encoding)
            for name, p in ours.items()
        }

    def to_bytes(self) -> bytes:
        """Return the file of the readers, the same for the same readers."""
        head = {
            "encoder": self.encoder,
            "beside": dict(sorted(self.beside.items())),
            "readers": [[r.measure, r.slope, r.intercept, r.version] for r in self.readers],
        }
        rows = [self.standard.mean, self.standard.scale, *(r.weights for r in self.readers)]
        out = BytesIO()
        out.write(json.dumps(head).encode() + b"\n")
        np.save(out, np.array(rows, "<f8"), allow_pickle=False)
        return out.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> EncodedReaders:
        """Read the readers from the content of a file whose hash was checked."""
        line, _, rest = content.partition(b"\n")
        head = json.loads(line)
        mean, scale, *weights = np.load(BytesIO(rest), allow_pickle=False)
        readers = [
            EncodedReader(measure, slope, intercept, row, version)
            for (measure, slope, intercept, version), row in zip(
                head["readers"], weights, strict=True
            )
        ]
        return cls(head["encoder"], head["beside"], Standard(mean, scale), readers)


def load_readers(recipe: Recipe, registry: Registry) -> EncodedReaders | None:
    """Return the readers of a recipe's encoder; None without an encoder, or before a fit.

    Raises:
        ModelMismatch: They were fitted beside other weights of ours, or with another encoder.
    """
    rules = recipe.interpret.encoder
    if rules is None or not rules.readers:
        return None
    readers = EncodedReaders.from_bytes(registry.path(rules.readers).read_bytes())
    ours = {name: recipe.hashes[name] for name in BESIDE}
    if readers.beside != ours or readers.encoder != recipe.encoding_id:
        raise ModelMismatch(
            f"{rules.readers} was fitted beside other weights: fit it again with `presslens models"
            " fit-encoder`, or go back with `presslens models use-encoder`"
        )
    return readers
