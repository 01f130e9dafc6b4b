"""All exported tables: made from the declarations at stored columns and of computed ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import select

from presslens.app.db.all_tables import METADATA
from presslens.app.db.columns import Table
from presslens.app.db.exported import (
    RECIPE,
    Column,
    ColumnType,
    Exported,
    PartOf,
    TableShape,
    boolean,
    box,
    digest,
    integer,
    one_of,
    share,
    string,
)
from presslens.app.db.exported_rows import declared, row_classes, stored_cells, stored_table
from presslens.app.db.queries import EditionScope, RowQuery
from presslens.app.db.statistics import EditionShareRow
from presslens.app.db.tables import InterpretationRow, PhotoRow
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.catalogue.photo_entry import APPEARANCE, COUNTED
from presslens.app.services.exports.batches import TableSpec
from presslens.app.services.exports.tables.computed import (
    COMPUTED,
    FINISHED,
    OTHERWISE,
    SOURCES,
    Source,
    Value,
    fill_focus,
    fill_offered,
    removed_photos,
)
from presslens.app.services.exports.tables.selection import OF_RECIPE, conditions
from presslens.app.services.exports.tables.validity import VALIDITY
from presslens.models.recipe import Recipe
from presslens.models.subjects.codebook import CODEBOOK
from presslens.models.vocabulary import Focus, Subject
from presslens.pipelines.statistics.layout import Quadrant

PUBLISHED = (
    "recipes", "publications", "publication_aliases", "figures", "figure_roles", "own_labels",
    "editions", "pages", "headlines", "headline_photos", "photos", "removed_photos", "captions",
    "subjects", "labels", "sightings", "detections", "reprints", "edition_summary",
    "edition_measure", "edition_share", "validity", "claims", "edits", "reviews", "review_answers",
    "settled_answers", "model_answers", "samples", "sample_measures", "sample_strata",
    "sample_editions", "sample_items", "sampled_photos", "page_reviews", "page_marks",
    "claim_registrations", "claim_plans", "claim_looks", "events",
)  # fmt: skip
"""The published tables in their order; others come last, those first that others refer to."""

Cells = list[tuple[Column, Value]]
"""The columns of an exported table, with what gives their values."""


def _cells(name: str, rows: Sequence[type[Table]]) -> Cells:
    """Return the columns of an exported table but the recipe's, in their order.

    Args:
        rows: The stored tables that it has columns of.
    """
    cells: Cells = [
        (column, OTHERWISE.get((name, column.name), lambda *_, stored=expression: stored))
        for row in rows
        for one in stored_cells(row)
        for column, expression in zip(one.columns, one.expressions, strict=True)
    ]
    for computed in COMPUTED.get(name, ()):
        names = [column.name for column, _ in cells]
        place = names.index(computed.after) + 1 if computed.after else 0
        cells.insert(place, (computed.column, computed.value))
    return cells


def _query(cells: Cells, source: Source, scope: EditionScope, recipe: Recipe) -> RowQuery:
    return source(scope, recipe, *(value(scope, recipe) for _, value in cells))


def _stored_rows(
    row: type[Table], order: Sequence[Any], scope: EditionScope, recipe: Recipe, *columns: Any
) -> RowQuery:
    """Return the query of some columns of a stored table, and of the rows that it names by key."""
    query: RowQuery = select(*columns).select_from(row)
    for one in stored_cells(row):
        if one.is_key:
            assert one.refers is not None  # noqa: S101 - a key is that of a row
            ours, theirs = getattr(row, one.attribute), stored_table(one.refers).columns["id"]
            optional = bool(stored_table(row).columns[one.attribute].nullable)
            query = query.join(one.refers, ours == theirs, isouter=optional)
    return query.where(*conditions(row, scope, recipe)).order_by(*order)


def _order(row: type[Table], table: Exported, cells: Cells) -> list[Any]:
    """Return what rows are sorted by: the primary key where it is the key, else the key."""
    stored = stored_table(row).columns
    if table.order:
        return [stored[name] for name in table.order]
    names = {one.columns[0].name: one.attribute for one in stored_cells(row) if not one.is_key}
    primary = list(stored_table(row).primary_key.columns)
    own = {column.key for column in primary} - {OF_RECIPE}
    if own == {names.get(name) for name in table.key}:
        return primary
    values = {column.name: value for column, value in cells}
    return [values[name](EditionScope(), None) for name in table.key]  # type: ignore[arg-type]


def _rows() -> Iterator[type[Table]]:
    """Yield the classes of rows, those first that others refer to."""
    classes = row_classes()
    return (classes[table.name] for table in METADATA.sorted_tables)


def _parts(name: str) -> Iterator[type[Table]]:
    """Yield the stored tables whose columns stand in the exported table of another one."""
    for row in _rows():
        part = declared(row)
        if isinstance(part, PartOf) and part.table == name:
            yield row


def _spec(row: type[Table], table: Exported) -> TableSpec:
    cells = _cells(table.name, (row, *_parts(table.name)))
    source = SOURCES.get(table.name) or partial(_stored_rows, row, _order(row, table, cells))
    columns = tuple(column for column, _ in cells) + ((RECIPE,) if table.of_recipe else ())
    finish = FINISHED.get(table.name)
    if row is PhotoRow:
        finish = partial(fill_focus, [column.name for column in columns])
    return TableSpec(
        table.name, table.meaning, table.key, columns, partial(_query, cells, source), row, finish
    )


_REMOVED = {
    "photo_id": "what was found; no row of photos has it",
    "x0": "left edge of what was found",
    "y0": "upper edge of what was found",
    "x1": "right edge of what was found",
    "y1": "lower edge of what was found",
    "score": "how sure the machine is that this is a photo",
    "lead": "it was the largest photo of its page",
}
"""What columns of photos say of what is none."""


def _removed_photos() -> TableSpec:
    """Return the exported table of what was found and is no photo; the photos' table stores it."""
    own = {column.name for one in stored_cells(PhotoRow) for column in one.columns}
    names = own - {"by_hand"} | {"page_id", "frame_id"}
    cells = [
        (replace(column, description=_REMOVED.get(column.name, column.description)), value)
        for column, value in _cells("photos", (PhotoRow, InterpretationRow))
        if column.name in names
    ]
    return TableSpec(
        "removed_photos",
        "What the machine took for a photo, and people have removed or replaced: no number counts"
        " it.",
        ("photo_id", "page_id"),
        tuple(column for column, _ in cells),
        partial(_query, cells, removed_photos),
        PhotoRow,
    )


def _tables() -> tuple[TableSpec, ...]:
    declarations = ((row, declared(row)) for row in _rows())
    specs = [_spec(row, table) for row, table in declarations if isinstance(table, Exported)]
    specs += [_removed_photos(), VALIDITY]
    return tuple(sorted(specs, key=lambda spec: (*PUBLISHED, spec.name).index(spec.name)))


TABLES = _tables()

STORED_TABLES = tuple(spec for spec in TABLES if spec is not VALIDITY)
"""Those that a snapshot is imported from."""

WHOLE_TABLES = tuple(
    replace(spec, finish=partial(fill_offered, whole=True))
    if spec.row is EditionShareRow
    else replace(spec, finish=None if spec.name == "photos" else spec.finish)
    for spec in STORED_TABLES
)
"""The tables of a snapshot, which is imported again: with the sums of shares that are not offered,
beside the reason, and with all verdicts of the machine."""


def table_named(name: str) -> TableSpec:
    """Return a table.

    Raises:
        InvalidRequest: There is none of this name.
    """
    for spec in TABLES:
        if spec.name == name:
            return spec
    names = ", ".join(spec.name for spec in TABLES)
    raise InvalidRequest(f"there is no table {name!r}; the tables are: {names}")


SEVERAL = "; several figures are parted by semicolons, in the order of figures"

SHOWN = {
    "area_share": "share of the photo that the figure's body takes",
    "face_share": "face-ism: the face's share of the visible body's height",
    "centrality": "closeness of the figure's body to the middle of the photo, 0-1",
    "size_rank": "1 if no other person in the photo is larger",
    "people_beside": "number of others who were detected",
    "row": "front, middle or back",
    "shot_size": "close, medium or long",
    "facing": "camera, left or right",
}
"""What the columns of a figure's appearance say; the codebook says it at length."""


def _columns() -> tuple[Column, ...]:
    probabilities = (
        share(
            subject.value, f"probability that the photo shows it ({subject.value})", nullable=True
        )
        for subject in Subject
    )
    counts = (
        integer(
            f"{subject.value}_count",
            f"estimated number of {CODEBOOK[subject].counted}",
            nullable=True,
        )
        for subject in COUNTED
    )
    settled = (
        boolean(
            f"{subject.value}_settled",
            f"people say that the photo shows it ({subject.value}), or does not; missing: nobody"
            " has settled it",
            nullable=True,
        )
        for subject in Subject
    )
    decided = (
        boolean(
            f"{subject.value}_decided",
            f"the photo is taken to show it ({subject.value}): as settled, or else as the"
            " newspaper's calibration decides",
            nullable=True,
        )
        for subject in Subject
    )
    appearance = (
        string(f"figures_{name}", SHOWN[name] + SEVERAL, nullable=True) for name in APPEARANCE
    )
    return (
        integer("id", "the photo; /photos/ID shows it", low=1),
        string("publication", "name of the newspaper", free_text=True),
        Column("date", ColumnType.DATE, "day of the edition"),
        integer("edition", "the edition; /editions/ID shows it", low=1),
        integer("page", "the page; /pages/ID shows it", low=1),
        integer("page_number", "number of the page in the edition; 1 is the front page", low=1),
        *box("the photo"),
        share("score", "how sure the finder is that there is a photo; no calibrated probability"),
        share("area_share", "share of the page's area that the photo takes"),
        boolean("above_fold", "the middle of the photo lies in the upper half of the page"),
        one_of("quadrant", Quadrant, "quarter of the page that the photo's middle lies in"),
        boolean("lead", "it is the largest photo of its page"),
    boolean("by_hand", "a person has drawn it"),
        *probabilities,
        *counts,
        string(
            "figures",
            "names of the enrolled figures who are seen, sure or not; parted by semicolons",
            nullable=True,
            free_text=True,
        ),
        string("figures_probability", f"probability of each{SEVERAL}", nullable=True),
        string("figures_answer", f"yes or unsure{SEVERAL}", nullable=True),
        string("figures_told_by", f"face, or context: the place of a poor face{SEVERAL}",
               nullable=True),
        *appearance,
        one_of(
            "focus",
            Focus,
            "what the photo is composed around, by the machine; empty where nobody has looked at a"
            " drawn photo yet, or a share of this focus is not offered in the newspaper",
            nullable=True,
        ),
        share("focus_leader", "score of the focus on the leader", nullable=True),
        share("focus_facility", "score of the focus on the facility", nullable=True),
        string(
            "labels",
            "labels that it is taken to show, see children_decided; parted by semicolons",
            nullable=True,
            free_text=True,
        ),
        *settled,
        *decided,
        one_of(
            "focus_decided",
            Focus,
            "what the photo is composed around, as people have settled or else as the machine says"
            " where a share of this focus is offered",
            nullable=True,
        ),
        string("caption", "the printed caption, where one was read", nullable=True, free_text=True),
        digest("recipe", "the recipe that the row was made by"),
        string("label_set", "version of the labels that the photo was read for", nullable=True),
    )  # fmt: skip


WIDE_PHOTOS = TableShape(
    "photos",
    "A photo on a page that prints it, with all that the machine says of it: one wide table for"
    " R, pandas and spreadsheets. One that is printed on two pages has two rows.",
    ("id", "page"),
    _columns(),
)
"""The columns of ``PhotoEntry.row``, as they stand in CSV too."""
