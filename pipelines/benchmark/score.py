"""The scores of a system's predictions in each condition of the benchmark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presslens.pipelines.benchmark.folder import (
    PERSON,
    PHOTO,
    BenchmarkImage,
    BenchmarkTruth,
    Boxes,
)
from presslens.pipelines.benchmark.predictions import PredictedBoxes, SystemPredictions
from presslens.pipelines.statistics.measure import SUBJECTS

RESAMPLES = 1000

SEED = 0

LOW, HIGH = 2.5, 97.5
"""Percentiles of a 95 % interval."""

Draws = NDArray[np.float64]
"""How often each sheet was drawn, shape (RESAMPLES, n)."""

Statistic = Callable[[Draws], NDArray[np.float64]]
"""Returns a figure for each row of draws; not a number where it isn't defined."""

THRESHOLDS = np.linspace(0.5, 0.95, 10)
"""Least intersections over unions of a match."""

RECALLS = np.linspace(0.0, 1.0, 101)

MOST_BOXES = 300
"""Boxes of a picture that count for the average precision, as COCO has it: the best so many."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class ImageMatches:
    """Which found boxes of a picture are right."""

    scores: NDArray[np.float64]  # of the found boxes, falling, shape (n,)
    right: Flags  # whether each is right at each of THRESHOLDS, shape (10, n)
    ignored: Flags  # whether each counts neither as right nor as wrong, shape (10, n)
    there: int  # how many boxes are to be found

    def best(self) -> ImageMatches:
        """Return those of the best MOST_BOXES; none of them depends on the others."""
        return replace(
            self,
            scores=self.scores[:MOST_BOXES],
            right=self.right[:, :MOST_BOXES],
            ignored=self.ignored[:, :MOST_BOXES],
        )


def match_image(predicted: PredictedBoxes, boxes: Boxes, ignored: Flags) -> ImageMatches:
    """Match found boxes, best first, each with the free box that it overlaps most.

    Args:
        predicted: The found boxes of a picture.
        boxes: Those that are there.
        ignored: Whether a box, if it is found, counts neither as right nor as wrong.
    """
    # Those to be found first, and of equal overlaps the last: pycocotools' order.
    order = np.argsort(ignored, kind="stable")
    ignored = ignored[order]
    ious = overlaps(predicted.boxes, boxes[order], ignored)
    limits = np.minimum(THRESHOLDS, 1 - 1e-10)
    right = np.zeros((len(limits), len(ious)), np.bool_)
    excused = np.zeros_like(right)
    taken = np.zeros((len(limits), len(ignored)), np.bool_)
    rows = np.arange(len(limits))
    for number, overlap in enumerate(ious):
        free = np.where(taken | ignored, -1.0, overlap)
        best, hit = _last_best(free, limits)
        right[:, number] = hit
        taken[rows[hit], best[hit]] = True
        _, over = _last_best(np.where(ignored, overlap, -1.0)[None].repeat(len(limits), 0), limits)
        excused[:, number] = ~hit & over
    return ImageMatches(predicted.scores, right, excused, int(np.count_nonzero(~ignored)))


def _last_best(
    overlap: NDArray[np.float64], limits: NDArray[np.float64]
) -> tuple[NDArray[np.intp], Flags]:
    """Return the place of the largest value of each row, and whether it reaches the row's limit."""
    if overlap.shape[1] == 0:
        return np.zeros(len(limits), np.intp), np.zeros(len(limits), np.bool_)
    best = overlap.shape[1] - 1 - np.argmax(overlap[:, ::-1], axis=1)
    return best, overlap[np.arange(len(limits)), best] >= limits


def overlaps(predicted: Boxes, boxes: Boxes, ignored: Flags) -> NDArray[np.float64]:
    """Return intersections over unions, 0–1, shape (len(found), len(boxes)).

    With an ignored box, the share of the found one that lies inside it.
    """
    low = np.maximum(predicted[:, None, :2], boxes[None, :, :2])
    high = np.minimum(
        (predicted[:, :2] + predicted[:, 2:])[:, None], (boxes[:, :2] + boxes[:, 2:])[None]
    )
    common = np.prod(np.maximum(high - low, 0), axis=2)
    area = np.prod(predicted[:, 2:], axis=1)[:, None]
    union = np.where(ignored, area, area + np.prod(boxes[:, 2:], axis=1) - common)
    return np.asarray(common / union)


def average_precisions(
    images: Sequence[ImageMatches], weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64] | None:
    """Return the average precision of the best MOST_BOXES at each of THRESHOLDS, 0–1.

    Args:
        images: The matches of all pictures, in the order of their ids.
        weights: How often each picture counts, shape (resamples, n); None: once.

    Returns:
        Shape (10,), or (resamples, 10) with weights; not a number where nothing is to be found.
        None where no picture has anything to find.
    """
    images = [image.best() for image in images]
    there = np.array([image.there for image in images], np.float64)
    if not there.sum():
        return None
    drawn = np.ones((1, len(images))) if weights is None else weights
    owner = np.repeat(np.arange(len(images)), [len(image.scores) for image in images])
    order = np.argsort(-np.concatenate([image.scores for image in images]), kind="mergesort")
    counts, to_find = drawn[:, owner[order]], drawn @ there
    right = np.concatenate([image.right for image in images], axis=1)[:, order]
    excused = np.concatenate([image.ignored for image in images], axis=1)[:, order]
    values = [
        _areas(counts * (hit & ~out), counts * ~(hit | out), to_find)
        for hit, out in zip(right, excused, strict=True)
    ]
    columns = np.stack(values, axis=1)
    return columns[0] if weights is None else columns


def _areas(
    right: NDArray[np.float64], wrong: NDArray[np.float64], to_find: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the area under each row's curve of precision at COCO's recalls, shape (resamples,)."""
    hits, misses = np.cumsum(right, axis=1), np.cumsum(wrong, axis=1)
    precision = hits / (hits + misses + np.spacing(1))
    envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    areas = np.full(len(right), np.nan)
    for row in np.flatnonzero(to_find):
        places = np.searchsorted(hits[row] / to_find[row], RECALLS, side="left")
        reached = places[places < envelope.shape[1]]
        areas[row] = envelope[row, reached].sum() / len(RECALLS)
    return areas


def ranking_precision(probability: NDArray[np.float64], shown: NDArray[np.bool_]) -> Statistic:
    """Return the statistic: the precision at each photo that shows the subject, on average.

    Photos of one probability are taken together, as scikit-learn does.

    Args:
        probability: Of each photo, shape (n,).
        shown: Whether it shows the subject.
    """
    order = np.argsort(-probability, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(probability[order]) != 0, True))

    def value(draws: Draws) -> NDArray[np.float64]:
        drawn, right = draws[:, order], (draws * shown)[:, order]
        hits, taken = np.cumsum(right, axis=1)[:, ends], np.cumsum(drawn, axis=1)[:, ends]
        gained = np.diff(hits, axis=1, prepend=0)
        total = np.where(hits[:, -1:] > 0, hits[:, -1:], np.nan)
        return np.asarray((gained * hits / np.maximum(taken, 1) / total).sum(axis=1))

    return value


SCHEMA = 1

LOOSE, STRICT = 0, 5
"""Places of 0.5 and 0.75 among THRESHOLDS."""

INSIDE = 0.6
"""A box also reports a distractor if at least this share of it lies inside."""

DECIDED = 0.5
"""A photo is taken to show a subject from this probability on."""


def score_predictions(
    truth: BenchmarkTruth,
    predictions: SystemPredictions,
    *,
    least_score: float | None = None,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> dict[str, Any]:
    """Return all scores as a JSON document.

    Args:
        predictions: What a system says of it.
        least_score: Boxes below it count for the average precision only; None: all count.
        progress: Called with the numbers of conditions done and of all.
    """
    conditions: dict[str, Any] = {}
    clean: dict[str, Values] = {}
    for number, condition in enumerate(truth.conditions, start=1):
        scores = {
            "photos": _photos(truth, condition, predictions, least_score),
            "people": _people(truth, condition, predictions),
            **{f"subject {s}": _subject(truth, condition, predictions, s) for s in SUBJECTS},
        }
        document: dict[str, Any] = {"subjects": {}}
        for name, scored in scores.items():
            clean.setdefault(name, scored.values)
            place = document["subjects"] if name.startswith("subject ") else document
            place[name.removeprefix("subject ")] = scored.to_json(clean[name])
        conditions[condition] = document
        progress(number, len(truth.conditions))
    return {
        "schema": SCHEMA,
        "benchmark": truth.version,
        "about": dict(predictions.about),
        "least_score": least_score,
        "compared_with": truth.conditions[0],
        "conditions": conditions,
    }


@dataclass(frozen=True, slots=True, eq=False)
class ConditionScore:
    """Figures of one kind in one condition."""

    values: Values  # figures with intervals
    counts: dict[str, Any]  # plain counts

    def to_json(self, clean: Values) -> dict[str, Any]:
        """Return counts, figures, and what each figure lost against the clean condition."""
        figures = {name: value.to_json() for name, value in self.values.items()}
        losses = {
            name: value.loss_from(clean[name]).to_json()
            for name, value in self.values.items()
            if name in clean
        }
        return {**self.counts, **figures, "loss": losses}


def _photos(
    truth: BenchmarkTruth, condition: str, predictions: SystemPredictions, least_score: float | None
) -> ConditionScore:
    pages = truth.pictures(condition, pages=True)
    if not predictions.has_boxes(PHOTO):
        return _without_boxes("pages", pages)
    predicted = [predictions.of(page.id, PHOTO) for page in pages]
    matches = [match_image(f, p.boxes, p.ignored) for f, p in zip(predicted, pages, strict=True)]
    least = -np.inf if least_score is None else least_score
    counted = [image.scores >= least for image in matches]
    there = np.array([image.there for image in matches])
    number = np.array([np.count_nonzero(some) for some in counted])
    draws = draw_sheets(len(pages))
    values: Values = {}
    for name, place in (("f1", LOOSE), ("f1_75", STRICT)):
        values[name] = BootstrapValue.of(f1(_right(matches, counted, place), number, there), draws)
    right = _right(matches, counted, LOOSE)
    values["precision"] = BootstrapValue.of(share(right, number), draws)
    values["recall"] = BootstrapValue.of(share(right, there), draws)
    values |= _precisions(matches, draws)
    exact: dict[str, int] = Counter()
    for page, difference in zip(pages, number - there, strict=True):
        exact[page.edition] += int(difference)
    counts = {
        "pages": len(pages),
        "n": int(there.sum()),
        "told": True,
        "reported": int(number.sum()),
        "pages_with_exact_count": int(np.count_nonzero(number == there)),
        "editions": len(exact),
        "editions_with_exact_count": sum(not difference for difference in exact.values()),
        "distractors": _distractors(pages, predicted, matches, counted),
    }
    return ConditionScore(values, counts)


def _without_boxes(what: str, pictures: Sequence[BenchmarkImage]) -> ConditionScore:
    """Return no figures: who sends no box of a category doesn't look for it."""
    there = sum(int(np.count_nonzero(~picture.ignored)) for picture in pictures)
    return ConditionScore({}, {what: len(pictures), "n": there, "told": False})


def _right(
    matches: Sequence[ImageMatches], counted: Sequence[NDArray[np.bool_]], place: int
) -> NDArray[np.int64]:
    pairs = zip(matches, counted, strict=True)
    return np.array([np.count_nonzero(image.right[place] & some) for image, some in pairs])


def _precisions(matches: Sequence[ImageMatches], draws: Draws) -> Values:
    def mean_over(places: slice) -> Callable[[Draws], NDArray[np.float64]]:
        def value(weights: Draws) -> NDArray[np.float64]:
            areas = average_precisions(matches, weights)
            if areas is None:
                return np.full(len(weights), np.nan)
            return np.asarray(areas[:, places].mean(axis=1))

        return value

    return {
        "ap": BootstrapValue.of(mean_over(slice(None)), draws),
        "ap_50": BootstrapValue.of(mean_over(slice(LOOSE, LOOSE + 1)), draws),
    }


def _distractors(
    pages: Sequence[BenchmarkImage],
    predicted: Sequence[PredictedBoxes],
    matches: Sequence[ImageMatches],
    counted: Sequence[NDArray[np.bool_]],
) -> dict[str, Any]:
    """Return how many distractors there are, and how many were reported as photos."""
    there: dict[str, int] = Counter()
    reported: dict[str, int] = Counter()
    for page, boxes, image, some in zip(pages, predicted, matches, counted, strict=True):
        wrong = boxes.boxes[some & ~image.right[LOOSE]]
        for box, kind in zip(page.distractors, page.distractor_kinds, strict=True):
            there[kind] += 1
            reported[kind] += int(_reports(wrong, box[None]))
    return {
        "n": sum(there.values()),
        "reported": sum(reported.values()),
        "by_kind": {k: {"n": there[k], "reported": reported[k]} for k in sorted(there)},
    }


def _reports(wrong: Boxes, distractor: Boxes) -> bool:
    over = overlaps(wrong, distractor, np.array([False])) >= THRESHOLDS[LOOSE]
    inside = overlaps(wrong, distractor, np.array([True])) >= INSIDE
    return bool((over | inside).any())


def _people(
    truth: BenchmarkTruth, condition: str, predictions: SystemPredictions
) -> ConditionScore:
    photos = [p for p in truth.pictures(condition, pages=False) if p.category == PERSON]
    if not (photos and predictions.has_boxes(PERSON)):
        return _without_boxes("photos", photos)
    matches = [match_image(predictions.of(p.id, PERSON), p.boxes, p.ignored) for p in photos]
    counts = {"photos": len(photos), "n": sum(image.there for image in matches), "told": True}
    return ConditionScore(_precisions(matches, draw_sheets(len(photos))), counts)


def _subject(
    truth: BenchmarkTruth, condition: str, predictions: SystemPredictions, subject: str
) -> ConditionScore:
    photos = [
        photo
        for photo in truth.pictures(condition, pages=False)
        if subject in truth.subjects[photo.sheet]
    ]
    shown = np.array([truth.subjects[photo.sheet][subject] for photo in photos], np.bool_)
    counts = {"photos": len(photos), "n": int(np.count_nonzero(shown))}
    read = [(predictions.subjects or {}).get(photo.id, {}).get(subject) for photo in photos]
    if None in read or not photos:
        return ConditionScore({}, {**counts, "told": False})
    probability = np.array(read, np.float64)
    decided = probability >= DECIDED
    counts |= {"told": True, "false": int(np.count_nonzero(decided & ~shown))}
    if not counts["n"]:  # nothing to find: only false alarms can be counted
        return ConditionScore({}, counts)
    draws = draw_sheets(len(photos))
    values = {
        "f1": BootstrapValue.of(
            f1((shown & decided).astype(int), decided.astype(int), shown.astype(int)), draws
        ),
        "ap": BootstrapValue.of(ranking_precision(probability, shown), draws),
    }
    return ConditionScore(values, counts)


@dataclass(frozen=True, slots=True, eq=False)
class BootstrapValue:
    """A figure and what it would be on other sheets like these."""

    value: float | None  # on the sheets themselves; None where it isn't defined
    resamples: NDArray[np.float64]  # on sheets drawn again, shape (RESAMPLES,)

    @classmethod
    def of(cls, statistic: Statistic, draws: Draws) -> BootstrapValue:
        """Compute a figure on the sheets and on sheets drawn again."""
        value = float(statistic(np.ones((1, draws.shape[1])))[0])
        return cls(None if np.isnan(value) else value, statistic(draws))

    def loss_from(self, clean: BootstrapValue) -> BootstrapValue:
        """Return how much lower the figure is than in the clean condition."""
        defined = self.value is not None and clean.value is not None
        value = clean.value - self.value if defined else None  # type: ignore[operator]
        return BootstrapValue(value, clean.resamples - self.resamples)

    def to_json(self) -> dict[str, Any]:
        """Return the value with its 95 % interval, rounded to four digits.

        There is no interval where all draws agree, as where nothing is wrong on any sheet: they
        can't tell what is wrong on others, and an interval without width would say that nothing is.
        """
        defined = self.resamples[~np.isnan(self.resamples)]
        if self.value is None or not defined.size:
            return {"value": None, "interval": None}
        interval = [round(float(edge), 4) for edge in np.percentile(defined, [LOW, HIGH])]
        agree = round(float(defined.min()), 4) == round(float(defined.max()), 4)
        return {"value": round(self.value, 4), "interval": None if agree else interval}


Values = dict[str, BootstrapValue]


def draw_sheets(count: int) -> Draws:
    """Draw sheets again: rows of how often each one came."""
    rng = np.random.default_rng(SEED)
    return rng.multinomial(count, [1 / count] * count, size=RESAMPLES).astype(np.float64)


def f1(right: NDArray[Any], detected: NDArray[Any], there: NDArray[Any]) -> Statistic:
    """Return the statistic F1, given counts for each sheet: 2 right / (found + there)."""

    def value(draws: Draws) -> NDArray[np.float64]:
        total = draws @ (detected + there)
        with np.errstate(invalid="ignore"):
            return np.asarray(2 * (draws @ right) / np.where(total > 0, total, np.nan))

    return value


def share(part: NDArray[Any], whole: NDArray[Any]) -> Statistic:
    """Return the statistic sum of ``part`` over sum of ``whole``, given counts for each sheet."""

    def value(draws: Draws) -> NDArray[np.float64]:
        total = draws @ whole
        return np.asarray((draws @ part) / np.where(total > 0, total, np.nan))

    return value
