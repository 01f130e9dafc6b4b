"""The search over newspapers, days, figures, what photos show, captions, claims and pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any
from unicodedata import normalize

from fastapi import Query, Response

from presslens.app.api.access import needs
from presslens.app.api.params import Home
from presslens.app.charts.statistic import end_of_month
from presslens.app.installation import Installation
from presslens.app.platform.language import LANGUAGES, Language, language
from presslens.app.platform.permissions import Permission
from presslens.app.services.catalogue.buckets import photos_between
from presslens.app.services.catalogue.day_search import DatePart, editions_on, read_date_part
from presslens.app.services.catalogue.editions import EditionState
from presslens.app.services.catalogue.front_pages import FrontPage, front_pages
from presslens.app.services.catalogue.photo_filter import PhotoFilter, PhotoSort, matched_texts
from presslens.app.services.catalogue.photo_glance import PhotoGlance
from presslens.app.services.catalogue.publications import all_names, publication_names
from presslens.app.services.claims.claims import claims_with_words
from presslens.app.services.figures.gallery import named_figures
from presslens.app.services.labels.labels import label_names
from presslens.app.web.addresses import Addresses
from presslens.app.web.alternatives import photo_in_words
from presslens.app.web.ask_words import asked_title
from presslens.app.web.menu import BELOW, MENU
from presslens.app.web.method import SECTIONS
from presslens.app.web.page_router import PageRouter, Render, Rows
from presslens.app.web.static_files import build
from presslens.models.message import Message
from presslens.models.subjects.codebook import CODEBOOK
from presslens.pipelines.result import Served

router = PageRouter()

COLUMNS = ("kind", "title", "detail", "address")
MOST = 12
"""Hits of a kind that the page lists, and the most that can be asked for."""

LEAST_LETTERS = 2
"""Letters of a text that captions are searched for; one stands in nearly all."""


@dataclass(frozen=True, slots=True)
class SearchHit(Served):
    """Something that was found."""

    title: str
    address: str | None  # of its page
    detail: str = ""  # what tells it from others of its title
    picture: str | None = None  # the address of its picture; None without one


@dataclass(frozen=True, slots=True)
class HitGroup(Served):
    """What was found of one kind."""

    kind: str
    name: str  # of the kind, in the reader's language
    hits: tuple[SearchHit, ...]
    every: str | None = None  # the address of all of them; None where these are all


@dataclass(frozen=True, slots=True)
class Search:
    """A search of an archive in the words of a reader."""

    home: Installation
    text: str
    most: int  # hits of a kind
    spoken: Language
    may: Callable[[str], bool]
    to: Addresses = field(default_factory=lambda: Addresses(build()))

    def groups(self) -> list[HitGroup]:
        """Return what was found by kind, days first; no kind without a hit."""
        if not self.words:
            return []
        made = (
            self._days(),
            self._group("newspapers", Message("Newspapers"), self._newspapers()),
            self._group("figures", Message("Figures"), self._figures()),
            self._group("subjects", Message("What photos show"), self._subjects()),
            self._photos(),
            self._group("claims", Message("Claims"), self._claims()),
            self._group("help", Message("Pages and help"), self._help()),
        )
        return [group for group in made if group.hits]

    @property
    def words(self) -> list[str]:
        """The words that are searched for, without letter case."""
        return _folded(self.text).split()

    def _holds(self, *texts: str) -> bool:
        whole = _folded(" ".join(texts))
        return all(word in whole for word in self.words)

    def _group(
        self, kind: str, name: str, hits: Iterator[SearchHit], every: str | None = None
    ) -> HitGroup:
        first = tuple(hit for hit, _ in zip(hits, range(self.most), strict=False))
        return HitGroup(kind, self.spoken.say(name), first, every)

    def _days(self) -> HitGroup:
        part = read_date_part(self.text)
        editions = editions_on(self.home, part, limit=self.most) if part else []
        fronts = front_pages(self.home, [one.id for one in editions])
        hits = (self._edition(one, fronts.get(one.id)) for one in editions)
        every = self.to.gallery(**_period(part)) if part and editions else None
        return self._group("days", Message("Days"), hits, every)

    def _edition(self, one: EditionState, front: FrontPage | None) -> SearchHit:
        say = self.spoken
        pages = say.plural("%(n)s page", "%(n)s pages", one.pages)
        photos = say.plural("%(n)s photo", "%(n)s photos", one.photos or 0)
        return SearchHit(
            say.day(one.edition_date),
            self.to.edition(one.id),
            " · ".join((say.newspaper(one.publication), pages, *((photos,) if one.photos else ()))),
            self.to.page_image(front.id, 160) if front else None,
        )

    def _newspapers(self) -> Iterator[SearchHit]:
        listed = set(publication_names(self.home))
        with self.home.database.read() as session:
            every = sorted(map(list, all_names(session).values()))
        for name, *aliases in every:
            if name in listed and self._holds(name, *aliases):
                shown = self.spoken.newspaper(name)
                others = ", ".join(one for one in (name, *aliases) if one != shown)
                yield SearchHit(shown, self.to.timeline(publication=name), others)

    def _figures(self) -> Iterator[SearchHit]:
        with self.home.database.read() as session:
            figures = named_figures(session)
        for figure in figures:
            role = figure.role().value
            if self._holds(figure.name, *_in_all(role)):
                yield SearchHit(figure.name, self.to.figure(figure.id), self.spoken.say(role))

    def _subjects(self) -> Iterator[SearchHit]:
        for subject, entry in CODEBOOK.items():
            if self._holds(*_in_all(entry.shown), *_in_all(subject.value)):
                shown = self.spoken.say(entry.shown)
                yield SearchHit(
                    self.spoken.text("Photos of %(what)s", what=shown),
                    self.to.gallery(subject=subject.value),
                    self.spoken.say(entry.meaning),
                )
        for name in label_names(self.home):
            if self._holds(name, *_in_all(name)):
                yield SearchHit(self.spoken.say(name), self.to.gallery(label=name))

    def _photos(self) -> HitGroup:
        text = self.text.strip()
        if len(text) < LEAST_LETTERS:
            return HitGroup("photos", "", ())
        selected = PhotoFilter(text=text)
        page = photos_between(self.home, selected, PhotoSort.DATE_DOWN, 0, self.most)
        with self.home.database.read() as session:
            texts = matched_texts(session, [one.id for one in page.photos], text)
        hits = (self._photo(one, texts.get(one.id)) for one in page.photos)
        every = self.to.gallery(text=text) if page.total > len(page.photos) else None
        return self._group("photos", Message("Captions and headlines"), hits, every)

    def _photo(self, one: PhotoGlance, text: str | None) -> SearchHit:
        day = self.spoken.day(one.day, "medium")
        place = self.spoken.text("p. %(page)s · %(day)s", page=one.page_number, day=day)
        return SearchHit(
            text or photo_in_words(one.to_json(), one.settled, spoken=self.spoken),
            self.to.photo(one.id),
            f"{self.spoken.newspaper(one.publication)} · {place}",
            self.to.photo_image(one.id, 160),
        )

    def _claims(self) -> Iterator[SearchHit]:
        for claim in claims_with_words(self.home, self.words, limit=self.most):
            days = self.spoken.days(claim.first, claim.last, "medium")
            detail = f"{self.spoken.newspaper(claim.publication)} · {days}"
            yield SearchHit(
                asked_title(claim.to_json(), self.spoken), self.to.claim(claim.id), detail
            )

    def _help(self) -> Iterator[SearchHit]:
        for group in (*MENU, BELOW):
            for link in group.offered(self.may):
                if self._holds(*_in_all(link.name)):
                    address = getattr(self.to, link.address)()
                    yield SearchHit(self.spoken.say(link.name), address)
        for anchor, name in SECTIONS.items():
            if self._holds(*_in_all(name)):
                title, page = self.spoken.say(name), self.spoken.text("Method")
                yield SearchHit(title, self.to.method(anchor), page)
        for entry in CODEBOOK.values():
            if self._holds(*_in_all(entry.question), *_in_all(entry.hint)):
                title, detail = self.spoken.say(entry.question), self.spoken.say(entry.hint)
                yield SearchHit(title, self.to.method("codebook"), detail)


def _folded(text: str) -> str:
    return normalize("NFKC", text).casefold()


def _in_all(message: str) -> list[str]:
    """Return a text in all languages: a reader may search in the other one."""
    return [language(code).say(message) for code in LANGUAGES]


def _period(part: DatePart) -> dict[str, Any]:
    """Return the parameters of a gallery of a date that names its year; else of all days."""
    if part.year is None:
        return {}
    first = date(part.year, part.month or 1, part.day or 1)
    last = first if part.day else end_of_month(first.replace(month=part.month or 12))
    return {"from": first, "to": last}


@router.page("/search")
@needs(Permission.READ)
def show_search(
    home: Home,
    render: Render,
    q: Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")] = "",
    most: Annotated[int, Query(ge=1, le=MOST)] = MOST,
) -> Response:
    """Show what is found of some words: days, newspapers, figures, photos, claims and pages."""
    search = Search(home, q, most, language(render.code), render.may)
    groups = search.groups()
    return render(
        "search.html",
        document={"schema": 1, "q": q, "groups": [group.to_json() for group in groups]},
        table=lambda: Rows(
            COLUMNS, ({"kind": one.kind, **hit.to_json()} for one in groups for hit in one.hits)
        ),
        section="search",
        q=q,
        groups=groups,
    )
