"""Sheets of the benchmark as composed: pages of editions and single photos, with their truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from presslens.samples.area import Area
from presslens.samples.benchmark.catalogue import BACKDROPS, OPEN_SHOTS, PEOPLE, ROLES, WITHHELD
from presslens.samples.benchmark.gathering import Gathering, SeenPerson, stand_in_row, stand_in_rows
from presslens.samples.benchmark.press import Pixels
from presslens.samples.catalogue import Shot
from presslens.samples.cutout import Wardrobe
from presslens.samples.desk import PictureDesk
from presslens.samples.distractor import paper
from presslens.samples.picture import ENLARGE, SOFT, Generator, Picture, develop, fitting, vary
from presslens.samples.press import Press
from presslens.samples.scene import fireworks
from presslens.samples.sources import Sources
from presslens.samples.template import pages
from presslens.samples.truth import PictureTruth

SEED = 1
"""The seed of the published pictures."""
DAY = date(2026, 11, 26).isoformat()
EDITIONS = ("ordinary", "special", "distractors", "distractors", "evening")
"""Kinds of ``samples.template`` of the editions: 26 pages."""
PHOTOS: Mapping[str, int] = {
    "portrait": 16, "building": 10, "facility": 8, "scenery": 4, "fireworks": 10, "group": 16,
    "assembly": 6, "crowd": 10,
}  # fmt: skip
"""How many single photos there are of each kind: 80."""
SIZES = (640, 480), (630, 420), (560, 560), (480, 640)
"""Widths and heights of single photos in pixels: 102 x 76 mm to 76 x 102 mm on paper."""
ROWS = {"assembly": (2, 0.16), "crowd": (6, 0.065)}
"""Least rows of people in a photo, and the height of their heads as a share of the photo's."""
MARGIN = 48
"""Paper around a single photo, in pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class ComposedSheet:
    """A sheet before it is printed, and what is on it."""

    name: str  # "page-001" or "photo-001", and so on
    pixels: Pixels  # RGB, shape (height, width, 3)
    photo: Area | None  # the frame of a single photo; None on a page
    photos: Sequence[dict[str, Any]]  # photos of a page: their boxes and subjects; or the one photo
    distractors: Sequence[dict[str, Any]] = ()  # boxes and kinds of what resembles photos
    # People of a single photo; None where it isn't known where they are.
    people: Sequence[SeenPerson] | None = None
    # The edition of a page; the kind and source files of a single photo.
    origin: Mapping[str, Any] = field(default_factory=dict)


def compose_sheets(
    folder: Path, *, seed: int = SEED, sample: bool = False
) -> Iterator[ComposedSheet]:
    """Yield all pages, then all single photos.

    Args:
        folder: The folder of the files of ``samples/sources.toml``.
        seed: Seeds every random choice, 0 or more.
        sample: Yield two pages and a photo of each kind only.

    Raises:
        MissingSource: A photograph or font isn't in the folder.
    """
    sources = Sources(folder, WITHHELD)
    if sample:
        yield from islice(_pages(sources, seed, ("distractors",)), 2)
        yield from _photos(sources, seed, dict.fromkeys(PHOTOS, 1))
        return
    yield from _pages(sources, seed, EDITIONS)
    yield from _photos(sources, seed, PHOTOS)


def sheet_count(*, sample: bool = False) -> int:
    """Return how many sheets ``compose_sheets`` yields."""
    return 2 + len(PHOTOS) if sample else 26 + sum(PHOTOS.values())


def _pages(sources: Sources, seed: int, editions: Sequence[str]) -> Iterator[ComposedSheet]:
    number = 0
    for place, kind in enumerate(editions, start=1):
        rng = np.random.default_rng([seed, 26, place])
        desk = PictureDesk(sources, rng)
        desk.wardrobe = Wardrobe(sources, PEOPLE)
        press = Press(desk, DAY)
        for in_edition, plan in enumerate(pages(kind, rng), start=1):
            number += 1
            sheet, truth = press.page(plan, in_edition)
            photos = [{"box": p["box"], "subjects": p["subjects"]} for p in truth["photos"]]
            yield ComposedSheet(
                f"page-{number:03d}",
                np.asarray(sheet),
                None,
                photos,
                truth["distractors"],
                origin={"edition": f"{place}-{kind}", "page": in_edition},
            )


@dataclass(frozen=True, slots=True)
class _SinglePhoto:
    """A single photo: its picture, its people where they were set in, its source files."""

    picture: Picture
    people: Sequence[SeenPerson] | None
    files: Sequence[str]


def _photos(sources: Sources, seed: int, kinds: Mapping[str, int]) -> Iterator[ComposedSheet]:
    rng = np.random.default_rng([seed, 80])
    studio = Studio(sources, rng)
    order = [kind for kind, count in kinds.items() for _ in range(count)]
    for number, kind in enumerate(order, start=1):
        size = SIZES[int(rng.integers(len(SIZES)))]
        single = studio.photo(kind, size)
        frame = Area(MARGIN, MARGIN, MARGIN + size[0], MARGIN + size[1])
        sheet = paper((size[0] + 2 * MARGIN, size[1] + 2 * MARGIN), rng)
        sheet.paste(single.picture.image, (frame.x0, frame.y0))
        moved = single.people and [_on_sheet(person) for person in single.people]
        yield ComposedSheet(
            f"photo-{number:03d}",
            np.asarray(sheet),
            frame,
            [{"box": frame.to_list(), "subjects": single.picture.truth.subjects()}],
            people=moved,
            origin={"kind": kind, "files": sorted(set(single.files))},
        )


def _on_sheet(person: SeenPerson) -> SeenPerson:
    area = person.area
    x0, y0, x1, y1 = (edge + MARGIN for edge in area.box)
    return SeenPerson(Area(x0, y0, x1, y1), person.counts)


@dataclass(slots=True)
class Studio:
    """Makes single photos, and no source twice before the others had their turn."""

    sources: Sources  # the photographs
    rng: Generator  # draws the pictures and their variations
    wardrobe: Wardrobe = field(init=False)
    _used: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.wardrobe = Wardrobe(self.sources, PEOPLE)

    def photo(self, kind: str, size: tuple[int, int]) -> _SinglePhoto:
        """Return a photo of a kind of PHOTOS, of a size (width, height)."""
        if kind in ROLES:
            shots = [shot for shot in OPEN_SHOTS if shot.role in ROLES[kind]]
            shot = self._chosen(shots, size)
            picture = develop(self.sources, shot, size, self.rng)
            nobody = picture.truth.people == 0
            return _SinglePhoto(picture, () if nobody else None, [shot.file])
        shot = self._chosen(BACKDROPS, size)
        backdrop = develop(self.sources, shot, size, self.rng)
        if kind == "fireworks":
            return _SinglePhoto(fireworks(backdrop, self.rng), (), [shot.file])
        return self._gathered(kind, backdrop, shot)

    def _gathered(self, kind: str, backdrop: Picture, shot: Shot) -> _SinglePhoto:
        gathering = Gathering(backdrop.image.copy(), self.wardrobe, self.rng)
        if kind == "group":
            stand_in_row(gathering, int(self.rng.integers(1, 9)), PEOPLE)
        else:
            rows, head = ROWS[kind]
            stand_in_rows(gathering, rows + int(self.rng.integers(0, 3)), head, PEOPLE)
        people = gathering.people()
        count = sum(person.counts for person in people)
        truth = PictureTruth(people=count, crowd=count >= 30, buildings=None)
        image = vary(gathering.image, self.rng, flip=False)
        files = [shot.file, *(outline.file for outline in PEOPLE)]
        return _SinglePhoto(Picture(image, truth), people, files)

    def _chosen(self, shots: Sequence[Shot], size: tuple[int, int]) -> Shot:
        """Return the shot that was used least of those that can be cropped to a size."""
        for enlarge in (ENLARGE, SOFT):
            fits = [s for s in shots if fitting(self.sources, s, size, enlarge=enlarge)]
            if fits:
                break
        fewest = min(self._used.get(shot.file, 0) for shot in fits)
        rested = [shot for shot in fits if self._used.get(shot.file, 0) == fewest]
        shot = rested[int(self.rng.integers(len(rested)))]
        self._used[shot.file] = fewest + 1
        return shot
