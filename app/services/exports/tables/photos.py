"""The exported tables of photos, their observations and interpretations. None has faces."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, func, literal, null, or_, select

from presslens.app.db.figures import FigureRow
from presslens.app.db.queries import EditionScope, RowQuery, printed_photos
from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.db.tables import (
    CaptionRow,
    DetectionRow,
    EditionRow,
    InterpretationRow,
    LabelReadingRow,
    OutcomeRow,
    PageRow,
    PhotoRow,
    PublicationRow,
    SightingRow,
    SubjectReadingRow,
)
from presslens.app.services.catalogue.reprints import earliest_print
from presslens.app.services.exports.schema import (
    FRAME,
    PHOTO,
    RECIPE,
    Column,
    ColumnType,
    TableSpec,
    as_text,
    boolean,
    box,
    digest,
    integer,
    json_text,
    of_recipe,
    one_of,
    share,
    string,
)
from presslens.app.services.exports.tables.editions import EDITION, PAGE, POSITION
from presslens.app.services.exports.tables.publications import PUBLICATION
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import (
    Answer,
    CaptionPlace,
    DepthRow,
    Facing,
    Focus,
    ShotSize,
    SightingEvidence,
    Subject,
    TextSource,
)
from presslens.pipelines.statistics.layout import Quadrant
from presslens.pipelines.statistics.measure import FIGURE

REASONS = "[what, contribution] pairs, strongest first"
PLACED = (Subject.FIREWORKS, Subject.BUILDINGS)
"""Subjects whose places are exported: those that are no persons."""


def _interpreted(recipe: Recipe) -> Any:
    return (InterpretationRow.photo_id == PhotoRow.id) & of_recipe(
        InterpretationRow.recipe_id, recipe
    )


def is_read(photo_id: Any, recipe: Recipe) -> Any:
    """Return the condition for rows of interpreted photos."""
    interpretation = select(InterpretationRow.photo_id).where(
        InterpretationRow.photo_id == photo_id, of_recipe(InterpretationRow.recipe_id, recipe)
    )
    return interpretation.exists()


def _photos(scope: EditionScope, recipe: Recipe) -> RowQuery:
    return (
        printed_photos(
            recipe,
            PhotoRow.id,
            PageRow.id,
            PhotoRow.frame_id,
            EditionRow.id,
            PublicationRow.name,
            EditionRow.edition_date,
            PageRow.number,
            PhotoRow.position,
            PhotoRow.x0,
            PhotoRow.y0,
            PhotoRow.x1,
            PhotoRow.y1,
            PhotoRow.score,
            PhotoRow.area_share,
            (PhotoRow.x1 - PhotoRow.x0) / OutcomeRow.width,
            PhotoRow.above_fold,
            as_text(PhotoRow.quadrant),
            PhotoRow.is_lead,
            PhotoRow.by_hand,
            as_text(InterpretationRow.verdict),
            InterpretationRow.leader,
            InterpretationRow.facility,
            json_text(InterpretationRow.reasons),
            InterpretationRow.gallery,
            InterpretationRow.label_set,
            earliest_print(recipe, scope, listed=True),
        )
        .outerjoin(InterpretationRow, _interpreted(recipe))
        .where(or_(InterpretationRow.photo_id.is_not(None), PhotoRow.by_hand), *scope.conditions())
        .order_by(PhotoRow.id, PageRow.id)
    )


PHOTOS = TableSpec(
    "photos",
    "A photo on a page, as people have corrected what was found. One that is printed on two pages"
    " is there twice, with the same photo_id.",
    ("photo_id", "page_id"),
    (
        integer("photo_id", "the photo: joins the tables of one export", low=1),
        PAGE,
        FRAME,
        EDITION,
        PUBLICATION,
        Column("date", ColumnType.DATE, "the day that the edition is of"),
        integer("page_number", "page number in the edition, from 1", low=1),
        integer("position", "place in the reading order of its page, from 0"),
        *box("the photo"),
        share("score", "how sure it is that this is a photo"),
        share("area_share", "share of the page's area that it takes"),
        share("width_share", "share of the page's width that it takes"),
        boolean("above_fold", "its middle lies in the upper half of the page"),
        one_of("quadrant", Quadrant, "quarter of the page that its middle lies in"),
        boolean("lead", "it is the largest photo of its page, the first of equals"),
        boolean("by_hand", "a person has drawn it"),
        one_of(
            "focus",
            Focus,
            "what it is composed around; missing until a drawn photo was looked at",
            nullable=True,
        ),
        share("focus_leader", "score that the leader is the focus", nullable=True),
        share("focus_facility", "score that the facility is the focus", nullable=True),
        Column(
            "focus_reasons",
            ColumnType.ARRAY,
            f"{REASONS}; a third number: its level",
            nullable=True,
        ),
        digest("gallery", "hash of the enrolled figures that it was searched for", nullable=True),
        digest("label_set", "hash of the researcher's labels that it was read for", nullable=True),
        integer(
            "reprint_of",
            "the earliest exported photo that it is a reprint of; missing of a first print: rows"
            " without it are counts without reprints",
            low=1,
            nullable=True,
            joins=("photos", "photo_id"),
        ),
        RECIPE,
    ),
    _photos,
)


def _removed(scope: EditionScope, recipe: Recipe) -> RowQuery:
    columns = (
        PhotoRow.id, PageRow.id, PhotoRow.frame_id, PhotoRow.position, PhotoRow.x0,
        PhotoRow.y0, PhotoRow.x1, PhotoRow.y1, PhotoRow.score, PhotoRow.area_share,
        PhotoRow.above_fold, as_text(PhotoRow.quadrant), PhotoRow.is_lead,
    )  # fmt: skip
    return (
        select(*columns)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.removed_from_id)
        .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
        .join(EditionRow, EditionRow.id == PageRow.edition_id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(
            OutcomeRow.observation_id == recipe.observation_id,
            ~PhotoRow.by_hand,
            *scope.conditions(),
        )
        .order_by(PhotoRow.id, PageRow.id)
    )


REMOVED_PHOTOS = TableSpec(
    "removed_photos",
    "What the machine took for a photo, and people have removed or replaced: no number counts it.",
    ("photo_id", "page_id"),
    (
        integer("photo_id", "what was found; no row of photos has it", low=1),
        PAGE,
        FRAME,
        integer("position", "place in the reading order of its page, from 0"),
        *box("what was found"),
        share("score", "how sure the machine is that this is a photo"),
        share("area_share", "share of the page's area that it takes"),
        boolean("above_fold", "its middle lies in the upper half of the page"),
        one_of("quadrant", Quadrant, "quarter of the page that its middle lies in"),
        boolean("lead", "it was the largest photo of its page"),
    ),
    _removed,
)


def _decided(probability: Any, recipe: Recipe) -> Any:
    return probability >= recipe.aggregate.decision


def _subjects(scope: EditionScope, recipe: Recipe) -> RowQuery:
    return (
        select(
            SubjectReadingRow.photo_id,
            as_text(SubjectReadingRow.subject),
            SubjectReadingRow.probability,
            _decided(SubjectReadingRow.probability, recipe),
            SubjectReadingRow.count,
            SubjectReadingRow.count_low,
            SubjectReadingRow.count_high,
            case(
                (SubjectReadingRow.subject.in_(PLACED), json_text(SubjectReadingRow.places)),
                else_=null(),
            ),
        )
        .where(
            of_recipe(SubjectReadingRow.recipe_id, recipe),
            *scope.photos(SubjectReadingRow.photo_id.expression),
        )
        .order_by(
            SubjectReadingRow.photo_id, SubjectReadingRow.recipe_id, SubjectReadingRow.subject
        )
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
        integer(
            "count_low",
            "lower end of the interval of count, which is to hold the number of people nine times"
            " out of ten; of children: the same interval times their share",
            nullable=True,
        ),
        integer("count_high", "its upper end", nullable=True),
        Column(
            "places",
            ColumnType.ARRAY,
            "boxes [x0, y0, x1, y1] round fireworks and buildings, never persons",
            unit="pixels of the page",
            nullable=True,
        ),
        RECIPE,
    ),
    _subjects,
)


def _labels(scope: EditionScope, recipe: Recipe) -> RowQuery:
    return (
        select(
            LabelReadingRow.photo_id,
            LabelReadingRow.label,
            LabelReadingRow.probability,
            _decided(LabelReadingRow.probability, recipe),
        )
        .where(
            of_recipe(LabelReadingRow.recipe_id, recipe),
            *scope.photos(LabelReadingRow.photo_id.expression),
        )
        .order_by(LabelReadingRow.photo_id, LabelReadingRow.recipe_id, LabelReadingRow.label)
    )


LABELS = TableSpec(
    "labels",
    "Whether a photo shows what a label stands for, a built-in or a researcher's own one.",
    ("photo_id", "label"),
    (
        PHOTO,
        string("label", "what may be shown"),
        share("probability", "calibrated, that it is shown"),
        DECIDED,
        RECIPE,
    ),
    _labels,
)

SHOWN = (
    SightingRow.body_x0,
    SightingRow.body_y0,
    SightingRow.body_x1,
    SightingRow.body_y1,
    SightingRow.body_found,
    SightingRow.area_share,
    SightingRow.face_share,
    SightingRow.centrality,
    SightingRow.size_rank,
    SightingRow.people_beside,
    as_text(SightingRow.row),
    as_text(SightingRow.shot_size),
    as_text(SightingRow.facing),
)


def _sightings(scope: EditionScope, recipe: Recipe) -> RowQuery:
    return (
        select(
            SightingRow.photo_id,
            SightingRow.figure_id,
            FigureRow.name,
            SightingRow.probability,
            as_text(SightingRow.answer),
            as_text(SightingRow.told_by),
            SightingRow.x0,
            SightingRow.y0,
            SightingRow.x1,
            SightingRow.y1,
            *SHOWN,
            json_text(SightingRow.reasons),
            SettledAnswerRow.shows,
        )
        .join(FigureRow, FigureRow.id == SightingRow.figure_id)
        .outerjoin(
            SettledAnswerRow,
            (SettledAnswerRow.photo_id == SightingRow.photo_id)
            & (SettledAnswerRow.measure == literal(FIGURE).concat(FigureRow.name)),
        )
        .where(
            of_recipe(SightingRow.recipe_id, recipe), *scope.photos(SightingRow.photo_id.expression)
        )
        .order_by(SightingRow.photo_id, SightingRow.recipe_id, SightingRow.figure_id)
    )


SIGHTINGS = TableSpec(
    "sightings",
    "An enrolled figure in a photo, and how the figure is shown.",
    ("photo_id", "figure_id"),
    (
        PHOTO,
        integer(
            "figure_id", "the figure: joins with figures", low=1, joins=("figures", "figure_id")
        ),
        string("figure", "name of the figure", free_text=True),
        share("probability", "calibrated, that it is the figure"),
        one_of("answer", Answer, "whether that is sure"),
        one_of("told_by", SightingEvidence, "what the figure was recognised by"),
        *box("the figure's face"),
        *box("what is visible of the figure", "body_", nullable=True),
        boolean("body_found", "the body was detected, not put by the face", nullable=True),
        share("area_share", "the body's share of the photo's area", nullable=True),
        share("face_share", "height of the head over that of the body", nullable=True),
        share("centrality", "1 in the middle of the photo, 0 at its edge", nullable=True),
        integer("size_rank", "1: nobody in the photo is larger", low=1, nullable=True),
        integer("people_beside", "how many others the photo shows", nullable=True),
        one_of("row", DepthRow, "third of the people that the figure stands in", nullable=True),
        one_of("shot_size", ShotSize, "how much of the figure is framed", nullable=True),
        one_of("facing", Facing, "where the figure turns the face", nullable=True),
        Column("reasons", ColumnType.ARRAY, REASONS),
        boolean(
            "settled",
            "people say that it is the figure, or is not; missing: the machine's stands",
            nullable=True,
        ),
        RECIPE,
    ),
    _sightings,
)


def _detections(scope: EditionScope, recipe: Recipe) -> RowQuery:
    return (
        select(
            DetectionRow.photo_id,
            DetectionRow.position,
            DetectionRow.label,
            DetectionRow.score,
            DetectionRow.x0,
            DetectionRow.y0,
            DetectionRow.x1,
            DetectionRow.y1,
        )
        .where(
            is_read(DetectionRow.photo_id, recipe), *scope.photos(DetectionRow.photo_id.expression)
        )
        .order_by(DetectionRow.photo_id, DetectionRow.position)
    )


DETECTIONS = TableSpec(
    "detections",
    "A detection of a person or a thing in a photo. Persons have no name here, and no age.",
    ("photo_id", "position"),
    (
        PHOTO,
        POSITION,
        string("label", "class of the detection, person for instance"),
        share("score", "the detector's own confidence"),
        *box("it"),
        RECIPE,
    ),
    _detections,
)


def _captions(scope: EditionScope, recipe: Recipe) -> RowQuery:
    return (
        select(
            CaptionRow.photo_id,
            as_text(CaptionRow.place),
            CaptionRow.text.is_not(None),
            func.nullif(CaptionRow.text, ""),
            as_text(CaptionRow.source),
            CaptionRow.confidence,
            CaptionRow.x0,
            CaptionRow.y0,
            CaptionRow.x1,
            CaptionRow.y1,
        )
        .where(is_read(CaptionRow.photo_id, recipe), *scope.photos(CaptionRow.photo_id.expression))
        .order_by(CaptionRow.photo_id)
    )


CAPTIONS = TableSpec(
    "captions",
    "The caption of a photo.",
    ("photo_id",),
    (
        PHOTO,
        one_of("place", CaptionPlace, "where it stands"),
        boolean("read", "its text was read"),
        string("text", "what it says; missing: not read, or nothing made out", nullable=True,
            free_text=True),
        one_of("source", TextSource, "who has read it: Tesseract, or a library's ALTO or PAGE-XML",
            nullable=True),
        share("confidence", "how sure a library's reader is of it", nullable=True),
        *box("the text"),
        RECIPE,
    ),
    _captions,
)  # fmt: skip
