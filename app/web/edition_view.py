"""What the page of an edition reads, made of documents in the JSON contract alone.

The server takes the documents from the database, a report from anywhere. Each is asked for when the
template comes to it, once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from presslens.app.platform.language import Language
from presslens.app.services.catalogue.neighbours import Neighbours
from presslens.app.web.alternatives import with_decisions
from presslens.app.web.edition_numbers import COLUMNS, flags_in_order, number_rows, table_rows
from presslens.app.web.page_router import Rows
from presslens.models.faces.gallery import LEADER
from presslens.pipelines.statistics.decision import Decisions
from presslens.pipelines.statistics.page import missing_pages
from presslens.pipelines.statistics.ruler import signed

TICKS = {-0.5: "−0.5", 0.0: "0", 0.5: "0.5"}

Document = Mapping[str, Any]

NOT_ANALYSED = ("queued", "rejected", "failed")
"""Outcomes of pages of which nothing is known."""

NO_RULER: Document = {"places": [], "leaders": [], "n": 0, "pages": 0, "pages_seen": 0}
"""The ruler of an edition that is not split into pages yet."""


class EditionSource(Protocol):
    """The documents of an edition; each method may take a while, and is called once."""

    def pages(self) -> Iterable[Document]:
        """Return its uploaded pages in order, each with its photos, all with ids."""
        ...

    def decided(self) -> Decisions:
        """Return from where on its photos are decided to show subjects and labels."""
        ...

    def facts(self) -> Document | None:
        """Return ``app.services.statistics.stored_summary.FACTS``; None until they are known."""
        ...

    def flags(self) -> Document | None:
        """Return what is unusual about it; None if it is not compared with others.

        ``flags`` are as in a baseline, with ``value`` and ``usual``; ``earlier`` is the number of
        earlier editions, ``least`` the number without which nothing is usual; ``state`` is
        current, stale or waiting.
        """
        ...

    def composition(self) -> Document:
        """Return its composition."""
        ...

    def baseline(self) -> Document | None:
        """Return how it stands beside earlier editions; None if it can't be compared."""
        ...

    def ruler(self) -> Document:
        """Return its photos from leader-centred to facility-centred; asked for after ``pages``."""
        ...

    def claims(self) -> Sequence[Document]:
        """Return the claims about its day: ``claim``, and ``verdict`` or None if not judged."""
        ...

    def steps(self) -> Mapping[str, Document]:
        """Return what would narrow its wide numbers, and bring those withheld, by metric."""
        ...


@dataclass(frozen=True)
class EditionView:
    """An edition as its page shows it."""

    # The edition and its progress; ``publication`` and ``date`` may be None in a report.
    state: Document
    source: EditionSource  # its documents
    recipe_id: str  # the recipe of all numbers

    @cached_property
    def pages(self) -> Sequence[Document]:
        """The uploaded pages."""
        pages = list(self.source.pages())
        decided = self.source.decided() if pages else None
        return [
            {**page, "photos": [with_decisions(photo, decided) for photo in page["photos"]]}
            if decided
            else page
            for page in pages
        ]

    @cached_property
    def composition(self) -> Document:
        """The composition."""
        return self.source.composition()

    @cached_property
    def baseline(self) -> Document | None:
        """The baseline; None if the edition can't be compared."""
        return self.source.baseline()

    @cached_property
    def claims(self) -> Sequence[Document]:
        """The claims about the day of the edition."""
        return self.source.claims()

    @cached_property
    def steps(self) -> Mapping[str, Document]:
        """What would narrow its wide numbers, and bring those withheld, by metric."""
        return self.source.steps()

    @property
    def leaders(self) -> list[str]:
        """The names of the newspaper's leaders."""
        return [one["name"] for one in self.composition["figures"] if one["role"] == LEADER]

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The numbers beside what is usual."""
        return number_rows(self.composition, self.baseline, self.state.get("id"))

    @cached_property
    def row_by_metric(self) -> dict[str, dict[str, Any]]:
        """The same by metric."""
        return {row["metric"]: row for row in self.rows}

    @cached_property
    def facts(self) -> Document | None:
        """The plain numbers that are stored."""
        return self.source.facts()

    @cached_property
    def unusual(self) -> Document | None:
        """What is unusual, the important first; None if the edition is not compared."""
        flags = self.source.flags()
        return flags and {**flags, "flags": flags_in_order(flags["flags"])}

    @cached_property
    def ruler(self) -> Document:
        """The ruler."""
        return self.source.ruler() if self.pages else NO_RULER

    @cached_property
    def ruled(self) -> list[RuledPhoto]:
        """The photos of the ruler, in its order."""
        return ruled_photos(self.ruler, self.pages)

    @property
    def unread(self) -> int:
        """Number of its photos that are drawn by people and that no worker has looked at."""
        return sum(photo["focus"] is None for page in self.pages for photo in page["photos"])

    @property
    def analysed(self) -> bool:
        """Whether some page was looked at, so that there are numbers."""
        return any(outcome not in NOT_ANALYSED for outcome in self.state["outcomes"])

    @property
    def lost(self) -> list[Document]:
        """The pages that could not be analysed."""
        return [page for page in self.pages if page["outcome"] in ("rejected", "failed")]

    @property
    def missing(self) -> list[int]:
        """The numbers of pages that the edition had and that were not uploaded.

        None are known to be missing until its upload is split into pages.
        """
        if not self.pages:
            return []
        numbers = [page["number"] for page in self.pages]
        return missing_pages(numbers, self.state.get("pages_expected"))

    @property
    def warnings(self) -> dict[str, list[int]]:
        """What was noticed about scans, and the numbers of the pages it was noticed on."""
        pages: dict[str, list[int]] = {}
        for page in self.pages:
            for warning in page.get("warnings", ()):
                pages.setdefault(warning, []).append(page["number"])
        return pages

    def document(self) -> dict[str, Any]:
        """Return all of it as JSON."""
        return {
            "schema": 1,
            "recipe": self.recipe_id,
            "edition": dict(self.state),
            "pages_missing": self.missing,
            "warnings": [
                {"warning": warning, "pages": numbers} for warning, numbers in self.warnings.items()
            ],
            "composition": self.composition if self.analysed else None,
            "baseline": self.baseline,
            "ruler": self.ruler,
            "claims": list(self.claims),
            "pages": list(self.pages),
        }

    def table(self) -> Rows:
        """Return its numbers as flat rows."""
        constant = {
            "edition": self.state.get("id"),
            "publication": self.state["publication"],
            "date": self.state["date"],
            "recipe": self.recipe_id,
        }
        return Rows(COLUMNS, table_rows(self.rows if self.analysed else (), constant))


def cited_title(view: EditionView, spoken: Language) -> str:
    """Return what an edition is cited as: its newspaper and day, and of how many photos it is."""
    state, single = view.state, bool(view.state.get("as_photos"))
    day = spoken.day(state["date"]) if state["date"] else None
    unnamed = spoken.text("Photos") if single else spoken.text("An edition")
    paper = state["publication"] and spoken.newspaper(state["publication"])
    name = ", ".join(part for part in (paper, day) if part) or unnamed
    title = spoken.text("%(name)s: composition by photographs", name=name)
    numbers = view.composition if view.analysed else {"photos": None}
    if numbers["photos"] is None:  # no photo is interpreted yet
        return title
    photos = spoken.plural("%(n)s photo", "%(n)s photos", int(numbers["photos"]))
    if single:
        return f"{title}, {photos}"
    pages = spoken.text(
        "%(seen)s of %(pages)s pages",
        seen=spoken.number(numbers["pages_seen"]),
        pages=spoken.number(numbers["pages"]),
    )
    return f"{title}, {pages}, {photos}"


def cited_thing(view: EditionView) -> str:
    """Return what tells an edition from all others: its newspaper, its day and its id."""
    state = view.state
    return f"{state['publication'] or 'edition'} {state['date'] or ''} {state['id']}"


def edition_context(
    view: EditionView,
    *,
    neighbours: Callable[[], Neighbours] | None = None,
    counts: Callable[[], int | None] | None = None,
    notice: str | None = None,
) -> dict[str, Any]:
    """Return what the template of an edition reads.

    Args:
        neighbours: Returns the editions before and after it.
        counts: Returns the id of the edition that counts in its place.
        notice: A notice above all, that the edition is a composed sample for instance.
    """
    return {
        "view": view, "neighbours": neighbours, "counts": counts, "notice": notice,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class RuledPhoto:
    """A photo of a ruler."""

    place: Mapping[str, Any]  # its place, as in the JSON contract
    photo: Mapping[str, Any]  # the photo, as in the JSON contract, with its id
    # What of ``TICKS`` lies between the photo before and this one; None for nothing.
    tick: str | None

    @property
    def position(self) -> str:
        """The position on the ruler, with its sign."""
        return signed(self.place["position"])

    @property
    def shape(self) -> float:
        """Width by height."""
        x0, y0, x1, y1 = self.photo["box"]
        return float((x1 - x0) / max(y1 - y0, 1.0))


def ruled_photos(ruler: Mapping[str, Any], pages: Sequence[Mapping[str, Any]]) -> list[RuledPhoto]:
    """Return the photos of a ruler, in order.

    Args:
        ruler: In the JSON contract.
        pages: The pages of the same edition, in the JSON contract.
    """
    by_number = {page["number"]: page["photos"] for page in pages}
    crops = []
    before = -1.0
    for place in ruler["places"]:
        photos = by_number.get(place["page_number"], ())
        if place["photo"] >= len(photos):  # interpreted while the page was read
            continue
        photo = photos[place["photo"]]
        crops.append(RuledPhoto(place, photo, _tick(before, place["position"])))
        before = place["position"]
    return crops


def _tick(before: float, position: float) -> str | None:
    return next((label for at, label in reversed(TICKS.items()) if before < at <= position), None)
