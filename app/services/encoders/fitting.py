"""Fits readers to people's answers with a user's image encoder beside ours, and compares both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from presslens.app.installation import Installation
from presslens.app.services.encoders.answered_photos import EncodedAnswers, encoded_answers
from presslens.app.services.labels.teaching import LEAST
from presslens.models.encoders.own import add_readers
from presslens.models.encoders.readers import BESIDE, EncodedReader, EncodedReaders, log_odds
from presslens.models.encoders.stacking import AnsweredPhotos, EncodedComparison, compare, fit
from presslens.models.errors import InvalidEncoder
from presslens.models.labels.training import folds_of_pictures, learn
from presslens.models.message import Message
from presslens.models.recipe import EncoderRules, Recipe
from presslens.pipelines.progress import OnStep
from presslens.pipelines.result import Served

TOO_FEW = Message(
    "answer for more photos: %(least)s with it and %(least)s without it, in three editions or more",
    least=LEAST,
)
NO_BETTER = Message("no better on left-out editions than what ships")
WORSE_ELSEWHERE = Message("better on left-out editions, but not on left-out newspapers")


@dataclass(frozen=True, slots=True)
class FittedMeasure(Served):
    """A measure, and how well photos are told without an encoder and with it."""

    measure: str  # a subject, or ``label:`` with a name
    photos: int  # photos that people have answered for, and the encoder has seen
    positive: int  # how many of them show it
    by_edition: EncodedComparison | None  # editions left out; None where they are too few
    by_newspaper: EncodedComparison | None  # newspapers left out; None where they are too few
    used: bool  # the new readers read it with the encoder
    reason: str | None  # why not; None if they do


@dataclass(frozen=True, slots=True)
class FittedEncoder(Served):
    """What came of fitting readers with an encoder."""

    encoder: str  # name of its weight file
    readers: str | None  # name of the readers' file; None where the encoder helps with no measure
    measures: tuple[FittedMeasure, ...]

    @property
    def helps(self) -> list[str]:
        """The measures that are read with the encoder."""
        return [one.measure for one in self.measures if one.used]


def fit_encoder(
    home: Installation,
    rules: EncoderRules,
    recipe: Recipe,
    *,
    progress: OnStep = lambda _measure: None,
) -> tuple[FittedEncoder, EncoderRules]:
    """Fit readers, store those that help, and return the result and the rules with them.

    Args:
        home: The installation.
        rules: The encoder.
        recipe: The recipe with the encoder.
        progress: Called with each measure before it is fitted.

    Raises:
        InvalidEncoder: Nobody has answered for a photo that the encoder has seen.
        ModelUnavailable: Weights of ours are missing.
    """
    answers = encoded_answers(home, recipe)
    if answers is None:
        raise InvalidEncoder(
            "nobody has answered for photos of the archive yet: readers are fitted to people's"
            " answers, see `presslens samples draw`"
        )
    readers: list[EncodedReader] = []
    measures = []
    for measure, photos, counts in _measures(answers):
        progress(measure)
        fitted, reader = _fitted(measure, photos, counts, answers)
        measures.append(fitted)
        readers += [] if reader is None else [reader]
    if not readers:
        return FittedEncoder(rules.network, None, tuple(measures)), rules
    ours = {name: recipe.hashes[name] for name in BESIDE}
    content = EncodedReaders(recipe.encoding_id or "", ours, answers.standard, readers).to_bytes()
    number = len({i for shows in answers.answers.values() for i in shows})
    origin = f"Fitted here with {rules.network} to people's answers on {number} photos"
    stored = add_readers(home.settings.encoders_dir, rules, content, origin)
    return FittedEncoder(rules.network, stored.readers, tuple(measures)), stored


@dataclass(frozen=True, slots=True, eq=False)
class _Grouped:
    """Photos with answers, left out by editions and by newspapers."""

    by_edition: AnsweredPhotos
    newspaper: NDArray[np.int64]


def _measures(
    answers: EncodedAnswers,
) -> Iterator[tuple[str, _Grouped | None, tuple[int, int]]]:
    """Yield measures with their photos, None where they are too few, and their numbers."""
    for measure, shows in sorted(answers.answers.items()):
        at = np.array(sorted(shows))
        y = np.array([shows[i] for i in at], np.bool_)
        counts = len(y), int(y.sum())
        edition = answers.edition[at]
        enough = min(counts[1], len(y) - counts[1]) >= LEAST and len(set(edition)) > 2
        odds = _odds(measure, at, y, edition, answers) if enough else None
        if odds is None:
            yield measure, None, counts
            continue
        photos = AnsweredPhotos(odds, answers.encodings[at], y, edition)
        yield measure, _Grouped(photos, answers.newspaper[at]), counts


def _odds(
    measure: str,
    at: NDArray[np.int64],
    y: NDArray[np.bool_],
    group: NDArray[np.int64],
    answers: EncodedAnswers,
) -> NDArray[np.float64] | None:
    """Return the log odds of ours, by readers that never saw the photos; None without any.

    The user's own labels are learnt from these answers: here, from those of other editions.
    """
    if measure in answers.ours:
        return log_odds(np.array([answers.ours[measure][i] for i in at]))
    fold = folds_of_pictures(y, group)
    if measure not in answers.versions or fold is None:
        return None
    return log_odds(learn(answers.features[at].astype(np.float64), y, fold).probability)


def _fitted(
    measure: str, photos: _Grouped | None, counts: tuple[int, int], answers: EncodedAnswers
) -> tuple[FittedMeasure, EncodedReader | None]:
    """Return how a measure fares with the encoder, and its reader if the encoder helps."""
    by_edition = None if photos is None else compare(photos.by_edition)
    if photos is None or by_edition is None:
        return FittedMeasure(measure, *counts, None, None, False, TOO_FEW), None
    of = photos.by_edition
    elsewhere = compare(AnsweredPhotos(of.ours, of.encodings, of.shows, photos.newspaper))
    reason = None
    if not by_edition.is_better:
        reason = NO_BETTER
    elif elsewhere is not None and elsewhere.gain <= 0:
        reason = WORSE_ELSEWHERE
    result = FittedMeasure(measure, *counts, by_edition, elsewhere, reason is None, reason)
    if reason is not None:
        return result, None
    return result, fit(measure, of, version=answers.versions.get(measure, ""))
