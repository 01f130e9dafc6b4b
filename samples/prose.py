"""Sentences for the samples: invented reports in the tone of a party daily, about nobody."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PHRASES: dict[str, list[str]] = tomllib.loads(
    (Path(__file__).parent / "prose.toml").read_text(encoding="utf-8")
)


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes random text."""

    rng: np.random.Generator  # draws the words

    def one_of(self, kind: str) -> str:
        """Return a phrase of one kind: a list in prose.toml."""
        words = PHRASES[kind]
        return words[int(self.rng.integers(len(words)))]

    def sentence(self) -> str:
        """Return one sentence of a report."""
        place = f"{self.one_of('places')}의 " if self.rng.random() < 0.6 else "이곳 "
        rest = " ".join(self.one_of(kind) for kind in ("who", "what", "how", "did"))
        return place + rest

    def text(self, characters: int) -> str:
        """Return sentences of at least so many characters in all, as one paragraph."""
        words: list[str] = []
        length = 0
        while length < characters:
            words.append(self.sentence())
            length += len(words[-1]) + 1
        return " ".join(words)
