"""Photos, persons, things and enrolled figures as COCO JSON, written as they are read.

The format is that of https://cocodataset.org/#format-data: ids from 1, boxes [x, y, w, h] that are
not rounded, and each box again as the polygon of its segmentation. Tools that want more find
``photo_id``, which joins with the tables, and ``attributes`` of photos: what annotation tools keep
and people correct there. What they have corrected is read by
``app.services.annotations.coco``.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, func, or_, select
from sqlalchemy.orm import Session

from presslens.app.db.descriptions import EditionDescriptionRow
from presslens.app.db.exported import SIDES
from presslens.app.db.figures import FigureRow
from presslens.app.db.queries import EditionScope
from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.db.superseded import superseded_editions
from presslens.app.db.tables import DetectionRow, EditionRow, PublicationRow
from presslens.app.services.annotations.annotated import FOCUS, written_answer
from presslens.app.services.exports.batches import FETCH, ReportProgress, no_progress, read_batches
from presslens.app.services.exports.snapshot.manifest import code_version
from presslens.app.services.exports.tables.registry import table_named
from presslens.app.services.shares.consensus_photos import reviewed_places
from presslens.models.geometry import Box
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Answer, Focus
from presslens.pipelines.statistics.consensus import focus_of
from presslens.pipelines.statistics.measure import FIGURE, FOCUSES, SUBJECTS

PHOTO = "photo"


def write_coco(
    session: Session,
    scope: EditionScope,
    recipe: Recipe,
    path: Path,
    *,
    image_path: Callable[[int], str],
    photos_only: bool = False,
    boxes_only: bool = False,
    progress: ReportProgress = no_progress,
) -> tuple[dict[str, int], list[int]]:
    """Write analysed pages as images; photos, detections and figures on them as annotations.

    Args:
        recipe: The recipe of the annotations.
        image_path: Gives the ``file_name`` of a page's picture by the page's id.
        photos_only: Neither detections nor figures: for tools that have to know each category.
        boxes_only: No polygons: for tools that would draw them in place of the boxes, as CVAT does.
        progress: Called after each batch of images and annotations.

    Returns:
        The numbers of images and annotations, and the ids of the pages.
    """
    connection = session.connection()
    categories = {PHOTO: 1} if photos_only else _categories(connection)
    settled = _consensus(connection)
    writer = _Writer(
        session, scope, recipe, categories, image_path, settled, not boxes_only,
        _rights(connection, scope),
    )  # fmt: skip
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write('{"info": ' + _json(_info(connection, recipe, scope)))
        file.write(',\n"licenses": ' + _json(_licences(writer.licences)))
        file.write(',\n"categories": ' + _json(_listed(categories)))
        images = _write_list(file, "images", writer.images(), progress)
        items = writer.annotations(photos_only)
        annotations = _write_list(file, "annotations", items, progress)
        file.write("\n}\n")
    return {"images": images, "annotations": annotations}, writer.analysed


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _write_list(
    file: IO[str], name: str, items: Iterator[dict[str, Any]], progress: ReportProgress
) -> int:
    file.write(f',\n"{name}": [')
    count = 0
    for item in items:
        file.write((",\n" if count else "\n") + _json(item))
        count += 1
        if count % FETCH == 0:
            progress(name, count)
    file.write("]")
    return count


def _info(connection: Connection, recipe: Recipe, scope: EditionScope) -> dict[str, Any]:
    day = EditionRow.edition_date
    query = select(func.min(day), func.max(day)).join(PublicationRow).where(*scope.conditions())
    (days,) = connection.execute(query)
    conditions = {"publication": scope.publication, "from": scope.first, "to": scope.last,
             "edition": scope.edition}  # fmt: skip
    return {
        "description": "Photos on newspaper pages, found and read by Presslens. Machine-made: every"
        " annotation has its score. Where people have settled the focus, or that a figure is in a"
        " photo or not, that stands; a figure of whom nobody says where he stands has no box."
        " Images are not part of this file.",
        "version": code_version(),
        "recipe": recipe.id,
        "filter": {name: str(value) for name, value in conditions.items() if value is not None},
        "days": [one and one.isoformat() for one in days],
        "file_name": "address of the page's picture under /api/v1 of the installation",
    }


def _rights(connection: Connection, scope: EditionScope) -> dict[int, tuple[str, str]]:
    """Return the rights that libraries state, in words and as an address, by edition."""
    about = EditionDescriptionRow
    query = (
        select(about.edition_id, about.rights, about.rights_address)
        .join(EditionRow, EditionRow.id == about.edition_id)
        .join(PublicationRow)
        .where(*scope.conditions(), or_(about.rights != "", about.rights_address != ""))
        .order_by(about.edition_id)
    )
    return {edition: (words, address) for edition, words, address in connection.execute(query)}


def _categories(connection: Connection) -> dict[str, int]:
    labels = connection.scalars(select(DetectionRow.label).distinct()).all()
    names = connection.scalars(select(FigureRow.name)).all()
    all_names = [PHOTO, *sorted(labels), *(f"{FIGURE}{name}" for name in sorted(names))]
    return {name: i for i, name in enumerate(dict.fromkeys(all_names), start=1)}


def _licences(ids: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
    return [{"id": i, "name": words or address, "url": address}
            for (words, address), i in ids.items()]  # fmt: skip


def _listed(categories: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "id": number,
            "name": name,
            "supercategory": PHOTO if name == PHOTO else FIGURE[:-1] if FIGURE in name else "thing",
        }
        for name, number in categories.items()
    ]


def _corners(box: Box) -> dict[str, float]:
    return dict(zip(SIDES, box.to_list(), strict=True))


def _polygon(row: Mapping[str, Any]) -> list[float]:
    """Return the corners of a box in turn, as COCO writes polygons."""
    x0, y0, x1, y1 = (row[side] for side in SIDES)
    return [x0, y0, x1, y0, x1, y1, x0, y1]


def _consensus(connection: Connection) -> dict[int, dict[str, bool]]:
    """Return what people have settled of subjects, focus and figures of photos, by photo."""
    row = SettledAnswerRow
    query = select(row.photo_id, row.measure, row.shows).where(
        or_(row.measure.in_((*SUBJECTS, *FOCUSES)), row.measure.startswith(FIGURE, autoescape=True))
    )
    consensus: dict[int, dict[str, bool]] = defaultdict(dict)
    for photo, measure, shows in connection.execute(query):
        consensus[photo][measure] = shows
    return consensus


@dataclass(slots=True)
class _Writer:
    session: Session
    scope: EditionScope
    recipe: Recipe
    categories: Mapping[str, int]
    image_path: Callable[[int], str]
    consensus: dict[int, dict[str, bool]]  # what people have settled of photos
    polygons: bool  # boxes are polygons too
    rights: Mapping[int, tuple[str, str]]  # of the scans, by edition
    number: int = 0  # of the last annotation
    analysed: list[int] = field(default_factory=list)  # ids of the pages that are images
    pages: dict[int, list[int]] = field(default_factory=dict)  # the pages of each photo

    @property
    def licences(self) -> dict[tuple[str, str], int]:
        """The ids of rights."""
        return {one: i for i, one in enumerate(dict.fromkeys(self.rights.values()), start=1)}

    def _rows(self, table: str) -> Iterator[dict[str, Any]]:
        spec = table_named(table)
        names = [column.name for column in spec.queried_columns]
        for columns in read_batches(self.session, spec, self.scope, self.recipe):
            for row in zip(*columns, strict=True):
                yield dict(zip(names, row, strict=True))

    def images(self) -> Iterator[dict[str, Any]]:
        superseded = frozenset(self.session.connection().scalars(superseded_editions(self.recipe)))
        licences = self.licences
        for page in self._rows("pages"):
            if page["width"] is not None:
                self.analysed.append(page["page_id"])
                rights = self.rights.get(page["edition_id"])
                yield {
                    "id": page["page_id"],
                    "file_name": self.image_path(page["page_id"]),
                    "width": page["width"],
                    "height": page["height"],
                    "scan_sha256": page["scan_sha256"],
                    "scan_frame": page["scan_frame"],
                    "edition_id": page["edition_id"],
                    "page_number": page["number"],
                    "superseded": page["edition_id"] in superseded,
                    **({"license": licences[rights]} if rights else {}),
                }

    def annotations(self, photos_only: bool) -> Iterator[dict[str, Any]]:
        if photos_only:
            return self._photos()
        return chain(self._photos(), self._detections(), self._figures())

    def _shown(self) -> dict[int, int]:
        """Return the subjects that photos show by the machine, as bits, by photo."""
        shown: dict[int, int] = {}
        for row in self._rows("subjects"):
            bit = int(bool(row["decided"])) << SUBJECTS.index(row["subject"])
            shown[row["photo_id"]] = shown.get(row["photo_id"], 0) | bit
        return shown

    def _attributes(self, photo: int, shown: int | None, focus: Focus | None) -> dict[str, Any]:
        """Return what annotation tools keep of a photo: its id, and what can be answered of it."""
        consensus = self.consensus.get(photo, {})
        machine = {} if shown is None else {
            name: bool(shown >> i & 1) for i, name in enumerate(SUBJECTS)
        }  # fmt: skip
        answers = {
            name: written_answer(shows)
            for name in SUBJECTS
            if (shows := consensus.get(name, machine.get(name))) is not None
        }
        verdict = {FOCUS: focus.value} if focus else {}
        return {"photo_id": photo, **answers, **verdict}

    def _photos(self) -> Iterator[dict[str, Any]]:
        shown = self._shown()
        for row in self._rows("photos"):
            self.pages.setdefault(row["photo_id"], []).append(row["page_id"])
            machine = Focus(row["focus"]) if row["focus"] else None
            focus = focus_of(self.consensus.get(row["photo_id"], {}), machine)
            yield self._annotation(PHOTO, row["page_id"], row, row["score"],
                focus=focus and focus.value, focus_by_machine=row["focus"], by_hand=row["by_hand"],
                frame_id=row["frame_id"],
                attributes=self._attributes(row["photo_id"], shown.get(row["photo_id"]), focus),
            )  # fmt: skip

    def _detections(self) -> Iterator[dict[str, Any]]:
        for row in self._rows("detections"):
            for page in self.pages.get(row["photo_id"], ()):
                yield self._annotation(row["label"], page, row, row["score"])

    def _figures(self) -> Iterator[dict[str, Any]]:
        """Yield the figures as people and the machine say: none that people have rejected."""
        seen: set[tuple[int, str]] = set()
        places = self._places()
        for row in self._rows("sightings"):
            name = f"{FIGURE}{row['figure']}"
            seen.add((row["photo_id"], name))
            if row["settled"] is False:
                continue
            place = places.get(row["photo_id"], {}).get(name)
            if place is not None:
                row |= _corners(place)
            answer = Answer.YES.value if row["settled"] else row["answer"]
            for page in self.pages.get(row["photo_id"], ()):
                yield self._annotation(
                    name, page, row, row["probability"], answer=answer, settled=row["settled"]
                )
        yield from self._by_people(seen, places)

    def _places(self) -> Mapping[int, Mapping[str, Box]]:
        """Return where people say that figures stand, by photo and measure."""
        answers = {photo: given for photo, given in self.consensus.items() if photo in self.pages}
        return reviewed_places(self.session, self.recipe.observation_id, answers)

    def _by_people(
        self, seen: Collection[tuple[int, str]], places: Mapping[int, Mapping[str, Box]]
    ) -> Iterator[dict[str, Any]]:
        """Yield the figures who are in photos by people alone, where they say that they stand."""
        for photo, boxes in sorted(places.items()):
            for name, box in sorted(boxes.items()):
                if (photo, name) in seen or name not in self.categories:
                    continue
                row = {"photo_id": photo, **_corners(box)}
                for page in self.pages[photo]:
                    yield self._annotation(
                        name, page, row, 1.0, answer=Answer.YES.value, settled=True
                    )

    def _annotation(
        self, category: str, page: int, row: Mapping[str, Any], score: float, **more: Any
    ) -> dict[str, Any]:
        width, height = row["x1"] - row["x0"], row["y1"] - row["y0"]
        self.number += 1
        return {
            "id": self.number,
            "image_id": page,
            "category_id": self.categories[category],
            "bbox": [row["x0"], row["y0"], width, height],
            "area": width * height,
            "segmentation": [_polygon(row)] if self.polygons else [],
            "iscrowd": 0,
            "score": score,
            "photo_id": row["photo_id"],
            **more,
        }
