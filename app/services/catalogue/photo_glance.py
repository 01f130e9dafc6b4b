"""What a gallery shows of each photo: where it is printed, and what is in it, at a glance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, String, select, type_coerce

from app.db.figures import FigureRow
from app.db.tables import CaptionRow, SightingRow, SubjectReadingRow
from app.installation import Installation
from app.services.catalogue.photo_columns import VERDICTS
from app.services.catalogue.photo_index import PhotoIndex, Places
from models.vocabulary import Answer, Subject


@dataclass(frozen=True, slots=True)
class SightedFigure:
    """A figure in a photo.

    Attributes:
        name: The figure.
        probability: That it is the figure, 0–1.
        certain: Whether the machine is certain of it.
        box: The face, in pixels of the page; None where no face was found.
    """

    name: str
    probability: float
    certain: bool
    box: tuple[float, float, float, float] | None


@dataclass(frozen=True, slots=True)
class PhotoGlance:
    """A printed photo, at a glance.

    Attributes:
        id: Its id.
        page: Id of the page.
        page_number: Number of the page.
        edition: Id of the edition.
        publication: The newspaper.
        day: The day of the edition.
        aspect: Width by height.
        area_share: Share of the page's area, 0–1.
        score: The detector's confidence, 0–1.
        focus: What it is composed around.
        subjects: Probability of each subject, 0–1.
        people: Number of people; None where nobody counted.
        figures: The figures in it, the surest first.
        caption: Its printed caption; None if none was read.
        reviewed: Whether coders have settled a question about it.
    """

    id: int
    page: int
    page_number: int
    edition: int
    publication: str
    day: date
    aspect: float
    area_share: float
    score: float
    focus: str
    subjects: dict[str, float]
    people: int | None
    figures: tuple[SightedFigure, ...]
    caption: str | None
    reviewed: bool

    def to_json(self) -> dict[str, Any]:
        """Return the photo as it is served."""
        return {**asdict(self), "day": self.day.isoformat()}


def glance_at(home: Installation, index: PhotoIndex, places: Places) -> tuple[PhotoGlance, ...]:
    """Return printed photos at a glance, in the order in which they are given.

    Args:
        home: The installation.
        index: An index of its photos.
        places: Which of them.
    """
    columns = index.columns
    ids: list[int] = columns.photos[columns.photo[places]].tolist()
    with home.database.read() as session:
        connection = session.connection()
        subjects, people = _subjects(connection, ids, home.recipe.id)
        figures = _figures(connection, ids, home.recipe.id)
        captions = _captions(connection, ids)
    return tuple(
        PhotoGlance(
            id=photo,
            page=int(columns.page[place]),
            page_number=int(columns.number[place]),
            edition=int(columns.edition_id[edition]),
            publication=columns.publications[columns.publication[edition]],
            day=columns.day[edition].item(),
            aspect=round(float(columns.aspect[place]), 4),
            area_share=round(float(columns.area[place]), 5),
            score=round(float(columns.score[place]), 4),
            focus=VERDICTS[columns.verdict[place]].value,
            subjects=subjects.get(photo, {}),
            people=people.get(photo),
            figures=tuple(figures.get(photo, ())),
            caption=captions.get(photo),
            reviewed=bool(columns.reviewed[place]),
        )
        for photo, place in zip(ids, places.tolist(), strict=True)
        for edition in (int(columns.edition[place]),)
    )


def _subjects(
    connection: Connection, ids: Sequence[int], recipe_id: str
) -> tuple[dict[int, dict[str, float]], dict[int, int]]:
    """Return the probabilities of subjects, and the number of people, by photo."""
    name = type_coerce(SubjectReadingRow.subject, String)
    query = select(
        SubjectReadingRow.photo_id, name, SubjectReadingRow.probability, SubjectReadingRow.count
    ).where(SubjectReadingRow.photo_id.in_(set(ids)), SubjectReadingRow.recipe_id == recipe_id)
    read: dict[int, dict[str, float]] = defaultdict(dict)
    people: dict[int, int] = {}
    for photo, subject, probability, count in connection.execute(query):
        read[photo][subject] = round(probability, 4)
        if subject == Subject.PEOPLE and count is not None:
            people[photo] = count
    order = [subject.value for subject in Subject]
    return {
        photo: {one: told[one] for one in order if one in told} for photo, told in read.items()
    }, people


def _figures(
    connection: Connection, ids: Sequence[int], recipe_id: str
) -> dict[int, list[SightedFigure]]:
    query = (
        select(
            SightingRow.photo_id,
            FigureRow.name,
            SightingRow.probability,
            type_coerce(SightingRow.answer, String),
            SightingRow.x0,
            SightingRow.y0,
            SightingRow.x1,
            SightingRow.y1,
        )
        .join(FigureRow, FigureRow.id == SightingRow.figure_id)
        .where(SightingRow.photo_id.in_(set(ids)), SightingRow.recipe_id == recipe_id)
        .order_by(SightingRow.probability.desc(), FigureRow.name)
    )
    seen: dict[int, list[SightedFigure]] = defaultdict(list)
    for photo, name, probability, answer, *box in connection.execute(query):
        x0, y0, x1, y1 = box
        face = (x0, y0, x1, y1) if x1 > x0 else None
        seen[photo].append(SightedFigure(name, round(probability, 4), answer == Answer.YES, face))
    return seen


def _captions(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    query = select(CaptionRow.photo_id, CaptionRow.text)
    query = query.where(CaptionRow.photo_id.in_(set(ids)), CaptionRow.text != "")
    return {photo: text for photo, text in connection.execute(query) if text}
