"""Sheets of the benchmark as composed: pages of editions and single photos, with their truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps
from scipy.ndimage import find_objects

from presslens.samples.area import Area
from presslens.samples.benchmark.catalogue import BACKDROPS, OPEN_SHOTS, PEOPLE, ROLES, WITHHELD
from presslens.samples.benchmark.press import Pixels
from presslens.samples.catalogue import Shot
from presslens.samples.cutout import PersonOutline, Wardrobe
from presslens.samples.desk import PictureDesk
from presslens.samples.distractor import paper
from presslens.samples.picture import ENLARGE, SOFT, Generator, Picture, develop, fitting, vary
from presslens.samples.press import Press
from presslens.samples.scene import fireworks
from presslens.samples.sources import Sources
from presslens.samples.template import pages
from presslens.samples.truth import PictureTruth

SEEN = 0.5
"""A person counts, and is to be found, where at least this share of the head is seen."""

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


@dataclass(frozen=True, slots=True)
class SeenPerson:
    """A person in a picture."""

    area: Area  # the box around what is seen, in pixels of the picture
    counts: bool  # whether enough of the head is seen to count the person


@dataclass(slots=True)
class Gathering:
    """A picture into which people are set, those at the back first."""

    image: Image.Image  # the picture
    wardrobe: Wardrobe  # cuts people out
    rng: Generator  # draws the people and their light
    _owners: NDArray[np.int32] = field(init=False)
    _heads: list[Area] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._owners = np.zeros((self.image.height, self.image.width), np.int32)

    def add(
        self, outline: PersonOutline, at: tuple[float, float], head: int, *, behind: bool = False
    ) -> None:
        """Set a person into the picture.

        Args:
            at: The middle of the head (x, y), in pixels.
            head: Height of the head in pixels.
            behind: Others will stand before the person; nobody else floats: who is cut off at the
                waist is lowered to the picture's lower edge.
        """
        person = self.wardrobe.person(outline, head=head)
        alpha, middle = person.image.getchannel("A"), person.head
        light = float(self.rng.uniform(0.75, 1.2))
        lit = ImageEnhance.Brightness(person.image.convert("RGB")).enhance(light)
        if self.rng.random() < 0.5:
            lit, alpha = ImageOps.mirror(lit), ImageOps.mirror(alpha)
            middle = lit.width - middle[0], middle[1]
        left = round(at[0]) - middle[0]
        top = round(at[1]) - middle[1]
        if not behind:
            top = max(top, self.image.height - lit.height)
        self.image.paste(lit, (left, top), alpha)
        covered = Image.new("L", self.image.size)
        covered.paste(alpha, (left, top))
        x, y, reach = left + middle[0], top + middle[1], head // 4
        self._heads.append(Area(x - reach, y - reach, x + reach + 1, y + reach + 1))
        self._owners[np.asarray(covered) > 127] = len(self._heads)

    def people(self) -> list[SeenPerson]:
        """Return those of whom anything is seen, the back ones first."""
        places = find_objects(self._owners, max_label=len(self._heads))
        return [
            SeenPerson(
                Area(place[1].start, place[0].start, place[1].stop, place[0].stop),
                counts=self._seen(number, head) >= SEEN,
            )
            for number, (place, head) in enumerate(zip(places, self._heads, strict=True), start=1)
            if place is not None
        ]

    def _seen(self, number: int, head: Area) -> float:
        """Return the share of the middle of a head that is seen, 0–1."""
        rows, columns = slice(max(0, head.y0), head.y1), slice(max(0, head.x0), head.x1)
        seen = int(np.count_nonzero(self._owners[rows, columns] == number))
        return seen / (head.width * head.height)


def stand_in_row(gathering: Gathering, count: int, people: Sequence[PersonOutline]) -> None:
    """Set up to about nine people side by side before a backdrop."""
    image, rng = gathering.image, gathering.rng
    head = round(min(image.height * float(rng.uniform(0.16, 0.26)), image.width / count / 1.2))
    order = rng.permutation(len(people))
    for place in range(count):
        x = (place + 0.5 + float(rng.uniform(-0.1, 0.1))) * image.width / count
        y = image.height * float(rng.uniform(0.42, 0.5))
        gathering.add(people[int(order[place % len(people)])], (x, y), head)


def stand_in_rows(
    gathering: Gathering, rows: int, head: float, people: Sequence[PersonOutline]
) -> None:
    """Set rows of people over the lower part of a picture.

    Args:
        gathering: The picture.
        rows: How many rows.
        head: Height of the heads in the middle, as a share of the picture's; those at the back are
            a third smaller, those at the front larger.
    """
    image, rng = gathering.image, gathering.rng
    for share in np.linspace(0, 1, rows).tolist():
        high = round(image.height * head * (2 + 2 * share) / 3)
        seats = max(4, round(image.width / (high * 1.35)))
        for seat in range(seats):
            x = (seat + 0.5 + float(rng.uniform(-0.2, 0.2))) * image.width / seats
            y = image.height * (0.34 + 0.54 * share) + float(rng.uniform(-0.2, 0.2)) * high
            who = people[int(rng.integers(len(people)))]
            gathering.add(who, (x, y), high, behind=share < 1)
