"""Writes the report of editions: one HTML file and its pictures, which open without a server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from app.estimates_in_words import NOT_KNOWN, count_of, number_in_words
from app.headings import NUMBERS, SHARES
from app.web.ruler import frame_name, ruler_crops
from app.web.sightings import SightingView, figures_of
from pipelines.statistics.metrics import Metric

TEMPLATES = Environment(
    loader=PackageLoader("app.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
TEMPLATES.filters["count_of"] = count_of


def plain_number(value: float | None, name: str) -> str:
    """Return a number of an edition in words, given the name of its plain metric."""
    return NOT_KNOWN if value is None else number_in_words(Metric(name), value)


TEMPLATES.filters["plain_number"] = plain_number


@dataclass(frozen=True, slots=True)
class ReportEdition:
    """An edition as the report shows it.

    Attributes:
        title: Its heading.
        composition: Its JSON.
        pages: The JSON of its pages, in order.
        pictures: A JPEG for each analysed page, None for the others.
        ruler: Its ruler's JSON.
    """

    title: str
    composition: dict[str, Any]
    pages: Sequence[dict[str, Any]]
    pictures: Sequence[bytes | None]
    ruler: dict[str, Any]

    @property
    def roles(self) -> dict[str, str]:
        """The role of each enrolled figure, by name."""
        return {use["name"]: use["role"] for use in self.composition["figures"]}

    def figures(self, photo: Mapping[str, Any]) -> list[SightingView]:
        """Return the sightings in one of the edition's photos, given in the JSON contract."""
        return figures_of(photo, self.roles)


def lead_photo(edition: ReportEdition) -> dict[str, Any] | None:
    """Return the largest photo of the front page; None if there is none."""
    photos = edition.pages[0]["photos"] if edition.pages else []
    return max(photos, key=lambda photo: photo["area_share"], default=None)


def write_report(
    editions: Sequence[ReportEdition], folder: Path, *, title: str, notice: str, recipe: str
) -> Path:
    """Write ``index.html`` and the pictures of the pages and photos into a folder.

    Args:
        editions: Shown side by side.
        folder: Created if it does not exist.
        title: The heading.
        notice: A notice above all, that samples are composed for instance.
        recipe: The hash of the recipe of all numbers.

    Returns:
        The path of ``index.html``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for e, edition in enumerate(editions):
        for p, picture in enumerate(edition.pictures):
            if picture is not None:
                (folder / picture_name(e, p)).write_bytes(picture)
    rulers = [
        ruler_crops(e.ruler, e.pages, e.pictures, edition=i, roles=e.roles)
        for i, e in enumerate(editions)
    ]
    for crop in (crop for ruler in rulers for crop in ruler):
        if crop.picture is not None:
            (folder / f"{crop.frame}.jpg").write_bytes(crop.picture)
    template = TEMPLATES.get_template("report.html")
    index = folder / "index.html"
    index.write_text(
        template.render(
            editions=editions,
            title=title,
            notice=notice,
            recipe=recipe,
            numbers=NUMBERS,
            shares=SHARES,
            labels=list(dict.fromkeys(name for e in editions for name in e.composition["labels"])),
            lead_photo=lead_photo,
            picture_name=picture_name,
            frame_name=frame_name,
            rulers=rulers,
        ),
        encoding="utf-8",
    )
    return index


def picture_name(edition: int, page: int) -> str:
    """Return the name of a page's picture, both numbers from 0."""
    return f"edition_{edition + 1}_page_{page + 1}.jpg"
