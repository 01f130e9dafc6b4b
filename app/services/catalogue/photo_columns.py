"""Reads all printed photos of an archive into arrays, so that they are counted without queries.

Each table is read by itself and joined here: a million photos take seconds, where a join in the
database takes many times as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, ColumnElement, Connection, Integer, Text, cast, func, select
from sqlalchemy.sql.expression import true, type_coerce
from sqlalchemy.types import String

from presslens.app.db.figures import FigureRow
from presslens.app.db.queries import RowQuery
from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.db.statistics import EditionMeasureRow, EditionSummaryRow
from presslens.app.db.superseded import superseded_editions
from presslens.app.db.tables import (
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
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Focus, Subject
from presslens.pipelines.mapped import mapped
from presslens.pipelines.statistics.measure import BITS, FIGURE, LABEL, Zone
from presslens.pipelines.statistics.photo_table import Mask

Ids = NDArray[np.int64]
Numbers32 = NDArray[np.float32]

ROWS = 50_000
"""Rows that are fetched at a time."""

MOST_IDS = 5000
"""Photos that are named in one query."""

FACE_MARGIN = 0.35
"""What pictures show around a face, as a share of its longer side."""

VERDICTS = tuple(Focus)
"""The verdicts by their codes."""

UNREAD = len(VERDICTS)
"""The code of a photo that a person has drawn and nobody has looked at: it is not known."""


@dataclass(frozen=True, slots=True, eq=False)
class PhotoColumns:
    """n printed photos, by date, edition, page and position; arrays of shape (n,) of a file.

    A photo that is printed on two pages is two of them; u are different.
    """

    photos: Ids  # ids of the different photos, ascending, shape (u,)
    photo: NDArray[np.int32]  # the place of each among ``photos``
    page: NDArray[np.int32]  # id of its page
    number: NDArray[np.int32]  # number of the page
    position: NDArray[np.int32]  # place in the reading order of the page
    edition: NDArray[np.int32]  # place of its edition among the editions
    area: NDArray[np.float64]  # share of the page's area, 0–1
    score: NDArray[np.float64]  # the detector's confidence, 0–1
    aspect: Numbers32  # width by height
    page_aspect: Numbers32  # width by height of its page
    zones: NDArray[np.uint8]  # the zones of the edition that it is in, as ``BITS``
    # What it is composed around by the machine, a place in ``VERDICTS``, or ``UNREAD``.
    verdict: NDArray[np.uint8]
    reviewed: Mask  # whether coders have settled a question about it
    edition_id: Ids  # ids of the editions, in their order, shape (e,)
    day: NDArray[np.datetime64]  # their days, as ``datetime64[D]``
    publication: NDArray[np.int32]  # places of their newspapers among ``publications``
    superseded: Mask  # whether another upload of the day has superseded them
    publications: tuple[str, ...]  # names of the newspapers
    publication_ids: tuple[int, ...]  # their ids, in the same order

    def __len__(self) -> int:
        """Return n."""
        return len(self.photo)


@dataclass(frozen=True, slots=True, eq=False)
class SightingColumns:
    """s sightings, without those that people have rejected; arrays of shape (s,) of a file.

    Attributes:
        photo: Id of the photo, ascending.
        figure_id: Id of the figure.
        figure: Name of the figure.
        aspect: Width by height of the face and what is shown around it.
        probability: That it is the figure, 0–1.
        people_beside: Other people in the photo; -1 where nobody counted.
        shot_size, facing, answer: As text, "" where it is not known.
        confirmed: Whether people have settled that it is the figure.
        answered_photo: Ids of photos in which people see a figure whom nobody recognised,
            ascending, shape (t,).
        answered_figure: Name of that figure, shape (t,).
    """

    photo: Ids
    figure_id: Ids
    figure: NDArray[np.str_]
    aspect: Numbers32
    probability: NDArray[np.float64]
    people_beside: NDArray[np.int64]
    shot_size: NDArray[np.str_]
    facing: NDArray[np.str_]
    answer: NDArray[np.str_]
    confirmed: Mask
    answered_photo: Ids
    answered_figure: NDArray[np.str_]


@dataclass(frozen=True, slots=True, eq=False)
class StoredPhotos:
    """The rows of all photos that are on a page; photos beside them add, change and remove them."""

    columns: dict[str, NDArray[Any]]  # by name, ascending by id; a file holds them

    def is_current(self, connection: Connection) -> bool:
        """Return whether the database still has all of these rows."""
        ids, outcomes = self.columns["id"], self.columns["outcome_id"]
        last = int(ids[-1]) if len(ids) else 0
        # A photo that people put back in the place of another has another id: it counts as well.
        mixed = cast(PhotoRow.outcome_id, BigInteger) * (PhotoRow.id % MIXED)
        # What is drawn or removed beside a photo changes which one leads its page.
        leads = cast(PhotoRow.is_lead, Integer) * (PhotoRow.id % MIXED)
        sums = (func.sum(PhotoRow.outcome_id), func.sum(mixed), func.sum(leads))
        query = select(func.count(), *sums)
        there = query.where(PhotoRow.id <= last, PhotoRow.outcome_id.is_not(None))
        actual = [int(value or 0) for value in connection.execute(there).one()]
        rest = ids % MIXED
        leading = self.columns["is_lead"] * rest
        expected = (outcomes.sum(), (outcomes * rest).sum(), leading.sum())
        return actual == [len(ids), *map(int, expected)]


MIXED = 8191
"""A prime: sums of products by remainders tell which photos are there."""

_WHOLE = ("id", "outcome_id", "position", "above_fold", "is_lead", "by_hand")
_PARTS = ("score", "area_share", "x0", "y0", "x1", "y1")


def read_stored(
    connection: Connection, before: StoredPhotos | None, editions: Sequence[int] | None = None
) -> StoredPhotos:
    """Return the rows of all photos; those that were read before are not read again.

    Args:
        before: What was read before; None for nothing.
        editions: Ids of the only editions that are read; None for all.
    """
    table = PhotoRow.__table__
    query = select(*(table.c[name] for name in (*_WHOLE, *_PARTS)))
    if editions is not None:
        outcomes = select(OutcomeRow.id).where(OutcomeRow.scan_id.in_(_scans(editions)))
        query = query.where(table.c.outcome_id.in_(outcomes))
    query = query.where(table.c.outcome_id.is_not(None)).order_by(table.c.id)
    earlier = before.columns if before and before.is_current(connection) else None
    if earlier is not None and len(earlier["id"]):
        query = query.where(table.c.id > int(earlier["id"][-1]))
    kinds = (np.int64,) * len(_WHOLE) + (np.float64,) * len(_PARTS)
    new = dict(zip((*_WHOLE, *_PARTS), read_columns(connection, query, kinds), strict=True))
    if earlier is not None:
        new = {name: np.concatenate((earlier[name], new[name])) for name in new}
    return StoredPhotos(mapped(new))


def _scans(editions: Sequence[int]) -> RowQuery:
    return select(PageRow.scan_id).where(PageRow.edition_id.in_(editions))


def arrange_photos(
    connection: Connection,
    recipe: Recipe,
    stored: StoredPhotos,
    only: Sequence[int] | None = None,
) -> PhotoColumns:
    """Return the printed photos that are interpreted under a recipe, or drawn by people.

    Args:
        stored: The rows of all photos.
        only: Ids of the editions whose photos these are; None for all.
    """
    named, editions = _editions(connection, recipe)
    edition_ids, days, papers, superseded = editions
    of_pages: ColumnElement[bool] = true()
    of_outcomes, of_photos = of_pages, of_pages
    if only is not None:
        of_pages, of_outcomes = PageRow.edition_id.in_(only), OutcomeRow.scan_id.in_(_scans(only))
        of_photos = InterpretationRow.photo_id.in_(stored.columns["id"].tolist())
    pages = read_columns(
        connection,
        select(PageRow.id, PageRow.scan_id, PageRow.edition_id, PageRow.number, PageRow.is_front)
        .where(PageRow.scan_id.is_not(None), of_pages),
        (np.int64,) * 5,
    )  # fmt: skip
    outcomes = read_columns(
        connection,
        select(
            OutcomeRow.id,
            OutcomeRow.scan_id,
            func.coalesce(OutcomeRow.width, 0),
            func.coalesce(OutcomeRow.height, 0),
        )
        .where(OutcomeRow.observation_id == recipe.observation_id, of_outcomes)
        .order_by(OutcomeRow.id),
        (np.int64,) * 4,
    )  # fmt: skip
    verdict = _verdicts(connection, recipe, stored.columns["id"], of_photos)
    listed = (verdict < UNREAD) | stored.columns["by_hand"].astype(bool)
    verdict = verdict[listed]
    photos = {name: values[listed] for name, values in stored.columns.items()}
    of_outcome, present = find(outcomes[0], photos["outcome_id"])
    scan = np.where(present, outcomes[1][of_outcome], -1) if len(outcomes[1]) else -1 * ~present
    page, at = _print(pages[1], scan)
    edition = _places(edition_ids, pages[2][page])
    order = np.lexsort((photos["position"][at], pages[3][page], edition))
    page, at, edition = page[order], at[order], edition[order]
    x0, y0, x1, y1 = (photos[name][at] for name in ("x0", "y0", "x1", "y1"))
    wide, high = (lengths[of_outcome[at]] for lengths in outcomes[2:])
    front = pages[4][page].astype(bool)
    zones = (
        BITS[Zone.ALL]
        + BITS[Zone.FRONT] * front
        + BITS[Zone.INSIDE] * ~front
        + BITS[Zone.ABOVE_FOLD] * photos["above_fold"][at].astype(bool)
        + BITS[Zone.LEAD] * photos["is_lead"][at].astype(bool)
    )
    ids = photos["id"]
    query = select(SettledAnswerRow.photo_id).distinct()
    answered = read_columns(connection, query, (np.int64,))[0]
    columns = {
        "photos": ids,
        "photo": at.astype(np.int32),
        "page": pages[0][page].astype(np.int32),
        "number": pages[3][page].astype(np.int32),
        "position": photos["position"][at].astype(np.int32),
        "edition": edition.astype(np.int32),
        "area": photos["area_share"][at],
        "score": photos["score"][at],
        "aspect": ((x1 - x0) / np.maximum(y1 - y0, 1)).astype(np.float32),
        "page_aspect": (np.maximum(wide, 1) / np.maximum(high, 1)).astype(np.float32),
        "zones": zones.astype(np.uint8),
        "verdict": verdict[at],
        "reviewed": np.isin(ids, answered)[at],
        "edition_id": edition_ids,
        "day": days,
        "publication": papers,
        "superseded": superseded,
    }
    return PhotoColumns(
        **mapped(columns),
        publications=tuple(name for _, name in named),
        publication_ids=tuple(id_ for id_, _ in named),
    )


def _editions(connection: Connection, recipe: Recipe) -> tuple[list[tuple[int, str]], Any]:
    """Return id and name of the newspapers, and the arrays of the editions by date and id."""
    papers = connection.execute(select(PublicationRow.id, PublicationRow.name)).all()
    papers = sorted(papers, key=lambda row: str(row[1]))
    place = {row[0]: i for i, row in enumerate(papers)}
    rows = connection.execute(
        select(EditionRow.id, EditionRow.edition_date, EditionRow.publication_id)
        .order_by(EditionRow.edition_date, EditionRow.id)
    ).all()  # fmt: skip
    gone = set(connection.scalars(superseded_editions(recipe)))
    return [(id_, name) for id_, name in papers], (
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1] for row in rows], "datetime64[D]"),
        np.array([place[row[2]] for row in rows], np.int32),
        np.array([row[0] in gone for row in rows], bool),
    )


def _verdicts(
    connection: Connection, recipe: Recipe, ids: Ids, of_photos: ColumnElement[bool]
) -> NDArray[np.uint8]:
    """Return the code of the verdict of each photo; ``UNREAD`` without an interpretation."""
    verdict = np.full(len(ids), UNREAD, np.uint8)
    for code, focus in enumerate(VERDICTS):
        interpreted = select(InterpretationRow.photo_id).where(
            InterpretationRow.recipe_id == recipe.id, InterpretationRow.verdict == focus, of_photos
        )
        places, present = find(ids, read_columns(connection, interpreted, (np.int64,))[0])
        verdict[places[present]] = code
    return verdict


def _print(scans: Ids, scan: Ids) -> tuple[Ids, Ids]:
    """Return the place of the page and of the photo of each printed photo.

    Args:
        scans: The scan of each page.
        scan: The scan of each photo; several pages may have it, or none.
    """
    by_scan = np.argsort(scans, kind="stable")
    scans = scans[by_scan]
    first, last = np.searchsorted(scans, scan, "left"), np.searchsorted(scans, scan, "right")
    times = last - first
    photo = np.repeat(np.arange(len(scan)), times)
    within = np.arange(len(photo)) - np.repeat(np.cumsum(times) - times, times)
    return by_scan[np.repeat(first, times) + within], photo


def read_sightings(
    connection: Connection, recipe: Recipe, photos: Sequence[int] | None = None
) -> SightingColumns:
    """Return the sightings in some photos, or in all, and what people have settled of figures."""
    text = [
        type_coerce(column, String)
        for column in (SightingRow.shot_size, SightingRow.facing, SightingRow.answer)
    ]
    query = (
        select(
            SightingRow.photo_id,
            SightingRow.figure_id,
            FigureRow.name,
            SightingRow.probability,
            SightingRow.people_beside,
            SightingRow.x1 - SightingRow.x0,
            SightingRow.y1 - SightingRow.y0,
            *text,
        )
        .join(FigureRow, FigureRow.id == SightingRow.figure_id)
        .where(
            SightingRow.recipe_id == recipe.id,
            true() if photos is None else SightingRow.photo_id.in_(photos),
        )
        .order_by(SightingRow.photo_id, SightingRow.figure_id)
    )
    consensus = _figure_consensus(connection)
    sighted = connection.execute(query).all()
    rows = [row for row in sighted if consensus.get((row[0], row[2])) is not False]
    photo, figure_id, figure, probability, beside, wide, high, shot_size, facing, answer = (
        zip(*rows, strict=True) if rows else ((),) * 10
    )
    width, height = np.array(wide, np.float64), np.array(high, np.float64)
    around = 2 * FACE_MARGIN * np.maximum(width, height)
    seen = {(row[0], row[2]) for row in sighted}
    answered = sorted(key for key, shows in consensus.items() if shows and key not in seen)
    columns = (
        np.array(photo, np.int64),
        np.array(figure_id, np.int64),
        np.array(figure, str),
        ((width + around) / np.maximum(height + around, 1)).astype(np.float32),
        np.array(probability, np.float64),
        np.array([-1 if n is None else n for n in beside], np.int64),
        *(np.array([word or "" for word in words], str) for words in (shot_size, facing, answer)),
        np.array([consensus.get((row[0], row[2]), False) for row in rows], bool),
        np.array([photo_id for photo_id, _ in answered], np.int64),
        np.array([name for _, name in answered], str),
    )
    return SightingColumns(*mapped(dict(enumerate(columns))).values())


def _figure_consensus(connection: Connection) -> dict[tuple[int, str], bool]:
    """Return what people have settled about figures, by photo and name."""
    row = SettledAnswerRow
    query = select(row.photo_id, row.measure, row.shows).where(row.measure.startswith(FIGURE))
    rows = connection.execute(query)
    return {(photo, measure.removeprefix(FIGURE)): shows for photo, measure, shows in rows}


@dataclass(frozen=True, slots=True, eq=False)
class SummedPhotos:
    """The photos of all summaries, in the order in which summaries have their probabilities."""

    # Number of photos, and version of the summary, by id of the edition.
    editions: dict[int, tuple[int, int]]
    places: Ids  # where each photo is among all different ones; -1 where it is not


def read_summed(connection: Connection, recipe: Recipe, photos: Ids) -> SummedPhotos:
    """Return the photos of the summaries under a recipe.

    Args:
        photos: Ids of the different photos, ascending, shape (u,).
    """
    row = EditionSummaryRow
    query = select(row.edition_id, row.version, cast(row.photo_ids, Text))
    rows = connection.execute(query.where(row.recipe_id == recipe.id)).all()
    editions = {id_: (text.count(",") + (len(text) > 2), version) for id_, version, text in rows}
    places, present = find(photos, _numbers(text for *_, text in rows).astype(np.int64))
    return SummedPhotos(editions, np.where(present, places, -1))


def read_measure(
    connection: Connection, recipe: Recipe, measure: str, photos: Ids, summed: SummedPhotos
) -> Numbers32:
    """Return the probabilities of a subject or a label by photo, shape (u,); NaN where unread.

    The summaries of editions hold them in rows of many; photos of editions without one, or of which
    there is another by now, are read by themselves.

    Args:
        measure: A subject, or a label's measure.
        photos: Ids of the photos, ascending, shape (u,).
        summed: The photos of the summaries.
    """
    own = EditionMeasureRow.recipe_id == recipe.id, EditionMeasureRow.measure == measure
    query = select(EditionMeasureRow.edition_id, cast(EditionMeasureRow.probabilities, Text))
    texts = {row[0]: row[1] for row in connection.execute(query.where(*own))}
    row = EditionSummaryRow
    summaries = connection.execute(
        select(row.edition_id, row.version).where(row.recipe_id == recipe.id)
    )
    current = {(edition, version) for edition, version in summaries}
    sizes = [n for n, _ in summed.editions.values()]
    none = {n: f"[{','.join(['null'] * n)}]" for n in set(sizes)}
    same = [(edition, version) in current for edition, (_, version) in summed.editions.items()]
    probabilities = _numbers(
        texts.get(edition, none[n]) if is_same else none[n]
        for (edition, (n, _)), is_same in zip(summed.editions.items(), same, strict=True)
    )
    values = np.full(len(photos), np.nan, np.float32)
    present = (summed.places >= 0) & np.repeat(np.array(same, bool), np.array(sizes, np.int64))
    values[summed.places[present]] = probabilities[present]
    lacking = np.ones(len(photos), bool)
    lacking[summed.places[present]] = False
    if lacking.any():
        values[lacking] = _read_singly(connection, recipe, measure, photos[lacking])
    return values


def _read_singly(connection: Connection, recipe: Recipe, measure: str, photos: Ids) -> Numbers32:
    table: type[SubjectReadingRow | LabelReadingRow]
    if measure.startswith(LABEL):
        table, which = LabelReadingRow, LabelReadingRow.label == measure.removeprefix(LABEL)
    else:
        table, which = SubjectReadingRow, SubjectReadingRow.subject == Subject(measure)
    values = np.full(len(photos), np.nan, np.float32)
    for start in range(0, len(photos), MOST_IDS):
        some = photos[start : start + MOST_IDS].tolist()
        query = select(table.photo_id, table.probability).where(
            table.photo_id.in_(some), table.recipe_id == recipe.id, which
        )
        ids, probabilities = read_columns(connection, query, (np.int64, np.float64))
        values[np.searchsorted(photos, ids)] = probabilities
    return values


def _numbers(texts: Any) -> NDArray[np.float64]:
    """Return the numbers of many JSON lists, one after the other; NaN for null."""
    inner = (text[1:-1] for text in texts)
    joined = ",".join(text for text in inner if text).replace("null", "nan")
    return np.fromstring(joined, np.float64, sep=",") if joined else np.zeros(0)


def find(ascending: NDArray[Any], values: NDArray[Any]) -> tuple[Ids, Mask]:
    """Return the place of each value in an ascending array, and whether it is there."""
    if not len(ascending):
        return np.zeros(len(values), np.int64), np.zeros(len(values), bool)
    places = np.minimum(np.searchsorted(ascending, values), len(ascending) - 1)
    return places, ascending[places] == values


def _places(ids: Ids, values: Ids) -> Ids:
    """Return the place of each id among ids in any order."""
    order = np.argsort(ids, kind="stable")
    places, _ = find(ids[order], values)
    return order[places] if len(order) else places


def read_columns(
    connection: Connection, query: RowQuery | Any, kinds: Sequence[type[np.generic]]
) -> list[NDArray[Any]]:
    """Return the columns of a query, of numbers alone, as arrays of these types."""
    parts: list[list[NDArray[Any]]] = [[] for _ in kinds]
    # Rows of the driver: those of SQLAlchemy take as long again as all the rest.
    result = connection.execute(query)
    while result.cursor is not None and (rows := result.cursor.fetchmany(ROWS)):
        for part, values, kind in zip(parts, zip(*rows, strict=True), kinds, strict=True):
            part.append(np.array(values, kind))
    result.close()
    return [
        np.concatenate(part) if part else np.zeros(0, kind)
        for part, kind in zip(parts, kinds, strict=True)
    ]
