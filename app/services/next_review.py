"""Which photos to review next: drawn by chance, for a second coder, or to be adjudicated."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import ColumnElement, ScalarSelect, Select, case, func, select
from sqlalchemy.orm import Session

from app.db.reviews import SettledAnswer
from app.db.tables import (
    Edition,
    Figure,
    Interpretation,
    Outcome,
    Page,
    Photo,
    Publication,
    Reading,
    Scan,
    SeenFigure,
    SeenLabel,
)
from app.errors import InvalidRequest
from app.installation import Installation
from app.services.coding import PhotoPlace, coded_photos, in_scope, photo_places
from app.services.photos import AREA_SHARE, is_lead
from app.services.reviews import check_measure
from models.faces.gallery import LEADER
from models.recipe import Recipe
from pipelines.statistics.coding import DERIVED, Coded, answers_measure, disagreed
from pipelines.statistics.measure import FIGURE, LABEL, Weight, Zone, stratum
from pipelines.statistics.sampling import Candidate, Draw, Scope, draw, rank

MOST_BUDGET = 1000
"""Photos that are drawn at once, at most."""

DOUBLE = 0.2
"""Share of the reviewed photos that a second coder is to see as well, 0–1.

Content analysis recodes 10 % or more (Lacy and others 2015, doi 10.1177/1077699015607338).
"""


class Kind(StrEnum):
    """What photos are wanted for."""

    DRAW = "draw"
    SECOND = "second"
    DISAGREEMENTS = "disagreements"


@dataclass(frozen=True, slots=True)
class Question:
    """The share whose interval is to become narrow.

    Attributes:
        measure: What it is a share of.
        scope: The photos that it is about.
        weight: How each counts.
        seed: Another one gives another order of photos.
    """

    measure: str
    scope: Scope = field(default_factory=Scope)
    weight: Weight = Weight.COUNT
    seed: int = 0


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

    place: PhotoPlace
    stratum: int
    probability: float
    token: str | None
    coders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NextReviews:
    """Photos to review in this order; ``draw`` says how they were drawn, if they were."""

    question: Question
    kind: Kind
    photos: tuple[NextPhoto, ...]
    draw: Draw | None


def next_reviews(
    home: Installation,
    question: Question,
    *,
    budget: int,
    kind: Kind = Kind.DRAW,
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
        frame = list(_frame(session, home.recipe, question, said))
        drawn = None
        if kind is Kind.DRAW:
            level = home.recipe.aggregate.confidence
            drawn = draw(frame, budget, salt=_salt(question), confidence=level)
            chosen = [candidate for candidate, _ in drawn.photos]
        else:
            wanted = _second(question, said, double) if kind is Kind.SECOND else _disputed(said)
            chosen = [c for c in frame if c.id in wanted and coder not in _coders(said.get(c.id))]
            chosen.sort(key=lambda candidate: rank(candidate.key, _salt(question)))
        places = photo_places(session, [candidate.id for candidate in chosen[:budget]])
    photos = [
        NextPhoto(
            places[c.id],
            stratum(c.probability),
            c.probability,
            _token(question, c.id) if kind is Kind.DRAW else None,
            _coders(said.get(c.id)),
        )
        for c in chosen[:budget]
    ]
    return NextReviews(question, kind, tuple(photos), drawn)


def drawn_scope(token: str, photo_id: int, measure: str) -> Scope:
    """Return from which photos a photo was drawn for a measure, given the token of the draw.

    A token keeps people from taking a picked photo for a drawn one by mistake. It is a hash of
    what it says, without a secret: it keeps nobody from cheating.

    Raises:
        InvalidRequest: It is not the token of this photo and measure.
    """
    try:
        body, _ = token.split(".")
        kept = json.loads(base64.b64decode(body, altchars=b"-_", validate=True))
        scope, seed = Scope.parse(kept["from"]), int(kept["seed"])
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError, RecursionError) as e:
        raise InvalidRequest("this is not a token that /reviews/next has given out") from e
    if token != _token(Question(measure, scope, seed=seed), photo_id):
        raise InvalidRequest(f"the photo was not drawn for {measure} with this token")
    return scope


def _token(question: Question, photo_id: int) -> str:
    kept = json.dumps({"from": question.scope.text, "seed": question.seed}, sort_keys=True)
    body = base64.urlsafe_b64encode(kept.encode()).decode()
    said = f"{question.measure}\0{photo_id}\0{body}"
    return f"{body}.{hashlib.blake2b(said.encode(), digest_size=12).hexdigest()}"


def _salt(question: Question) -> str:
    # The scope is part of it: draws from different scopes must not go by the same chance, or one
    # would depend on what the other has left.
    return f"{question.seed}\0{question.measure}\0{question.scope.text}"


def _said(photos: Mapping[int, list[Coded]], measure: str) -> dict[int, list[Coded]]:
    """Return what was said of the photos that somebody has coded for a measure."""
    parts = {"leader", "buildings", "focus_facility"} if measure == DERIVED else {measure}
    found = {}
    for photo_id, said in photos.items():
        of = [a for a in said if a.measure in parts]
        if answers_measure((answer.measure for answer in of), measure):
            found[photo_id] = of
    return found


def _second(question: Question, said: Mapping[int, list[Coded]], double: float) -> set[int]:
    """Return the photos of one coder that a second one is to see: a share by chance."""
    salt = f"second\0{_salt(question)}"
    return {
        photo_id
        for photo_id, answers in said.items()
        if len(_coders(answers)) == 1
        and int.from_bytes(rank(str(photo_id), salt)[:8]) < double * 2**64
    }


def _disputed(said: Mapping[int, list[Coded]]) -> set[int]:
    return {photo_id for photo_id, answers in said.items() if disagreed(answers)}


def _coders(said: list[Coded] | None) -> tuple[str, ...]:
    return tuple(sorted({answer.coder for answer in said or () if not answer.adjudicates}))


def _frame(
    session: Session, recipe: Recipe, question: Question, said: Mapping[int, list[Coded]]
) -> Iterator[Candidate]:
    """Yield the photos that a question is about; one that is printed twice weighs twice."""
    drawn = {
        row.photo_id: Scope.parse(row.drawn_from or "{}").covers(question.scope)
        for row in session.scalars(
            select(SettledAnswer).where(
                SettledAnswer.measure == question.measure, SettledAnswer.drawn
            )
        )
    }
    for row in session.execute(_photos(recipe, question)):
        if row.probability is None:
            continue
        state = "open" if row.id not in said else "drawn" if drawn.get(row.id) else "closed"
        yield Candidate(
            row.id,
            f"{row.sha256}:{row.frame}:{row.position}",
            float(row.probability),
            float(row.area if question.weight is Weight.AREA else row.times),
            state,
        )


def _photos(
    recipe: Recipe, question: Question
) -> Select[int, str, int, int, float | None, float, int]:
    here = (Interpretation.photo_id == Photo.id) & (Interpretation.recipe_id == recipe.id)
    return (
        select(
            Photo.id,
            Scan.sha256,
            Scan.frame,
            Photo.position,
            func.max(_probability(question.measure)).label("probability"),
            func.sum(AREA_SHARE).label("area"),
            func.count().label("times"),
        )
        .join(Outcome, Photo.outcome_id == Outcome.id)
        .join(Scan, Scan.id == Outcome.scan_id)
        .join(Page, Page.scan_id == Outcome.scan_id)
        .join(Edition, Edition.id == Page.edition_id)
        .join(Publication, Publication.id == Edition.publication_id)
        .join(Interpretation, here)
        .where(Outcome.observation_id == recipe.observation_id)
        .where(*in_scope(question.scope), *_in_zone(question.scope.zone))
        .group_by(Photo.id, Scan.sha256, Scan.frame, Photo.position)
        .order_by(Photo.id)
    )


def _in_zone(zone: Zone) -> Iterator[ColumnElement[bool]]:
    if zone is Zone.FRONT:
        yield Page.number == 1
    elif zone is Zone.INSIDE:
        yield Page.number != 1
    elif zone is Zone.ABOVE_FOLD:
        yield (Photo.y0 + Photo.y1) / 2 < Outcome.height / 2
    elif zone is Zone.LEAD:
        yield is_lead()


def _probability(measure: str) -> ColumnElement[float]:
    """Return how probable a measure is, as ``measure.probabilities`` has it; NULL: not read for."""
    if measure == DERIVED:
        buildings = _reading("buildings")
        # Not max(): PostgreSQL takes that for an aggregate, SQLite greatest() for unknown.
        facility = Interpretation.facility
        setting = case((buildings > facility, buildings), else_=facility)
        return _sighted(Figure.role == LEADER.value) * setting
    if measure == "leader":
        return _sighted(Figure.role == LEADER.value)
    if measure.startswith(FIGURE):
        return _sighted(Figure.name == measure.removeprefix(FIGURE))
    if measure.startswith(LABEL):
        return _label(measure.removeprefix(LABEL)).expression
    neither = 1.0 - Interpretation.leader - Interpretation.facility
    focus: dict[str, ColumnElement[float]] = {
        "focus_leader": Interpretation.leader.expression,
        "focus_facility": Interpretation.facility.expression,
        "focus_neither": case((neither > 0, neither), else_=0.0),
    }
    return focus[measure] if measure in focus else _reading(measure)


def _reading(subject: str) -> ScalarSelect[float]:
    return (
        select(Reading.probability)
        .where(
            Reading.photo_id == Interpretation.photo_id,
            Reading.recipe_id == Interpretation.recipe_id,
            Reading.subject == subject,
        )
        .correlate(Interpretation)
        .scalar_subquery()
    )


def _label(name: str) -> ScalarSelect[float]:
    return (
        select(SeenLabel.probability)
        .where(
            SeenLabel.photo_id == Interpretation.photo_id,
            SeenLabel.recipe_id == Interpretation.recipe_id,
            SeenLabel.label == name,
        )
        .correlate(Interpretation)
        .scalar_subquery()
    )


def _sighted(of: ColumnElement[bool]) -> ColumnElement[float]:
    highest = (
        select(func.max(SeenFigure.probability))
        .join(Figure, Figure.id == SeenFigure.figure_id)
        .where(
            SeenFigure.photo_id == Interpretation.photo_id,
            SeenFigure.recipe_id == Interpretation.recipe_id,
            of,
        )
        .correlate(Interpretation)
        .scalar_subquery()
    )
    return func.coalesce(highest, 0.0)
