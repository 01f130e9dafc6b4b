"""What parameters and fields hold in examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sample:
    """What examples are about."""

    publication: str  # a newspaper
    day: str  # day of an edition of it, YYYY-MM-DD
    edition: int  # the edition's id


NOBODY_S = Sample("Rodong Sinmun", "2025-12-16", 1)
"""What examples are about that are of no archive."""


def example_values(sample: Sample) -> dict[str, Any]:
    """Return what stands for a parameter or a field in an example, by its name."""
    return {
        "publication": sample.publication,
        "a_publication": sample.publication,
        "b_publication": sample.publication,
        "date": sample.day,
        "from": f"{sample.day[:4]}-01-01",
        "to": f"{sample.day[:4]}-12-31",
        "a_from": f"{sample.day[:4]}-01-01",
        "a_to": f"{sample.day[:4]}-06-30",
        "b_from": f"{sample.day[:4]}-07-01",
        "b_to": f"{sample.day[:4]}-12-31",
        "edition": sample.edition,
        "edition_id": sample.edition,
        "identifier": "1",
        "region": "full",
        "size": "1000,",
        "rotation": "0",
        "file": "default.jpg",
        "metric": "children",
        "measure": "children",
        "measures": ["children"],
        "subject": "crowd",
        "rule": "photos > 100",
        "statement": "Over 100 photos.",
        "title": "Inauguration of a factory",
        "name": "Kim Jong Un",
        "role": "leader",
        "coder": "A",
        "answers": {"children": True},
        "marks": [],
        "model": "qwen2.5-vl-7b@2026-05",
        "photo_id": 1,
        "text": "factory",
        "old": "1268d684",
        "new": "a638e926",
        "key": sample.day[:7],
        "q": "factory",
    }
