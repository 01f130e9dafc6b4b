"""Gatherings: people cut out and set before a backdrop, each with the box of what is seen of them.

Nobody looks for these boxes: they follow from where each cut-out was set, and from what stands
before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps
from scipy.ndimage import find_objects

from presslens.samples.area import Area
from presslens.samples.cutout import PersonOutline, Wardrobe
from presslens.samples.picture import Generator

SEEN = 0.5
"""A person counts, and is to be found, where at least this share of the head is seen."""


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
