"""The exported tables of validation samples, their closed frames and their items."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Double, cast, select

from presslens.app.db.queries import EditionScope, RowQuery
from presslens.app.db.samples import (
    SampledPhotoRow,
    SampleEditionRow,
    SampleItemRow,
    SampleKind,
    SampleMeasureRow,
    SampleRow,
    SampleStratumRow,
)
from presslens.app.db.tables import EditionRow, InterpretationRow, PublicationRow, ScanRow
from presslens.app.services.exports.schema import (
    PHOTO,
    RECIPE,
    Column,
    ColumnType,
    TableSpec,
    as_text,
    boolean,
    digest,
    integer,
    json_text,
    number,
    one_of,
    share,
    string,
)
from presslens.app.services.exports.tables.reviews import MEASURE
from presslens.models.recipe import Recipe
from presslens.pipelines.statistics.measure import Weight, Zone
from presslens.pipelines.statistics.sample_item import ItemStatus


def _of(scope: EditionScope, sample_id: Any) -> list[ColumnElement[bool]]:
    """Return the condition for samples whose frame has an edition of the scope."""
    if scope.whole:
        return []
    framed = (
        select(SampleEditionRow.sample_id)
        .join(EditionRow, EditionRow.id == SampleEditionRow.edition_id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(*scope.conditions())
    )
    return [sample_id.in_(framed)]


SAMPLE = integer(
    "sample_id", "the sample: joins with samples", low=1, joins=("samples", "sample_id")
)


def _samples(scope: EditionScope, _: Recipe) -> RowQuery:
    return (
        select(
            SampleRow.id,
            SampleRow.name,
            as_text(SampleRow.kind),
            as_text(SampleRow.zone),
            as_text(SampleRow.weight),
            SampleRow.publication,
            SampleRow.first_date,
            SampleRow.last_date,
            SampleRow.seed,
            json_text(SampleRow.coders),
            SampleRow.second_share,
            SampleRow.wished_width,
            SampleRow.recipe_id,
            SampleRow.codebook,
            SampleRow.created_at,
        )
        .where(*_of(scope, SampleRow.id))
        .order_by(SampleRow.id)
    )


SAMPLES = TableSpec(
    "samples",
    "A validation sample: photos, or pages for counting, that were drawn by chance from a closed"
    " frame. What was drawn can be drawn again from the frame with the seed.",
    ("sample_id",),
    (
        integer("sample_id", "the sample", low=1),
        string("sample", "its name", free_text=True),
        one_of("kind", SampleKind, "what was drawn"),
        one_of("page", Zone, "the part of each edition that it was drawn from"),
        one_of("weight", Weight, "how a photo counts in the share that it was planned for"),
        string("publication", "the newspaper asked for; missing: all", nullable=True,
            free_text=True),
        Column("first_date", ColumnType.DATE, "the first day asked for", nullable=True),
        Column("last_date", ColumnType.DATE, "the last day asked for", nullable=True),
        integer("seed", "decides the random order"),
        Column("coders", ColumnType.ARRAY, "the coders that items are assigned to in turn"),
        share("second_share", "share of the items that a second coder is to code too"),
        share("wished_width", "the width of the interval that it was planned for; missing: none",
            nullable=True),
        digest("drawn_under", "the recipe whose probabilities made the strata"),
        string("codebook", "the codebook of that time", free_text=True),
        Column("created_at", ColumnType.DATETIME, "when it was drawn", unit="UTC"),
    ),
    _samples,
)  # fmt: skip


def _measures(scope: EditionScope, _: Recipe) -> RowQuery:
    return (
        select(SampleMeasureRow.sample_id, SampleMeasureRow.position, SampleMeasureRow.measure)
        .where(*_of(scope, SampleMeasureRow.sample_id))
        .order_by(SampleMeasureRow.sample_id, SampleMeasureRow.position)
    )


SAMPLE_MEASURES = TableSpec(
    "sample_measures",
    "A measure that coders are asked for about each item; none for a sample of pages.",
    ("sample_id", "position"),
    (SAMPLE, integer("position", "the first one, 0, made the strata"), MEASURE),
    _measures,
)


def _strata(scope: EditionScope, _: Recipe) -> RowQuery:
    return (
        select(
            SampleStratumRow.sample_id,
            SampleStratumRow.stratum,
            SampleStratumRow.definition,
            SampleStratumRow.size,
            SampleStratumRow.drawn,
        )
        .where(*_of(scope, SampleStratumRow.sample_id))
        .order_by(SampleStratumRow.sample_id, SampleStratumRow.stratum)
    )


SAMPLE_STRATA = TableSpec(
    "sample_strata",
    "A stratum of a sample's frame. Each of its photos or pages had the chance drawn / size.",
    ("sample_id", "stratum"),
    (
        SAMPLE,
        integer("stratum", "which one, from 0"),
        string("definition", "what belongs to it", free_text=True),
        integer("size", "photos or pages of the frame in it"),
        integer("drawn", "how many of them were drawn"),
    ),
    _strata,
)


def _editions(scope: EditionScope, _: Recipe) -> RowQuery:
    return (
        select(
            SampleEditionRow.sample_id,
            SampleEditionRow.edition_id,
            json_text(SampleEditionRow.sizes),
        )
        .join(EditionRow, EditionRow.id == SampleEditionRow.edition_id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(*scope.conditions())
        .order_by(SampleEditionRow.sample_id, SampleEditionRow.edition_id)
    )


SAMPLE_EDITIONS = TableSpec(
    "sample_editions",
    "An edition of the closed frame of a sample; editions that came later are none of it.",
    ("sample_id", "edition_id"),
    (
        SAMPLE,
        integer("edition_id", "the edition: joins with editions", low=1,
            joins=("editions", "edition_id")),
        Column("sizes", ColumnType.ARRAY, "how many of its photos or pages each stratum has"),
    ),
    _editions,
)  # fmt: skip


def _items(scope: EditionScope, _: Recipe) -> RowQuery:
    chance = cast(SampleStratumRow.drawn, Double) / SampleStratumRow.size
    return (
        select(
            SampleItemRow.sample_id,
            SampleItemRow.place,
            SampleItemRow.id,
            SampleItemRow.stratum,
            chance,
            ScanRow.sha256,
            ScanRow.frame,
            SampleItemRow.x0,
            SampleItemRow.y0,
            SampleItemRow.x1,
            SampleItemRow.y1,
            SampleItemRow.probability,
            SampleItemRow.coder,
            SampleItemRow.second,
            SampleItemRow.second_coder,
        )
        .join(ScanRow, ScanRow.id == SampleItemRow.scan_id)
        .join(
            SampleStratumRow,
            (SampleStratumRow.sample_id == SampleItemRow.sample_id)
            & (SampleStratumRow.stratum == SampleItemRow.stratum),
        )
        .where(*_of(scope, SampleItemRow.sample_id))
        .order_by(SampleItemRow.sample_id, SampleItemRow.place)
    )


SAMPLE_ITEMS = TableSpec(
    "sample_items",
    "A photo or page that was drawn, by its scan and place on it. All items are here, answered or"
    " not; how far coders came, and what they answered, is in sampled_photos.",
    ("sample_id", "place"),
    (
        SAMPLE,
        integer("place", "its place in the random order, from 0"),
        integer("item_id", "the item", low=1),
        integer("stratum", "its stratum, in sample_strata"),
        number("inclusion_probability", "the chance that it had to be drawn: drawn / size of its"
            " stratum", unit="0-1", high=1),
        digest("scan_sha256", "hash of the scan's bytes"),
        integer("scan_frame", "which image of that file, from 0"),
        share("x0", "left edge, share of the page's width", low=None, high=None),
        share("y0", "upper edge, share of the page's height", low=None, high=None),
        share("x1", "right edge, share of the page's width", low=None, high=None),
        share("y1", "lower edge, share of the page's height", low=None, high=None),
        share("probability", "the machine's when it was drawn; missing for a page", nullable=True),
        string("coder", "whom it is assigned to; missing: anybody", nullable=True, free_text=True),
        boolean("second", "chance has chosen it for a second coder"),
        string("second_coder", "the second coder; missing: anybody else", nullable=True,
            free_text=True),
    ),
    _items,
)  # fmt: skip


def _sampled(scope: EditionScope, recipe: Recipe) -> RowQuery:
    return (
        select(
            SampledPhotoRow.photo_id,
            SampledPhotoRow.item_id,
            SampledPhotoRow.measure,
            as_text(SampledPhotoRow.status),
            SampledPhotoRow.coded_since,
        )
        .join(
            InterpretationRow,
            (InterpretationRow.photo_id == SampledPhotoRow.photo_id)
            & (InterpretationRow.recipe_id == recipe.id),
        )
        .where(*scope.photos(SampledPhotoRow.photo_id.expression))
        .order_by(SampledPhotoRow.photo_id, SampledPhotoRow.item_id, SampledPhotoRow.measure)
    )


SAMPLED_PHOTOS = TableSpec(
    "sampled_photos",
    "The photo of an item under the recipe, and what coders made of it for a measure: its answer"
    " is in settled_answers. Open items before the last one coded since are non-response.",
    ("photo_id", "item_id", "measure"),
    (
        PHOTO,
        integer("item_id", "the item, in sample_items", low=1),
        MEASURE,
        one_of("status", ItemStatus, "open, or what coders made of it"),
        boolean("coded_since", "a coder, not the second one, has answered after the draw"),
        RECIPE,
    ),
    _sampled,
)
