"""The exported tables of photos, and of what was seen in them. Faces are in none of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, func, null, select

from app.db.figures import Figure
from app.db.tables import (
    Edition,
    Interpretation,
    Outcome,
    Page,
    Photo,
    Publication,
    Reading,
    SeenCaption,
    SeenDetection,
    SeenFigure,
    SeenLabel,
)
from app.services.catalogue.photos import AREA_SHARE, is_lead
from app.services.exports.schema import (
    PHOTO,
    RECIPE,
    Column,
    Kind,
    Rows,
    Scope,
    TableSpec,
    boolean,
    box,
    digest,
    integer,
    one_of,
    plain,
    raw,
    share,
    under,
    word,
)
from app.services.exports.tables.editions import EDITION, PAGE, POSITION, PUBLICATION
from models.recipe import Recipe
from models.vocabulary import (
    Answer,
    CaptionPlace,
    Facing,
    Row,
    ShotSize,
    Subject,
    ToldBy,
    Verdict,
)
from pipelines.layout import Quadrant

REASONS = "[what, contribution] pairs, strongest first"
PLACED = (Subject.FIREWORKS, Subject.BUILDINGS)
"""Subjects whose places are exported: those that are no persons."""


def _interpreted(recipe: Recipe) -> Any:
    return (Interpretation.photo_id == Photo.id) & under(Interpretation.recipe_id, recipe)


def _read(photo_id: Any, recipe: Recipe) -> Any:
    """Return the condition for what belongs to a photo that is interpreted."""
    found = select(Interpretation.photo_id).where(
        Interpretation.photo_id == photo_id, under(Interpretation.recipe_id, recipe)
    )
    return found.exists()


def _above_fold() -> Any:
    return Photo.y0 + Photo.y1 < Outcome.height


def _quadrant() -> Any:
    left = Photo.x0 + Photo.x1 < Outcome.width
    return case(
        (_above_fold() & left, Quadrant.TOP_LEFT.value),
        (_above_fold(), Quadrant.TOP_RIGHT.value),
        (left, Quadrant.BOTTOM_LEFT.value),
        else_=Quadrant.BOTTOM_RIGHT.value,
    )


def _photos(scope: Scope, recipe: Recipe) -> Rows:
    return (
        select(
            Photo.id,
            Page.id,
            Edition.id,
            Publication.name,
            Edition.edition_date,
            Page.number,
            Photo.position,
            Photo.x0,
            Photo.y0,
            Photo.x1,
            Photo.y1,
            Photo.score,
            AREA_SHARE,
            (Photo.x1 - Photo.x0) / Outcome.width,
            _above_fold(),
            _quadrant(),
            is_lead(),
            plain(Interpretation.verdict),
            Interpretation.leader,
            Interpretation.facility,
            raw(Interpretation.reasons),
            Interpretation.gallery,
            Interpretation.label_set,
        )
        .select_from(Photo)
        .join(Outcome, Photo.outcome_id == Outcome.id)
        .join(Page, Page.scan_id == Outcome.scan_id)
        .join(Edition, Edition.id == Page.edition_id)
        .join(Publication, Publication.id == Edition.publication_id)
        .join(Interpretation, _interpreted(recipe))
        .where(Outcome.observation_id == recipe.observation_id, *scope.editions())
        .order_by(Photo.id, Page.id)
    )


PHOTOS = TableSpec(
    "photos",
    "A photo on a page. One that is printed on two pages is there twice, with the same photo_id.",
    ("photo_id", "page_id"),
    (
        integer("photo_id", "the photo", low=1),
        PAGE,
        EDITION,
        PUBLICATION,
        Column("date", Kind.DATE, "the day that the edition is of"),
        integer("page_number", "page number in the edition, from 1", low=1),
        integer("position", "place in the reading order of its page, from 0"),
        *box("the photo"),
        share("score", "how sure it is that this is a photo"),
        share("area_share", "share of the page's area that it takes"),
        share("width_share", "share of the page's width that it takes"),
        boolean("above_fold", "its middle lies in the upper half of the page"),
        one_of("quadrant", Quadrant, "quarter of the page that its middle lies in"),
        boolean("lead", "it is the largest photo of its page, the first of equals"),
        one_of("focus", Verdict, "what it is composed around"),
        share("focus_leader", "score that the leader is the focus"),
        share("focus_facility", "score that the facility is the focus"),
        Column("focus_reasons", Kind.JSON, f"{REASONS}; a third number: its level"),
        digest("gallery", "names the enrolled figures that were looked for"),
        digest("label_set", "names the researcher's labels it was read for", nullable=True),
        RECIPE,
    ),
    _photos,
)


def _decided(probability: Any, recipe: Recipe) -> Any:
    return probability >= recipe.aggregate.decision


def _subjects(scope: Scope, recipe: Recipe) -> Rows:
    return (
        select(
            Reading.photo_id,
            plain(Reading.subject),
            Reading.probability,
            _decided(Reading.probability, recipe),
            Reading.count,
            Reading.count_low,
            Reading.count_high,
            case((Reading.subject.in_(PLACED), raw(Reading.places)), else_=null()),
        )
        .where(under(Reading.recipe_id, recipe), *scope.photos(Reading.photo_id.expression))
        .order_by(Reading.photo_id, Reading.recipe_id, Reading.subject)
    )


DECIDED = boolean("decided", "the probability reaches the recipe's decision threshold")
SUBJECTS = TableSpec(
    "subjects",
    "Whether a photo shows a subject of the codebook; five rows a photo.",
    ("photo_id", "subject"),
    (
        PHOTO,
        one_of("subject", Subject, "what may be shown"),
        share("probability", "calibrated, that it is shown"),
        DECIDED,
        integer("count", "how many; for people, crowd and children", nullable=True),
        integer("count_low", "nine times out of ten there are no fewer", nullable=True),
        integer("count_high", "nine times out of ten there are no more", nullable=True),
        Column(
            "places",
            Kind.JSON,
            "boxes [x0, y0, x1, y1] round fireworks and buildings, never persons",
            unit="pixels of the page",
            nullable=True,
        ),
        RECIPE,
    ),
    _subjects,
)


def _labels(scope: Scope, recipe: Recipe) -> Rows:
    return (
        select(
            SeenLabel.photo_id,
            SeenLabel.label,
            SeenLabel.probability,
            _decided(SeenLabel.probability, recipe),
        )
        .where(under(SeenLabel.recipe_id, recipe), *scope.photos(SeenLabel.photo_id.expression))
        .order_by(SeenLabel.photo_id, SeenLabel.recipe_id, SeenLabel.label)
    )


LABELS = TableSpec(
    "labels",
    "Whether a photo shows what a label stands for, a built-in or a researcher's own one.",
    ("photo_id", "label"),
    (
        PHOTO,
        word("label", "what may be shown"),
        share("probability", "calibrated, that it is shown"),
        DECIDED,
        RECIPE,
    ),
    _labels,
)

SHOWN = (
    SeenFigure.body_x0,
    SeenFigure.body_y0,
    SeenFigure.body_x1,
    SeenFigure.body_y1,
    SeenFigure.body_found,
    SeenFigure.area_share,
    SeenFigure.face_share,
    SeenFigure.centrality,
    SeenFigure.size_rank,
    SeenFigure.people_beside,
    plain(SeenFigure.row),
    plain(SeenFigure.shot_size),
    plain(SeenFigure.facing),
)


def _sightings(scope: Scope, recipe: Recipe) -> Rows:
    return (
        select(
            SeenFigure.photo_id,
            SeenFigure.figure_id,
            Figure.name,
            SeenFigure.probability,
            plain(SeenFigure.answer),
            plain(SeenFigure.told_by),
            SeenFigure.x0,
            SeenFigure.y0,
            SeenFigure.x1,
            SeenFigure.y1,
            *SHOWN,
            raw(SeenFigure.reasons),
        )
        .join(Figure, Figure.id == SeenFigure.figure_id)
        .where(under(SeenFigure.recipe_id, recipe), *scope.photos(SeenFigure.photo_id.expression))
        .order_by(SeenFigure.photo_id, SeenFigure.recipe_id, SeenFigure.figure_id)
    )


SIGHTINGS = TableSpec(
    "sightings",
    "An enrolled figure in a photo, and how the figure is shown.",
    ("photo_id", "figure_id"),
    (
        PHOTO,
        integer("figure_id", "the figure: joins with figures", low=1),
        word("figure", "name of the figure", free=True),
        share("probability", "calibrated, that it is the figure"),
        one_of("answer", Answer, "whether that is sure"),
        one_of("told_by", ToldBy, "what the figure was told by"),
        *box("the figure's face"),
        *box("what is visible of the figure", "body_", nullable=True),
        boolean("body_found", "the body was detected, not put by the face", nullable=True),
        share("area_share", "the body's share of the photo's area", nullable=True),
        share("face_share", "height of the head over that of the body", nullable=True),
        share("centrality", "1 in the middle of the photo, 0 at its edge", nullable=True),
        integer("size_rank", "1: nobody in the photo is larger", low=1, nullable=True),
        integer("people_beside", "how many others the photo shows", nullable=True),
        one_of("row", Row, "third of the people that the figure stands in", nullable=True),
        one_of("shot_size", ShotSize, "how much of the figure is framed", nullable=True),
        one_of("facing", Facing, "where the figure turns the face", nullable=True),
        Column("reasons", Kind.JSON, REASONS),
        RECIPE,
    ),
    _sightings,
)


def _detections(scope: Scope, recipe: Recipe) -> Rows:
    return (
        select(
            SeenDetection.photo_id,
            SeenDetection.position,
            SeenDetection.label,
            SeenDetection.score,
            SeenDetection.x0,
            SeenDetection.y0,
            SeenDetection.x1,
            SeenDetection.y1,
        )
        .where(
            _read(SeenDetection.photo_id, recipe), *scope.photos(SeenDetection.photo_id.expression)
        )
        .order_by(SeenDetection.photo_id, SeenDetection.position)
    )


DETECTIONS = TableSpec(
    "detections",
    "A person or a thing that was seen in a photo. Persons have no name here, and no age.",
    ("photo_id", "position"),
    (
        PHOTO,
        POSITION,
        word("label", "what was seen, person for instance"),
        share("score", "the detector's own confidence"),
        *box("it"),
        RECIPE,
    ),
    _detections,
)


def _captions(scope: Scope, recipe: Recipe) -> Rows:
    return (
        select(
            SeenCaption.photo_id,
            plain(SeenCaption.place),
            SeenCaption.text.is_not(None),
            func.nullif(SeenCaption.text, ""),
            SeenCaption.x0,
            SeenCaption.y0,
            SeenCaption.x1,
            SeenCaption.y1,
        )
        .where(_read(SeenCaption.photo_id, recipe), *scope.photos(SeenCaption.photo_id.expression))
        .order_by(SeenCaption.photo_id)
    )


CAPTIONS = TableSpec(
    "captions",
    "The caption of a photo.",
    ("photo_id",),
    (
        PHOTO,
        one_of("place", CaptionPlace, "where it stands"),
        boolean("read", "its text was read"),
        word("text", "what it says; missing: not read, or nothing made out", nullable=True,
            free=True),
        *box("the text"),
        RECIPE,
    ),
    _captions,
)  # fmt: skip
