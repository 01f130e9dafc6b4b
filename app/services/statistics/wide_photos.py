"""The wide table of photos: one row a photo, a column for each thing that is known of it.

R and pandas take it without a join: the machine's probability of every measure, what coders
settled, the chances and weights of samples, page, edition and place. The probabilities are those
that statistics are made of.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.exported import (
    FRAME,
    RECIPE,
    Column,
    ColumnType,
    TableShape,
    boolean,
    integer,
    number,
    one_of,
    pixels,
    share,
    string,
)
from presslens.app.db.exported_rows import as_text
from presslens.app.db.queries import EditionScope, interpretation, is_listed, printed_photos
from presslens.app.db.statistics import EditionMeasureRow, EditionSummaryRow
from presslens.app.db.superseded import superseded_ids
from presslens.app.db.tables import (
    CaptionRow,
    EditionRow,
    InterpretationRow,
    PageRow,
    PhotoRow,
    PublicationRow,
)
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound
from presslens.app.services.exports.batches import Batch, ReportProgress, no_progress
from presslens.app.services.exports.export import ExportedFile
from presslens.app.services.exports.table_writer import SUFFIX, TableFormat, TableWriter
from presslens.app.services.samples.answers import SampleAnswers, answered_measures, load_answers
from presslens.app.services.shares.selection import EditionCriteria, StatEdition, select_editions
from presslens.app.services.shares.share_loading import load_shares
from presslens.app.services.shares.validities import load_undecided, load_validities
from presslens.models.message import Message
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Focus
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.layout import Quadrant
from presslens.pipelines.statistics.metrics import Metric

PRINTED = (
    integer("photo_id", "the photo", low=1),
    integer("page_id", "the page that prints it", low=1),
    FRAME,
    integer("edition_id", "the edition of that page", low=1),
    string("publication", "the newspaper", free_text=True),
    Column("date", ColumnType.DATE, "the day that the edition is of"),
    boolean("counted", "statistics count the edition"),
    boolean("superseded", "a later upload of the day stands in for the edition"),
    integer("page_number", "page number in the edition, from 1", low=1),
    boolean("front", "it is on the front page"),
    boolean("above_fold", "its middle lies in the upper half of the page"),
    boolean("lead", "it is the largest photo of its page"),
    one_of("quadrant", Quadrant, "the quarter of the page that its middle lies in"),
    *(pixels(name, "edge of its box") for name in ("x0", "y0", "x1", "y1")),
    share("area_share", "share of the page that it takes: the weight of a statistic by area"),
    share("score", "the confidence of the detector that it is a photo"),
    boolean("by_hand", "a person has drawn it"),
    one_of(
        "focus",
        Focus,
        "what it is composed around, by the machine; empty of a drawn photo that is not read yet,"
        " and where a share of this focus is not offered",
        nullable=True,
    ),
    string("caption", "its caption, where it was read", nullable=True, free_text=True),
)
"""The columns before those of measures."""

_UNSAFE = re.compile(r"\W+")


def column_names(measures: Iterable[str]) -> dict[str, str]:
    """Return a name for each measure that R and pandas take without quotes; no two are alike.

    Case alone does not tell two columns apart in DuckDB.

    >>> column_names(["children", "label:indoor", "figure:Kim Jong Un", "figure:kim-jong Un"])
    ... # doctest: +NORMALIZE_WHITESPACE
    {'children': 'children', 'label:indoor': 'label_indoor',
     'figure:Kim Jong Un': 'figure_Kim_Jong_Un', 'figure:kim-jong Un': 'figure_kim_jong_Un_2'}
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for measure in measures:
        plain = name = _UNSAFE.sub("_", measure).strip("_")
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{plain}_{number}"
        names[measure] = name
        taken.add(name.casefold())
    return names


def wide_spec(measures: Sequence[str], answered: Sequence[str]) -> TableShape:
    """Return the declaration of the table.

    Args:
        measures: Those that some photo was read for.
        answered: Those of them that people have answered, or that a sample was drawn for.
    """
    names = column_names(measures)
    columns = [
        share(
            f"p_{names[measure]}",
            f"probability that it shows {measure}, by the machine; missing: not looked for",
            nullable=True,
        )
        for measure in measures
    ]
    columns += [
        share(
            f"corrected_{names[measure]}",
            f"probability that it shows {measure}, after what people and the newspaper's other"
            " photos tell: its mean in an edition is the share that statistics state; missing: that"
            " is not offered",
            nullable=True,
        )
        for measure in measures
    ]
    for measure in answered:
        name = names[measure]
        columns += [
            integer(
                f"shows_{name}",
                f"coders settled that it shows {measure}, 1, or doesn't, 0; missing: nobody has",
                nullable=True,
            ),
            share(
                f"inclusion_{name}",
                f"chance with which the sample for {measure} drew it; missing: it did not",
                nullable=True,
            ),
            number(
                f"weight_{name}",
                f"1 / inclusion_{name}: the photos that it stands for",
                nullable=True,
            ),
            integer(f"stratum_{name}", "its stratum in that sample", nullable=True),
        ]
    return TableShape(
        "photos_wide",
        "One row for each photo on each page that prints it, with all that is known of it.",
        ("photo_id", "page_id"),
        (*PRINTED, *columns, RECIPE),
    )


EDITIONS = 100
"""Editions whose photos are in memory at a time."""

NOT_DRAWN = (None, None, None, None)
NOT_READ = (None, None)

AnswerCells = Mapping[tuple[int, int], tuple[Any, Any, Any, Any]]
"""What people said, by edition and photo: answer, chance of the draw, weight, stratum."""


@dataclass(frozen=True, slots=True, eq=False)
class _Extent:
    """What the table is of: editions in order, those that count, measures, and answers."""

    editions: Sequence[int]
    counted: frozenset[int]
    superseded: frozenset[int]
    measures: Sequence[str]
    answers: Mapping[str, AnswerCells]
    # By measure and edition, the corrected probabilities of the photos that were read for it.
    corrected: Mapping[str, Mapping[int, Sequence[float]]]
    undecided: Mapping[str, Collection[str]]  # verdicts that decide nothing, by newspaper
    incomplete: Sequence[int]  # number of photos of each incomplete edition that is left out


def export_photo_table(
    home: Installation,
    scope: EditionScope,
    table_format: TableFormat,
    folder: Path,
    *,
    every: bool = False,
    progress: ReportProgress = no_progress,
) -> ExportedFile:
    """Write the wide table of photos into an empty folder.

    Args:
        scope: Selects the editions.
        table_format: The format of the file.
        folder: An empty folder for the file.
        every: Take in editions that statistics leave out, superseded and incomplete ones; such
            that still wait are in no table.
        progress: Called after each batch of rows.

    Raises:
        NotFound: No edition of the scope is analysed.
        DiskFull: Too little disk is free.
    """
    home.storage.check_room()
    path = folder / f"photos_wide.{SUFFIX[table_format]}"
    with home.database.read() as session:
        extent = _extent(session, scope, home.recipe, every=every)
        if not extent.editions:
            raise NotFound(
                "no edition that fits is analysed: `presslens editions` shows their state"
            )
        spec = wide_spec(extent.measures, list(extent.answers))
        with closing(TableWriter(table_format, folder, home.recipe)) as writer:
            rows = writer.write(spec, _batches(session, extent, home, progress), path)
    return ExportedFile(path, {spec.name: rows}, _left_out(extent.incomplete))


def _extent(session: Session, scope: EditionScope, recipe: Recipe, *, every: bool) -> _Extent:
    summed = (
        select(EditionRow.id, PublicationRow.name, EditionSummaryRow.photos)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .join(EditionSummaryRow, EditionSummaryRow.edition_id == EditionRow.id)
        .where(EditionSummaryRow.recipe_id == recipe.id, *scope.conditions())
        .order_by(EditionRow.edition_date, EditionRow.id)
    )
    criteria = EditionCriteria(scope.publication, scope.first, scope.last, scope.edition)
    selected = select_editions(session, criteria, recipe)
    counted = frozenset(edition.id for edition in selected.editions)
    found = session.execute(summed).all()
    editions = [row.id for row in found if every or row.id in counted]
    names = {row.name for row in found}
    too_few = {one.id for one in selected.left_out if one.reason == "incomplete"}
    read = select(EditionMeasureRow.measure).where(EditionMeasureRow.recipe_id == recipe.id)
    measures = sorted(session.scalars(read.distinct()), key=lambda name: (":" in name, name))
    answered = answered_measures(session)
    return _Extent(
        editions,
        counted,
        superseded_ids(session, recipe),
        measures,
        _reviewed(session, answered.intersection(measures), editions, recipe),
        _corrected(session, measures, selected.editions, recipe),
        {name: load_undecided(session, name, recipe) for name in names},
        [row.photos for row in found if row.id in too_few and not every],
    )


def _left_out(incomplete: Sequence[int]) -> list[Message]:
    """Return the sentence that incomplete editions are left out, with their number of photos."""
    if not incomplete:
        return []
    return [
        Message(
            "%(photos)s of %(editions)s, of which too few pages could be analysed, are left out, as"
            " statistics leave them out: --all takes them in",
            photos=counted(sum(incomplete), "photo"),
            editions=counted(len(incomplete), "edition"),
        )
    ]


def _corrected(
    session: Session, measures: Sequence[str], editions: Sequence[StatEdition], recipe: Recipe
) -> dict[str, dict[int, Sequence[float]]]:
    """Return the corrected probabilities, each newspaper by itself, as pages of editions ask."""
    corrected: dict[str, dict[int, Sequence[float]]] = {name: {} for name in measures}
    metrics = [Metric(name) for name in measures]
    for paper in dict.fromkeys(edition.publication for edition in editions):
        own = [edition for edition in editions if edition.publication == paper]
        validities = load_validities(session, paper, recipe, measures)
        for photos in load_shares(session, metrics, own, recipe):
            if not validities[photos.metric.name].offered:  # as its share
                continue
            pairs = zip(own, photos.corrected(), strict=True)
            corrected[photos.metric.name] |= {one.id: values.tolist() for one, values in pairs}
    return corrected


def _reviewed(
    session: Session, measures: Collection[str], editions: Sequence[int], recipe: Recipe
) -> dict[str, AnswerCells]:
    by_measure = load_answers(session, recipe, measures, editions)
    return {name: _cells(answers) for name, answers in by_measure.items()}


def _cells(answers: SampleAnswers) -> AnswerCells:
    columns = answers.edition, answers.photo, answers.label, answers.inclusion, answers.stratum
    cells: dict[tuple[int, int], tuple[Any, Any, Any, Any]] = {}
    for edition, photo, label, chance, stratum in zip(*(c.tolist() for c in columns), strict=True):
        drawn = not math.isnan(chance)
        cells[edition, photo] = (
            None if math.isnan(label) else int(label),
            chance if drawn else None,
            1 / chance if drawn else None,
            stratum if drawn else None,
        )
    return cells


def _batches(
    session: Session, extent: _Extent, home: Installation, progress: ReportProgress
) -> Iterator[Batch]:
    count = 0
    for begin in range(0, len(extent.editions), EDITIONS):
        home.storage.check_room()
        ids = extent.editions[begin : begin + EDITIONS]
        rows = list(_rows(session, ids, extent, home.recipe))
        if rows:
            yield list(zip(*rows, strict=True))
        count += len(rows)
        progress("photos_wide", count)


def _rows(
    session: Session, ids: Sequence[int], extent: _Extent, recipe: Recipe
) -> Iterator[tuple[Any, ...]]:
    read = _probabilities(session, ids, recipe, extent)
    place = {edition: number for number, edition in enumerate(ids)}
    query = (
        printed_photos(
            recipe,
            PhotoRow.id,
            PageRow.id,
            PhotoRow.frame_id,
            EditionRow.id,
            PublicationRow.name,
            EditionRow.edition_date,
            PageRow.number,
            PageRow.is_front,
            PhotoRow.above_fold,
            PhotoRow.is_lead,
            as_text(PhotoRow.quadrant),
            PhotoRow.x0,
            PhotoRow.y0,
            PhotoRow.x1,
            PhotoRow.y1,
            PhotoRow.area_share,
            PhotoRow.score,
            PhotoRow.by_hand,
            as_text(InterpretationRow.verdict),
            CaptionRow.text,
        )
        .outerjoin(InterpretationRow, interpretation(recipe.id))
        .outerjoin(CaptionRow, CaptionRow.photo_id == PhotoRow.id)
        .where(EditionRow.id.in_(ids), is_listed())
        .order_by(PageRow.number, PhotoRow.position)
    )
    printed = sorted(session.execute(query), key=lambda row: place[row[3]])
    for photo, page, frame, edition, *where, text in printed:
        of = read[edition].get(photo, {})
        labels = (
            cell
            for answers in extent.answers.values()
            for cell in answers.get((edition, photo), NOT_DRAWN)
        )
        name, day, *rest, verdict = where
        focus = None if verdict in extent.undecided.get(name, ()) else verdict
        states = edition in extent.counted, edition in extent.superseded
        caption = text or None
        read_for = [of.get(measure, NOT_READ) for measure in extent.measures]
        measures = (*(p for p, _ in read_for), *(one for _, one in read_for))
        keys = photo, page, frame, edition, name, day
        yield (*keys, *states, *rest, focus, caption, *measures, *labels)


def _probabilities(
    session: Session, ids: Sequence[int], recipe: Recipe, extent: _Extent
) -> dict[int, dict[int, dict[str, tuple[float | None, float | None]]]]:
    """Return the probability of each measure, and the corrected one, by edition and photo."""
    summaries = session.execute(
        select(EditionSummaryRow.edition_id, EditionSummaryRow.photo_ids).where(
            EditionSummaryRow.recipe_id == recipe.id, EditionSummaryRow.edition_id.in_(ids)
        )
    )
    photos = {row.edition_id: row.photo_ids for row in summaries}
    rows = session.execute(
        select(
            EditionMeasureRow.edition_id,
            EditionMeasureRow.measure,
            EditionMeasureRow.probabilities,
        ).where(EditionMeasureRow.recipe_id == recipe.id, EditionMeasureRow.edition_id.in_(ids))
    )
    read: dict[int, dict[int, dict[str, tuple[float | None, float | None]]]] = {
        edition: defaultdict(dict) for edition in photos
    }
    for edition, measure, probabilities in rows:
        corrected = iter(extent.corrected[measure].get(edition, ()))
        for photo, p in zip(photos[edition], probabilities, strict=True):
            read[edition][photo][measure] = p, None if p is None else next(corrected, None)
    return read
