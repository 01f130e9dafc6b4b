"""What a gallery shows of each photo: where it is printed, and what is in it, at a glance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

import numpy as np
from sqlalchemy import Connection, String, select, type_coerce

from presslens.app.db.figures import FigureRow
from presslens.app.db.tables import CaptionRow, SightingRow, SubjectReadingRow
from presslens.app.installation import Installation
from presslens.app.services.catalogue.photo_address import frame_ids
from presslens.app.services.catalogue.photo_columns import UNREAD, VERDICTS
from presslens.app.services.catalogue.photo_index import PhotoIndex
from presslens.app.services.catalogue.photo_views import PhotoSelection
from presslens.app.services.shares.consensus_photos import load_consensus
from presslens.app.services.shares.validities import load_undecided
from presslens.models.vocabulary import Focus, Subject
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.measure import FIGURE


@dataclass(frozen=True, slots=True)
class PhotoGlance(Served):
    """A printed photo, at a glance."""

    SERVED: ClassVar[str] = """
        id publication date=day edition page page_number aspect score area_share subjects
        figures focus=focus_document focus_note caption reviewed settled selected face prints
    """

    id: int  # its address, see ``PhotoRow.frame_id``
    page: int  # id of the page
    page_number: int
    edition: int  # id of the edition
    publication: str  # the newspaper
    day: date  # the day of the edition
    aspect: float  # width by height of what is shown: of the photo, its page, or a face in it
    area_share: float  # share of the page's area, 0–1
    score: float  # the detector's confidence, 0–1
    # What it is composed around by the machine; None of one that nobody has looked at.
    focus: Focus | None
    focus_note: str | None  # why that verdict decides nothing in the newspaper; None: it does
    # Probability of each subject, 0–1, and number of people where they were counted, as in the JSON
    # contract.
    subjects: dict[str, dict[str, Any]]
    # The figures in it, the surest first, with id, name, probability and answer.
    figures: tuple[dict[str, Any], ...]
    caption: str | None  # its printed caption; None if none was read
    reviewed: bool  # whether coders have settled a question about it
    settled: Mapping[str, bool]  # what they have settled, by measure
    selected: int | None = None  # photos of the page that are selected, where the page is shown
    face: int | None = None  # id of the figure whose face is shown
    prints: int | None = None  # selected prints of its picture, where they lie together

    @property
    def focus_document(self) -> dict[str, str] | None:
        """What it is composed around by the machine: its verdict."""
        return {"verdict": self.focus} if self.focus else None


def glance_at(
    home: Installation, index: PhotoIndex, selection: PhotoSelection
) -> tuple[PhotoGlance, ...]:
    """Return what is shown of printed photos, at a glance, in order.

    Args:
        selection: What is shown.
    """
    columns, places = index.columns, selection.places
    ids: list[int] = columns.photos[columns.photo[places]].tolist()
    with home.database.read() as session:
        connection = session.connection()
        subjects = _subjects(connection, ids, home.recipe.id)
        consensus = load_consensus(session, list(set(ids)))
        figures = _figures(connection, ids, home.recipe.id, consensus)
        captions = _captions(connection, ids)
        addresses = frame_ids(session, ids)
        papers = np.unique(columns.publication[columns.edition[places]]).tolist()
        names = (columns.publications[paper] for paper in papers)
        undecided = {name: load_undecided(session, name, home.recipe) for name in names}
    nothing: list[int | None] = [None] * len(places)
    counts = nothing if selection.counts is None else selection.counts.tolist()
    faces = nothing if selection.figures is None else selection.figures.tolist()
    prints = nothing if selection.prints is None else selection.prints.tolist()
    aspects = selection.aspects.tolist()
    return tuple(
        PhotoGlance(
            id=addresses[photo],
            page=int(columns.page[place]),
            page_number=int(columns.number[place]),
            edition=int(columns.edition_id[edition]),
            publication=paper,
            day=columns.day[edition].item(),
            aspect=round(aspects[i], 4),
            area_share=round(float(columns.area[place]), 5),
            score=round(float(columns.score[place]), 4),
            focus=verdict,
            focus_note=None if verdict is None else undecided[paper].get(verdict),
            subjects=subjects.get(photo, {}),
            figures=tuple(figures.get(photo, ())),
            caption=captions.get(photo),
            reviewed=bool(columns.reviewed[place]),
            settled=consensus.get(photo, {}),
            selected=counts[i],
            face=faces[i],
            prints=prints[i],
        )
        for i, (photo, place) in enumerate(zip(ids, places.tolist(), strict=True))
        for edition in (int(columns.edition[place]),)
        for paper in (columns.publications[columns.publication[edition]],)
        for verdict in (_verdict(columns.verdict[place]),)
    )


def _verdict(code: int) -> Focus | None:
    return None if code == UNREAD else VERDICTS[code]


def _subjects(
    connection: Connection, ids: Sequence[int], recipe_id: str
) -> dict[int, dict[str, dict[str, Any]]]:
    """Return probability and count of each subject, by photo."""
    name = type_coerce(SubjectReadingRow.subject, String)
    query = select(
        SubjectReadingRow.photo_id, name, SubjectReadingRow.probability, SubjectReadingRow.count
    ).where(SubjectReadingRow.photo_id.in_(set(ids)), SubjectReadingRow.recipe_id == recipe_id)
    read: dict[int, dict[str, dict[str, Any]]] = defaultdict(dict)
    for photo, subject, probability, count in connection.execute(query):
        counted = {} if count is None else {"count": count}
        read[photo][subject] = {"probability": round(probability, 4), **counted}
    order = [subject.value for subject in Subject]
    return {photo: {one: row[one] for one in order if one in row} for photo, row in read.items()}


def _figures(
    connection: Connection,
    ids: Sequence[int],
    recipe_id: str,
    consensus: Mapping[int, Mapping[str, bool]],
) -> dict[int, list[dict[str, Any]]]:
    """Return the sightings that people have not rejected, by photo."""
    query = (
        select(
            SightingRow.photo_id,
            SightingRow.figure_id,
            FigureRow.name,
            SightingRow.probability,
            type_coerce(SightingRow.answer, String),
        )
        .join(FigureRow, FigureRow.id == SightingRow.figure_id)
        .where(SightingRow.photo_id.in_(set(ids)), SightingRow.recipe_id == recipe_id)
        .order_by(SightingRow.probability.desc(), FigureRow.name)
    )
    seen: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for photo, figure, name, probability, answer in connection.execute(query):
        if consensus.get(photo, {}).get(f"{FIGURE}{name}") is not False:
            seen[photo].append(
                {"id": figure, "name": name, "probability": round(probability, 4), "answer": answer}
            )
    return seen


def _captions(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    query = select(CaptionRow.photo_id, CaptionRow.text)
    query = query.where(CaptionRow.photo_id.in_(set(ids)), CaptionRow.text != "")
    return {photo: text for photo, text in connection.execute(query) if text}
