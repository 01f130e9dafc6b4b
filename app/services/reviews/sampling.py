"""Selects the photos to review next: by chance, for a second coder, or for adjudication."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from app.errors import InvalidRequest
from app.installation import Installation
from app.services.reviews.agreement import PhotoLocation, coded_photos, photo_locations
from app.services.reviews.reviews import check_measure
from app.services.reviews.sampling_frame import Question, question_frame
from pipelines.statistics.consensus import DERIVED, CoderAnswer, answers_measure, disputed_measures
from pipelines.statistics.measure import stratum
from pipelines.statistics.rounding import rounded
from pipelines.statistics.sampling import Candidate, Draw, SamplingScope, draw, rank

MOST_BUDGET = 1000
"""Largest number of photos that are selected at once."""

METHOD = "strata of the machine's probability, Neyman allocation, by chance within each"

DOUBLE = 0.2
"""Share of the reviewed photos that a second coder is to see as well, 0–1.

Content analysis recodes 10 % or more (Lacy and others 2015, doi 10.1177/1077699015607338).
"""


class SamplingKind(StrEnum):
    """The purpose of the selected photos."""

    DRAW = "draw"
    SECOND = "second"
    DISAGREEMENTS = "disagreements"


@dataclass(frozen=True, slots=True)
class NextPhoto:
    """A photo to review.

    Attributes:
        location: The first page that prints it.
        stratum: Of its probability, 0 to 3.
        probability: The machine's, 0–1.
        token: Is sent back with the review, as proof that the photo was drawn; None if it was not
            drawn just now.
        coders: The coders who have coded it for the measure.
    """

    location: PhotoLocation
    stratum: int
    probability: float
    token: str | None
    coders: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the photo as it is served."""
        return {
            **self.location.to_json(),
            "stratum": self.stratum,
            "probability": round(self.probability, 4),
            "token": self.token,
            "coders": list(self.coders),
        }


@dataclass(frozen=True, slots=True)
class NextReviews:
    """Photos to review in this order.

    Attributes:
        recipe_id: The recipe whose probabilities were used.
        confidence: Level of the foreseen intervals, 0–1.
        question: The question that the photos answer.
        kind: The purpose of the photos.
        photos: The photos.
        draw: The allocation over strata; None unless the photos were drawn.
    """

    recipe_id: str
    confidence: float
    question: Question
    kind: SamplingKind
    photos: tuple[NextPhoto, ...]
    draw: Draw | None

    def to_json(self) -> dict[str, Any]:
        """Return the photos, and how they were drawn, as they are served."""
        draw = self.draw
        return {
            "recipe": self.recipe_id,
            "question": self.question.to_json(),
            "kind": self.kind.value,
            "seed": self.question.seed,
            "method": METHOD if draw else None,
            "n": sum(row.photos for row in draw.strata) if draw else None,
            "half_width": {"before": rounded(draw.before), "after": rounded(draw.after)}
            if draw
            else None,
            "confidence": self.confidence,
            "strata": [asdict(row) | {"spread": rounded(row.spread)} for row in draw.strata]
            if draw
            else None,
            "photos": [photo.to_json() for photo in self.photos],
        }


def next_reviews(
    home: Installation,
    question: Question,
    *,
    budget: int,
    kind: SamplingKind = SamplingKind.DRAW,
    coder: str | None = None,
    double: float = DOUBLE,
) -> NextReviews:
    """Return the photos to review next.

    Args:
        home: The installation.
        question: The share that the reviews estimate.
        budget: Largest number of photos.
        kind: ``draw``: by chance, of the photos that nobody has coded for the measure. ``second``:
            a share, chosen by chance, of the photos that one coder has coded.
            ``disagreements``: the photos that coders disagree on.
        coder: The coder who will review; photos that this coder has coded are omitted.
        double: Share of the coded photos that is to have a second coder, 0–1.

    Raises:
        InvalidRequest: There is no such measure, or its scope's days are in the wrong order.
    """
    recipe = home.recipe
    with home.database.read() as session:
        check_measure(session, question.measure)
        answers = _coded_for(coded_photos(session, recipe, question.editions), question.measure)
        frame = list(question_frame(session, recipe, question, coded=answers))
        drawn = None
        if kind is SamplingKind.DRAW:
            level = recipe.aggregate.confidence
            drawn = draw(frame, budget, salt=_salt(question), confidence=level)
            chosen = [candidate for candidate, _ in drawn.photos]
        else:
            coded = [c for c in frame if c.id in answers and coder not in _coders(answers[c.id])]
            if kind is SamplingKind.SECOND:
                chosen = [c for c in coded if len(_coders(answers[c.id])) == 1]
                chosen = [c for c in chosen if _second_coder_rank(question, c) < double]
            else:
                chosen = [c for c in coded if disputed_measures(answers[c.id])]
            chosen.sort(key=lambda candidate: rank(candidate.key, _salt(question)))
        locations = photo_locations(session, [candidate.id for candidate in chosen[:budget]])
    photos = [
        NextPhoto(
            locations[c.id],
            stratum(c.probability),
            c.probability,
            _token(question, c.id) if kind is SamplingKind.DRAW else None,
            _coders(answers.get(c.id)),
        )
        for c in chosen[:budget]
    ]
    confidence = recipe.aggregate.confidence
    return NextReviews(recipe.id, confidence, question, kind, tuple(photos), drawn)


def drawn_for(token: str, photo_id: int, measure: str | None = None) -> tuple[str, SamplingScope]:
    """Return the measure and the scope that a photo was drawn for and from, by its token.

    A token keeps people from taking a picked photo for a drawn one by mistake. It is a hash of
    its own content, without a secret: it prevents no cheating.

    Args:
        token: From ``next_reviews``.
        photo_id: The photo that the token came with, by the coder's account.
        measure: The measure that the photo was drawn for, by the coder's account; None: any.

    Raises:
        InvalidRequest: The token is not of this photo, or of another measure.
    """
    try:
        body, _ = token.split(".")
        content = json.loads(base64.b64decode(body, altchars=b"-_", validate=True))
        scope = SamplingScope.parse(content["from"])
        drawn, seed = str(content["for"]), int(content["seed"])
    except (
        binascii.Error, ValueError, KeyError, TypeError, AttributeError, OverflowError,
        RecursionError,
    ) as error:  # fmt: skip
        raise InvalidRequest("this is not a token that was given out with a photo") from error
    if token != _token(Question(drawn, scope, seed=seed), photo_id):
        raise InvalidRequest("the token was given out with another photo")
    if measure not in (None, drawn):
        raise InvalidRequest(f"the photo was drawn for {drawn}, not for {measure}")
    return drawn, scope


def _token(question: Question, photo_id: int) -> str:
    content = {"for": question.measure, "from": question.scope.text, "seed": question.seed}
    body = base64.urlsafe_b64encode(json.dumps(content, sort_keys=True).encode()).decode()
    digest = hashlib.blake2b(f"{photo_id}\0{body}".encode(), digest_size=12).hexdigest()
    return f"{body}.{digest}"


def _salt(question: Question) -> str:
    # The scope is part of it: draws from different scopes must not go by the same chance, or one
    # would depend on what the other has left.
    return f"{question.seed}\0{question.measure}\0{question.scope.text}"


def _coded_for(
    photos: Mapping[int, list[CoderAnswer]], measure: str
) -> dict[int, list[CoderAnswer]]:
    """Return the answers for each photo that somebody has coded for a measure."""
    parts = {"leader", "buildings", "focus_facility"} if measure == DERIVED else {measure}
    coded = {}
    for photo_id, answers in photos.items():
        relevant = [answer for answer in answers if answer.measure in parts]
        if answers_measure((answer.measure for answer in relevant), measure):
            coded[photo_id] = relevant
    return coded


def _second_coder_rank(question: Question, candidate: Candidate) -> float:
    """Return a photo's own random number, 0–1, which decides on a second coder."""
    digest = rank(candidate.key, f"second\0{_salt(question)}")
    return int.from_bytes(digest[:6]) / 2**48


def _coders(answers: list[CoderAnswer] | None) -> tuple[str, ...]:
    return tuple(sorted({answer.coder for answer in answers or () if not answer.adjudicates}))
