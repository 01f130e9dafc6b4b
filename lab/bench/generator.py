"""Fills a database with an archive of generated rows, to measure times on: nothing in it is real.

Probabilities are drawn by chance, in bulk; sums are those of the rows. The bounds of the shares are
by the normal rule, since only times are measured.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from presslens.app.db.columns import Status, Table
from presslens.app.db.figures import FigureRoleRow, FigureRow
from presslens.app.db.placement import placements
from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.db.statistics import EditionMeasureRow, EditionShareRow, EditionSummaryRow
from presslens.app.db.tables import (
    METADATA,
    DetectionRow,
    EditionRow,
    InterpretationRow,
    LabelReadingRow,
    OutcomeRow,
    PageRow,
    PhotoRow,
    PublicationRow,
    ScanRow,
    SightingRow,
    SubjectReadingRow,
)
from presslens.app.installation import Installation
from presslens.app.services.figures.gallery import gallery_version
from presslens.app.services.labels.label_set import label_set_version
from presslens.lab.bench.sample import add_sample
from presslens.models.geometry import Box
from presslens.models.labels.vocabulary import shipped_names
from presslens.models.photos.finder_errors import detection_cells
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Answer, Focus, SightingEvidence, Subject
from presslens.pipelines.progress import OnCount
from presslens.pipelines.statistics.edition_photos import EditionPhotos
from presslens.pipelines.statistics.measure import BITS, BUILT_IN, FIGURE, LABEL, Zone

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FIRST_DAY = date(2019, 1, 1)
WIDTH, HEIGHT = 2000, 2900
CORNERS = ("x0", "y0", "x1", "y1")
SPECIAL = 20
"""Every so many editions one has eight pages and three times the photos."""

LEADER = "Generated Leader"
SCORE = 0.9
"""The finder's score of every photo."""
REVIEWED = 500
"""Photos with a consensus on children."""

DETAILS = (DetectionRow, LabelReadingRow, EditionShareRow)
"""The largest tables, which lists of photos don't read."""


class RowCollector:
    """Generated rows that wait to be inserted, by table.

    Args:
        without: Tables whose rows are not kept.
    """

    def __init__(self, without: Collection[type[Table]] = ()) -> None:
        self._rows: dict[Any, list[dict[str, Any]]] = {}
        self._without = without

    def add(self, table: type[Table], **values: Any) -> None:
        """Add a row."""
        if table not in self._without:
            self.of(table).append(values)

    def of(self, table: type[Table]) -> list[dict[str, Any]]:
        """Return the rows of a table that wait."""
        return self._rows.setdefault(table.__table__, [])

    def flush(self, session: Session) -> None:
        """Insert all rows, those first that others refer to."""
        for table in METADATA.sorted_tables:
            if rows := self._rows.pop(table, None):
                session.execute(insert(table), rows)


def add_edition(
    rows: RowCollector,
    edition_id: int,
    publication_id: int,
    day: date,
    content_key: str,
    *,
    at: datetime,
) -> None:
    """Add an edition that is unpacked."""
    rows.add(
        EditionRow,
        id=edition_id,
        publication_id=publication_id,
        edition_date=day,
        content_key=content_key,
        created_at=at,
        unpacked_at=at,
    )


def add_page(
    rows: RowCollector,
    recipe: Recipe,
    *,
    ids: tuple[int, int, int],
    number: int,
    source: str,
    sha256: str,
    status: Status,
    at: datetime,
    **traits: Any,
) -> None:
    """Add a page that is observed, with its scan and its outcome.

    Args:
        rows: Where they are added.
        recipe: The page is observed under.
        ids: Of the page, of its edition, and of its scan and outcome.
        number: From 1.
        source: The name of its file.
        sha256: The hash of that file.
        status: Of its outcome.
        at: When it was observed.
        traits: Columns of the outcome; without any, none were measured.
    """
    page_id, edition_id, scan_id = ids
    rows.add(ScanRow, id=scan_id, sha256=sha256, frame=0)
    rows.add(
        PageRow,
        id=page_id,
        edition_id=edition_id,
        number=number,
        is_front=number == 1,
        source=source,
        scan_id=scan_id,
        status=None,
        reason=None,
        detail=None,
    )
    rows.add(
        OutcomeRow,
        id=scan_id,
        scan_id=scan_id,
        observation_id=recipe.observation_id,
        status=status,
        width=WIDTH,
        height=HEIGHT,
        seen_at=at,
        **traits,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Edition:
    """An edition's photos: page index, box and probabilities by measure, shape (n,) each."""

    id: int
    pages: int
    page: NDArray[np.int64]
    boxes: NDArray[np.float64]
    probabilities: dict[str, NDArray[np.float64]]


def fill(
    home: Installation,
    *,
    editions: int = 2000,
    photos: int = 50,
    sparse: bool = False,
    progress: OnCount = lambda *_: None,
) -> None:
    """Fill an empty installation.

    Args:
        editions: How many, one a day.
        photos: Photos of an edition on average.
        sparse: Leave ``DETAILS`` out: a million photos take minutes then.
        progress: Is called with the numbers of editions that are stored, and of all.
    """
    rng = np.random.default_rng(1)
    with home.database.write() as session:
        publication = session.scalars(select(PublicationRow.id)).first() or 1
        session.execute(insert(FigureRow).values(id=1, name=LEADER, created_at=NOW))
        role = {"figure_id": 1, "publication_id": publication, "role": "leader"}
        session.execute(insert(FigureRoleRow).values(**role))
    next_photo, batch = 1, 50
    for start in range(0, editions, batch):
        made = [_edition(rng, i, photos) for i in range(start, min(start + batch, editions))]
        with home.database.write() as session:
            rows = RowCollector(DETAILS if sparse else ())
            next_photo = _collect(session, rows, home, publication, made, next_photo)
            rows.flush(session)
        progress(min(start + batch, editions), editions)
    _review(home)


def _edition(rng: np.random.Generator, i: int, photos: int) -> _Edition:
    special = i % SPECIAL == SPECIAL - 1
    mean = photos * SPECIAL / (SPECIAL + 2) * (3 if special else 1)
    n, pages = max(1, int(rng.poisson(mean))), 8 if special else 6
    corners = rng.uniform(0, 0.7, (n, 2)) * (WIDTH, HEIGHT)
    sides = rng.uniform(0.08, 0.3, (n, 2)) * (WIDTH, HEIGHT)
    rates = np.linspace(0.04, 0.6, len(_measures()))
    probabilities = {
        name: rng.beta(0.4, 0.4 * (1 - rate) / rate, n)
        for name, rate in zip(_measures(), rates, strict=True)
    }
    focus = rng.dirichlet((0.5, 0.5, 1.0), n)
    for j, name in enumerate(("focus_leader", "focus_facility", "focus_neither")):
        probabilities[name] = focus[:, j]
    probabilities[f"{FIGURE}{LEADER}"] = np.where(
        probabilities["leader"] > 0.5, probabilities["leader"], 0.0
    )
    probabilities["leader"] = probabilities[f"{FIGURE}{LEADER}"]
    probabilities["leader_and_facility"] = probabilities["leader"] * np.maximum(
        probabilities["buildings"], probabilities["focus_facility"]
    )
    page = np.sort(rng.integers(0, pages, n))
    return _Edition(i + 1, pages, page, np.hstack([corners, corners + sides]), probabilities)


def _measures() -> list[str]:
    return [*BUILT_IN, f"{FIGURE}{LEADER}", *(f"{LABEL}{name}" for name in shipped_names())]


def _collect(
    session: Session,
    rows: RowCollector,
    home: Installation,
    publication: int,
    made: Sequence[_Edition],
    next_photo: int,
) -> int:
    versions = {
        "gallery": gallery_version(session, home.recipe, publication),
        "label_set": label_set_version(session),
    }
    for edition in made:
        _pages(rows, home, publication, edition)
        _photos(rows, home, edition, next_photo, versions)
        arrays, key = _arrays(edition), {"recipe_id": home.recipe.id, "edition_id": edition.id}
        ids = list(range(next_photo, next_photo + len(edition.page)))
        rows.add(
            EditionSummaryRow,
            **_summary(home, edition, versions),
            photo_ids=ids,
            **arrays.stored(),
        )
        for measure in arrays.stored_measures():
            rows.add(EditionMeasureRow, **key, **measure)
        for name in edition.probabilities:
            for zone in Zone:
                if (sums := arrays.sums(name, zone)).n:
                    rows.add(EditionShareRow, **key, measure=name, zone=zone, **asdict(sums))
        next_photo += len(edition.page)
    return next_photo


def _pages(rows: RowCollector, home: Installation, publication: int, edition: _Edition) -> None:
    add_edition(
        rows, edition.id, publication, FIRST_DAY + timedelta(days=edition.id - 1),
        f"{edition.id:064x}", at=NOW,
    )  # fmt: skip
    for number in range(1, edition.pages + 1):
        scan = edition.id * 10 + number
        add_page(
            rows,
            home.recipe,
            ids=(scan, edition.id, scan),
            number=number,
            source=f"page_{number}.jpg",
            sha256=f"{scan:064x}",
            status=Status.DONE if (edition.page == number - 1).any() else Status.EMPTY,
            at=NOW,
        )


def _photos(
    rows: RowCollector, home: Installation, edition: _Edition, first: int, versions: dict[str, str]
) -> None:
    recipe_id, verdicts = home.recipe.id, list(Focus)
    position = [0] * edition.pages
    by_page = (edition.boxes[edition.page == i].tolist() for i in range(edition.pages))
    placed = [placements([Box(*box) for box in boxes], (WIDTH, HEIGHT)) for boxes in by_page]
    for i, page in enumerate(edition.page.tolist()):
        key = {"photo_id": first + i, "recipe_id": recipe_id}
        box = dict(zip(CORNERS, edition.boxes[i].tolist(), strict=True))
        p = {name: float(values[i]) for name, values in edition.probabilities.items()}
        rows.add(
            PhotoRow,
            id=first + i,
            outcome_id=edition.id * 10 + page + 1,
            position=position[page],
            score=SCORE,
            **placed[page][position[page]],
            **box,
        )
        position[page] += 1
        for k in range(i % 7):
            rows.add(DetectionRow, photo_id=first + i, position=k, label="person", score=0.8, **box)
        rows.add(
            InterpretationRow,
            **key,
            **versions,
            verdict=verdicts[i % len(verdicts)],
            leader=p["focus_leader"],
            facility=p["focus_facility"],
            reasons=[],
        )
        for subject in Subject:
            count = i % 40 if subject is Subject.PEOPLE and p[subject.value] > 0.5 else None
            rows.add(
                SubjectReadingRow,
                **key,
                subject=subject,
                probability=p[subject.value],
                count=count,
            )
        for name in shipped_names():
            rows.add(LabelReadingRow, **key, label=name, probability=p[f"{LABEL}{name}"])
        if p["leader"] > 0:
            rows.add(
                SightingRow,
                **key,
                figure_id=1,
                probability=p["leader"],
                answer=Answer.YES,
                told_by=SightingEvidence.FACE,
                reasons=[],
                **box,
            )


def _summary(home: Installation, edition: _Edition, versions: dict[str, str]) -> dict[str, Any]:
    area = _areas(edition)
    return {
        "edition_id": edition.id,
        "recipe_id": home.recipe.id,
        **versions,
        "pages": edition.pages,
        "pages_seen": edition.pages,
        "photos": len(area),
        "photo_area": float(area.sum()),
        "largest_photo": float(area.max()),
        "page_types": {"mixed": edition.pages},
        "leader_photos": int((edition.probabilities["leader"] > 0).sum()),
        "leader_unsure": 0,
        "leader_area": 0.2,
        "leader_centrality": 0.5,
        "together_photos": 0,
        "front_lead_focus": Focus.LEADER,
        "found_pages": [
            [page + 1, 0, *detection_cells(on_page.tolist(), [SCORE] * len(on_page))]
            for page in range(edition.pages)
            for on_page in [area[edition.page == page]]
        ],
    }


def _areas(edition: _Edition) -> NDArray[np.float64]:
    x0, y0, x1, y1 = edition.boxes.T
    return np.asarray((x1 - x0) * (y1 - y0) / (WIDTH * HEIGHT))


def _arrays(edition: _Edition) -> EditionPhotos:
    middle = (edition.boxes[:, 1] + edition.boxes[:, 3]) / 2
    inside = {
        Zone.ALL: np.ones(len(middle), bool),
        Zone.FRONT: edition.page == 0,
        Zone.INSIDE: edition.page > 0,
        Zone.ABOVE_FOLD: middle < HEIGHT / 2,
        Zone.LEAD: np.append(np.diff(edition.page) > 0, True),
    }
    zones = sum(BITS[zone] * mask.astype(np.uint8) for zone, mask in inside.items())
    return EditionPhotos(
        _areas(edition),
        np.asarray(zones, np.uint8),
        edition.probabilities,
        {name: values >= 0.5 for name, values in edition.probabilities.items()},
        {},
    )


def _review(home: Installation) -> None:
    """Add a consensus on children to some photos, spread over the archive."""
    with home.database.write() as session:
        ids = list(session.scalars(select(PhotoRow.id).order_by(PhotoRow.id)))
        step = max(1, len(ids) // REVIEWED)
        add_sample(session, home.recipe, ids, ids[::step], at=NOW)
        session.execute(
            insert(SettledAnswerRow),
            [
                {
                    "photo_id": i,
                    "measure": "children",
                    "shows": i % 3 == 0,
                    "codebook": home.recipe.codebook,
                }
                for i in ids[::step]
            ],
        )
