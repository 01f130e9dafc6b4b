"""Which photos to review next: drawn by chance, for a second coder, or to be adjudicated."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.errors import InvalidRequest
from app.installation import Installation
from app.services.reviews.agreement import PhotoLocation, coded_photos, photo_places
from app.services.reviews.reviews import check_measure
from app.services.reviews.sampling_frame import Question, question_frame
from pipelines.statistics.consensus import DERIVED, CoderAnswer, answers_measure, disputed_measures
from pipelines.statistics.measure import stratum
from pipelines.statistics.sampling import Candidate, Draw, SamplingScope, draw, rank

MOST_BUDGET = 1000
"""Photos that are drawn at once, at most."""

DOUBLE = 0.2
"""Share of the reviewed photos that a second coder is to see as well, 0–1.

Content analysis recodes 10 % or more (Lacy and others 2015, doi 10.1177/1077699015607338).
"""


class SamplingKind(StrEnum):
    """What photos are wanted for."""

    DRAW = "draw"
    SECOND = "second"
    DISAGREEMENTS = "disagreements"


@dataclass(frozen=True, slots=True)
class NextPhoto:
    """A photo to review.

    Attributes:
        place: Where it is printed.
        stratum: Of its probability, 0 to 3.
        probability: The machine's, 0–1.
        token: To be given back with the review, as proof that the photo was drawn; None if it
            was not drawn just now.
        coders: Who has coded it for the measure.
    """

    place: PhotoLocation
    stratum: int
    probability: float
    token: str | None
    coders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NextReviews:
    """Photos to review in this order; ``draw`` says how they were drawn, if they were."""

    question: Question
    kind: SamplingKind
    photos: tuple[NextPhoto, ...]
    draw: Draw | None


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
        question: What is to be known.
        budget: At most so many photos.
        kind: ``draw``: by chance, of those that nobody has coded for the measure. ``second``:
            those that one coder has coded, a share of them that is chosen by chance.
            ``disagreements``: those that coders disagree on.
        coder: Who will review; not what this coder has coded already.
        double: Share of the coded photos that is to have a second coder, 0–1.

    Raises:
        InvalidRequest: There is no such measure.
    """
    with home.database.read() as session:
        check_measure(session, question.measure)
        said = _said(coded_photos(session, home.recipe, question.scope), question.measure)
        frame = list(question_frame(session, home.recipe, question, coded=said))
        drawn = None
        if kind is SamplingKind.DRAW:
            level = home.recipe.aggregate.confidence
            drawn = draw(frame, budget, salt=_salt(question), confidence=level)
            chosen = [candidate for candidate, _ in drawn.photos]
        else:
            coded = [c for c in frame if c.id in said and coder not in _coders(said[c.id])]
            if kind is SamplingKind.SECOND:
                chosen = [c for c in coded if len(_coders(said[c.id])) == 1]
                chosen = [c for c in chosen if _chance(question, c) < double]
            else:
                chosen = [c for c in coded if disputed_measures(said[c.id])]
            chosen.sort(key=lambda candidate: rank(candidate.key, _salt(question)))
        places = photo_places(session, [candidate.id for candidate in chosen[:budget]])
    photos = [
        NextPhoto(
            places[c.id],
            stratum(c.probability),
            c.probability,
            _token(question, c.id) if kind is SamplingKind.DRAW else None,
            _coders(said.get(c.id)),
        )
        for c in chosen[:budget]
    ]
    return NextReviews(question, kind, tuple(photos), drawn)


def drawn_for(token: str, photo_id: int, measure: str | None = None) -> tuple[str, SamplingScope]:
    """Return for which measure, and from which photos, a photo was drawn, given its token.

    Args:
        token: From ``next_reviews``.
        photo_id: The photo that it is said to be of.
        measure: The measure that the photo is said to be drawn for, if it is said.

    A token keeps people from taking a picked photo for a drawn one by mistake. It is a hash of
    what it says, without a secret: it keeps nobody from cheating.

    Raises:
        InvalidRequest: It is not the token of this photo, or of another measure.
    """
    try:
        body, _ = token.split(".")
        kept = json.loads(base64.b64decode(body, altchars=b"-_", validate=True))
        scope, drawn, seed = SamplingScope.parse(kept["from"]), str(kept["for"]), int(kept["seed"])
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
    kept = {"for": question.measure, "from": question.scope.text, "seed": question.seed}
    body = base64.urlsafe_b64encode(json.dumps(kept, sort_keys=True).encode()).decode()
    digest = hashlib.blake2b(f"{photo_id}\0{body}".encode(), digest_size=12).hexdigest()
    return f"{body}.{digest}"


def _salt(question: Question) -> str:
    # The scope is part of it: draws from different scopes must not go by the same chance, or one
    # would depend on what the other has left.
    return f"{question.seed}\0{question.measure}\0{question.scope.text}"


def _said(photos: Mapping[int, list[CoderAnswer]], measure: str) -> dict[int, list[CoderAnswer]]:
    """Return what was said of the photos that somebody has coded for a measure."""
    parts = {"leader", "buildings", "focus_facility"} if measure == DERIVED else {measure}
    found = {}
    for photo_id, said in photos.items():
        of = [a for a in said if a.measure in parts]
        if answers_measure((answer.measure for answer in of), measure):
            found[photo_id] = of
    return found


def _chance(question: Question, candidate: Candidate) -> float:
    """Return a number by chance, 0–1, that is a photo's own: it decides on a second coder."""
    digest = rank(candidate.key, f"second\0{_salt(question)}")
    return int.from_bytes(digest[:6]) / 2**48


def _coders(said: list[CoderAnswer] | None) -> tuple[str, ...]:
    return tuple(sorted({answer.coder for answer in said or () if not answer.adjudicates}))
