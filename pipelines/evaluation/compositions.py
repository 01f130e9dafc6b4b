"""Measures compositions: are the shares of editions inside their intervals as often as promised."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.accuracy import Measure, wilson
from models.geometry import Box
from models.recipe import Aggregate, Recipe
from models.registry import Registry
from models.training.datasets import STATE_MEDIA
from models.training.subjects.readers import OutOfFoldReading
from models.vocabulary import Subject
from pipelines.analysis import Request, analyze
from pipelines.evaluation.drift import estimate_drift
from pipelines.statistics.interval import DetectorReading, detector_reading

FOLDS = 5
"""Events are dealt into so many parts; the drift is estimated without the part it is used on."""

PHOTOS = 15
"""An edition is dealt so many photos of a set, or a few more: events stay together."""

SEEN = ("done", "empty")
"""Outcomes of pages that could be looked at."""

_OVERLAP = 0.5
"""IoU from which a found photo is a printed one."""

HELD_OUT = (
    f"photos of a set dealt into editions of {PHOTOS}, events whole; probabilities by readers and "
    "drifts that never saw the events"
)
COMPOSED = "composed for measuring, analysed from the files on; drifts from labelled photos alone"


@dataclass(frozen=True, slots=True)
class EditionShare:
    """A subject in an edition.

    Attributes:
        where: The set or the condition.
        subject: What is measured.
        photos: How many photos it is measured in.
        share: The share that truly shows it, 0–1.
        expected: The machine's.
        interval: The machine's.
    """

    where: str
    subject: str
    photos: int
    share: float
    expected: float
    interval: tuple[float, float]

    @property
    def inside(self) -> bool:
        """The true share lies in the interval."""
        return self.interval[0] - 1e-9 <= self.share <= self.interval[1] + 1e-9


def clusters(judged: OutOfFoldReading) -> list[str]:
    """Return the event, day or site of each photo, shown in one way; its set where it is alone.

    A photo without others of its event can still tell how a whole set is off.
    """
    keys = [(e.photo.group, e.shown) for e in judged.examples]
    several = Counter(keys)
    return [
        f"{e.photo.group if several[key] > 1 else e.photo.dataset}, {e.shown}"
        for e, key in zip(judged.examples, keys, strict=True)
    ]


def prevalence(judged: OutOfFoldReading) -> float | None:
    """Return the share of the photos that show the subject; None where all do, or none does."""
    share = float(judged.truth.mean())
    return share if 0 < share < 1 else None


def measure_prevalences(judged: Sequence[OutOfFoldReading]) -> list[Measure]:
    """Return how common each subject is among the photos that its calibration was learnt from."""
    method = "share of the labelled photos that show it"
    return [
        Measure("composition", "prevalence", str(j.subject), len(j.truth), share, None, method)
        for j in judged
        if (share := prevalence(j)) is not None
    ]


def measure_drifts(judged: Sequence[OutOfFoldReading]) -> list[Measure]:
    """Return the drift of each subject, over all sets and over state media alone."""
    rows = []
    for each in judged:
        state = [i for i, e in enumerate(each.examples) if e.photo.dataset in STATE_MEDIA]
        for data, part in (("all sets", each), ("state media", each.chosen(state))):
            where = clusters(part)
            n = len(set(where))
            method = f"posterior mean of a random intercept over {len(where)} photos"
            value = estimate_drift(part.probability, part.truth, where)
            name = f"{each.subject}, {data}, {n} events, days, sites or sets"
            rows.append(Measure("composition", "drift, logits", name, n, value, None, method))
    return rows


def held_out(
    judged: OutOfFoldReading, *, confidence: float, drift: float | None = None
) -> list[EditionShare]:
    """Return how a subject's shares come out in editions of events that nothing was learnt from.

    Args:
        judged: Every photo by readers that never saw its event.
        confidence: Level of the intervals.
        drift: Used instead of the one that the other events tell.
    """
    found = []
    fold = np.array([_fold(e.photo.group) for e in judged.examples])
    for part in range(FOLDS):
        learnt, kept = np.flatnonzero(fold != part), np.flatnonzero(fold == part)
        others = judged.chosen(learnt.tolist())
        if drift is None:
            told = estimate_drift(others.probability, others.truth, clusters(others))
        else:
            told = drift
        usual = prevalence(others)
        for where, rows in _dealt(judged, kept.tolist()):
            reading = detector_reading(
                judged.probability[rows], drift=told, prevalence=usual, confidence=confidence
            )
            found.append(_pair(where, judged.subject.value, reading, judged.truth[rows]))
    return found


def _fold(group: str) -> int:
    return int(hashlib.sha256(group.encode()).hexdigest()[:8], 16) % FOLDS


def _dealt(judged: OutOfFoldReading, rows: Sequence[int]) -> Iterator[tuple[str, list[int]]]:
    """Yield the set and the photos of each edition; what is left over joins none."""
    order = sorted(rows, key=lambda i: hashlib.sha256(_group(judged, i).encode()).digest())
    by_set: dict[tuple[str, str], list[int]] = {}
    for row in order:
        example = judged.examples[row]
        by_set.setdefault((example.photo.dataset, example.shown), []).append(row)
    for (name, _), some in by_set.items():
        edition: list[int] = []
        for i, row in enumerate(some):
            edition.append(row)
            last = i + 1 == len(some) or _group(judged, some[i + 1]) != _group(judged, row)
            if last and len(edition) >= PHOTOS:
                yield name, edition
                edition = []


def _group(judged: OutOfFoldReading, row: int) -> str:
    return judged.examples[row].photo.group


def _pair(
    where: str, subject: str, reading: DetectorReading, truth: NDArray[np.bool_]
) -> EditionShare:
    if reading.share is None or reading.interval is None:
        raise ValueError("an edition without photos has no share")
    share = float(truth.mean())
    return EditionShare(where, subject, len(truth), share, reading.share, reading.interval)


@dataclass(frozen=True, slots=True)
class ReadEdition:
    """A composed edition: what is printed, and what was read.

    Attributes:
        condition: What became of its pages.
        name: KIND-SEED.
        printed: From truth.json: its pages.
        read: From the document: its pages.
    """

    condition: str
    name: str
    printed: list[dict[str, Any]]
    read: list[dict[str, Any]]

    def photos(self) -> tuple[int, int]:
        """Return how many are printed and how many were found."""
        return _count(self.printed), _count(self.read)

    @property
    def exact(self) -> bool:
        """All pages were seen, and each has as many photos as are printed on it."""
        pairs = zip(self.printed, self.read, strict=True)
        return all(len(page["photos"]) == len(found["photos"]) for page, found in pairs)

    def pairs(self, rules: Aggregate) -> Iterator[EditionShare]:
        """Yield each subject whose truth is known.

        Where some printed photos have no truth of a subject, it is measured among the others, by
        the photos found in their place.
        """
        for subject in (s.value for s in Subject):
            known = self._known(subject)
            if known is None:
                continue
            truth, found = known
            reading = detector_reading(
                found,
                drift=rules.drift_of(subject),
                prevalence=rules.prevalence.get(subject),
                confidence=rules.confidence,
            )
            yield _pair(self.condition, subject, reading, truth)

    def _known(self, subject: str) -> tuple[NDArray[np.bool_], list[float]] | None:
        printed = [p["subjects"].get(subject) for page in self.printed for p in page["photos"]]
        known = [answer for answer in printed if answer is not None]
        if len(known) == len(printed):
            found = [photo for page in self.read for photo in page["photos"]]
        else:
            found = [
                read
                for page, seen in zip(self.printed, self.read, strict=True)
                for photo, read in _matched(page["photos"], seen["photos"])
                if subject in photo["subjects"]
            ]
        if not known or not found:
            return None
        truth = np.array([bool(answer["present"]) for answer in known])
        return truth, [photo["subjects"][subject]["probability"] for photo in found]


def _count(pages: Iterable[dict[str, Any]]) -> int:
    return sum(len(page["photos"]) for page in pages)


def _matched(
    printed: Sequence[dict[str, Any]], found: Sequence[dict[str, Any]]
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield printed photos with the found one in their place."""
    for photo in printed:
        box = Box(*photo["box"])
        best = max(found, key=lambda read: Box(*read["box"]).iou(box), default=None)
        if best is not None and Box(*best["box"]).iou(box) >= _OVERLAP:
            yield photo, best


def read_editions(
    pages: Path, recipe: Recipe, registry: Registry, *, told: Callable[[str], None], kept: Path
) -> list[ReadEdition]:
    """Analyse composed editions, each once.

    Args:
        pages: The composed editions, CONDITION/KIND-SEED.
        recipe: The rules.
        registry: Where the weights are.
        told: Is told which edition is looked at.
        kept: The folder that keeps what was read.
    """
    seen_by = [recipe.observation_id, recipe.interpret.model_dump_json()]
    version = hashlib.sha256("|".join(seen_by).encode()).hexdigest()[:16]
    editions = []
    for truth in sorted(pages.rglob("truth.json")):
        folder = truth.parent
        printed = json.loads(truth.read_text(encoding="utf-8"))["pages"]
        source = hashlib.sha256(truth.read_bytes()).hexdigest()[:16]
        file = kept / version / f"{folder.parent.name}-{folder.name}-{source}.json"
        if not file.is_file():
            told(f"reading {folder.parent.name} pages: {folder.name}")
            request = Request([folder / page["file"] for page in printed])
            document = analyze(request, recipe, registry, processes=0)
            if unseen := [page for page in document["pages"] if page["outcome"] not in SEEN]:
                raise RuntimeError(f"{folder}: {unseen[0].get('reason')}")
            file.parent.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(".part")
            part.write_text(json.dumps(document["pages"]), encoding="utf-8")
            part.replace(file)
        read = json.loads(file.read_text(encoding="utf-8"))
        editions.append(ReadEdition(folder.parent.name, folder.name, printed, read))
    return editions


def measure_pairs(what: str, pairs: Sequence[EditionShare], method: str) -> list[Measure]:
    """Return the share of pairs whose true share lies inside: of all, by place and by subject."""
    rows = []
    for name, some in (
        ("all", pairs),
        *((where, [p for p in pairs if p.where == where]) for where in _names(pairs, "where")),
        *((s, [p for p in pairs if p.subject == s]) for s in _names(pairs, "subject")),
    ):
        n = len(some)
        if n:
            inside = sum(pair.inside for pair in some) / n
            data = f"{what}, {name}"
            rows.append(
                Measure(
                    "composition",
                    "share inside its interval",
                    data,
                    n,
                    inside,
                    wilson(inside, n),
                    method,
                )
            )
    return rows


def _names(pairs: Sequence[EditionShare], attribute: str) -> list[str]:
    return sorted({getattr(pair, attribute) for pair in pairs})


def measure_counts(editions: Sequence[ReadEdition]) -> list[Measure]:
    """Return in how many editions of each condition every page has as many photos as printed."""
    rows = []
    for condition in sorted({edition.condition for edition in editions}):
        some = [edition for edition in editions if edition.condition == condition]
        exact = sum(edition.exact for edition in some) / len(some)
        rows.append(
            Measure(
                "composition",
                "pages and photos of an edition exact",
                f"composed editions, {condition}",
                len(some),
                exact,
                wilson(exact, len(some)),
                COMPOSED,
            )
        )
    return rows
