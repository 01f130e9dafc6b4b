"""Writes reports: pages of editions as files without a server, from the same templates."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from presslens.app.api.csv_response import csv_lines
from presslens.app.citations.citation import Citation
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, NotFound
from presslens.app.platform.language import language as spoken_language
from presslens.app.platform.settings import Settings
from presslens.app.services.catalogue.pages import page_view
from presslens.app.services.statistics.stored_summary import FACTS
from presslens.app.web.addresses import without_dead_links
from presslens.app.web.edition import stored_view
from presslens.app.web.edition_view import EditionView, cited_thing, cited_title, edition_context
from presslens.app.web.file_addresses import HOME, FileAddresses, ReportFiles
from presslens.app.web.page import neighbours
from presslens.app.web.page_boxes import FIRST_LAYERS, named_boxes
from presslens.app.web.photo_view import PhotoView
from presslens.app.web.static_files import STATIC, browser_files
from presslens.app.web.templating import context, environment
from presslens.models.errors import ModelUnavailable
from presslens.models.geometry import Box
from presslens.pipelines.statistics.decision import DecisionPoint, Decisions
from presslens.pipelines.statistics.measure import FOCUSES, LABEL
from presslens.pipelines.statistics.validity import unchecked, undecided_focuses
from presslens.pipelines.view import write_parts

FONT_NAME = "source-serif"
FONT = "vendor/source-serif-4.woff2"
"""The one vendored file that a report has: its typeface, which the stylesheet names."""

STYLES = "css/base.css"
FONT_FACE = re.compile(r"@font-face \{.*?\}\n", re.DOTALL)


NO_REVIEWS: Mapping[str, Any] = {
    "machine": {},
    "reviews": [],
    "settled": {},
    "disagreements": [],
}
"""What people say of a photo, which reports leave out."""

OpenPicture = Callable[[], AbstractContextManager[bytes | Path]]
"""Opens the JPEG of a page, or its file."""


@dataclass(frozen=True)
class ReportEdition:
    """An edition of a report."""

    view: EditionView  # the edition; all of its pages and photos have ids, which no other one has
    # What opens the JPEG of each page, by the page's id; pages without one are not in it.
    pictures: Mapping[int, OpenPicture]


@dataclass(frozen=True, slots=True)
class AnalysedDocument:
    """The documents of an edition that was analysed without a database."""

    document: Mapping[str, Any]  # what ``analyze`` returns, with ids from ``with_ids``
    decision: float  # probability from which on its recipe decides that something is shown, 0–1

    def decided(self) -> Decisions:
        """Return from where on its photos are decided, by themselves: there is no newspaper."""
        composition = self.document["composition"]
        labels = {f"{LABEL}{name}": one for name, one in composition["labels"].items()}
        return Decisions(
            self.decision,
            {
                name: DecisionPoint(one["decided_from"], one["share"], one["decided"] / one["n"])
                for name, one in {**composition["shares"], **labels}.items()
                if one["decided_from"] is not None
            },
            undecided_focuses(
                {name: unchecked(name) for name in FOCUSES},
                composition["not_known"].get("leader_unsure"),
            ),
        )

    def pages(self) -> Sequence[Mapping[str, Any]]:
        """Return its pages in order."""
        pages: Sequence[Mapping[str, Any]] = self.document["pages"]
        return pages

    def facts(self) -> Mapping[str, Any]:
        """Return its plain numbers."""
        return {name: self.document["composition"][name] for name in FACTS}

    def flags(self) -> None:
        """Return None: there are no other editions to compare with."""

    def composition(self) -> Mapping[str, Any]:
        """Return its composition."""
        composition: Mapping[str, Any] = self.document["composition"]
        return composition

    def baseline(self) -> None:
        """Return None: there are no other editions to compare with."""

    def ruler(self) -> Mapping[str, Any]:
        """Return its photos from leader-centred to facility-centred."""
        ruler: Mapping[str, Any] = self.document["ruler"]
        return ruler

    def steps(self) -> Mapping[str, Mapping[str, Any]]:
        """Return no steps: nothing can be drawn from files."""
        return {}

    def claims(self) -> Sequence[Mapping[str, Any]]:
        """Return no claims: they lie in databases."""
        return ()


def stored_edition(home: Installation, edition_id: int) -> ReportEdition:
    """Return an edition of the database for a report.

    Raises:
        NotFound: There is no such edition.
    """
    view = stored_view(home, edition_id)
    pictures: dict[int, OpenPicture] = {}
    for page in view.pages:
        with suppress(NotFound), page_view(home, page["id"]):  # it was not analysed
            pictures[page["id"]] = partial(page_view, home, page["id"])
    return ReportEdition(view, pictures)


def report_font(settings: Settings) -> Path | None:
    """Return the typeface of reports; None if the browser files were not fetched."""
    try:
        return browser_files(settings).path(FONT_NAME)
    except ModelUnavailable:
        return None


def analysed_view(
    document: Mapping[str, Any], *, decision: float, pages_expected: int | None
) -> EditionView:
    """Return the view of an edition that was analysed without a database.

    Its pages are numbered through as ids, from 1, and so are its photos.

    Args:
        document: What ``analyze`` returns.
        decision: Probability from which on its recipe decides that something is shown, 0–1.
        pages_expected: Number of pages that the edition had; None: not known.
    """
    whole = with_ids(document)
    edition = document["edition"]
    state = {
        **edition,
        "id": 1,
        "status": "done",
        "outcomes": dict(Counter(page["outcome"] for page in whole["pages"])),
        "superseded": False,
        "issue": 1,
        "pages_finished": edition["pages"],
        "pages_expected": pages_expected,
        "pages_hint": None,
    }
    return EditionView(state, AnalysedDocument(whole, decision), document["recipe"])


def with_ids(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return an analysed edition whose pages and photos have ids, from 1."""
    pages, photos = [], 0
    for page_id, page in enumerate(document["pages"], start=1):
        numbered = [
            {"id": photos + i, "by_hand": False, **photo}
            for i, photo in enumerate(page["photos"], start=1)
        ]
        photos += len(numbered)
        pages.append({"id": page_id, "edition": 1, **page, "photos": numbered})
    return {**document, "pages": pages}


def write_report(
    editions: Sequence[ReportEdition],
    folder: Path,
    *,
    title: str,
    today: date,
    notice: str | None = None,
    language: str = "en",
    font: Path | None = None,
) -> Path:
    """Write a report; ``index.html`` is its first page.

    Args:
        editions: One, whose page is the first page then, or several, which are compared there.
        folder: Created if it does not exist.
        title: The heading of several editions.
        today: The day on which it is written.
        notice: A notice above all, that samples are composed for instance.
        language: A code of ``app.platform.language.LANGUAGES``.
        font: The typeface of headings; None: readers get one of their own.

    Returns:
        The path of ``index.html``.

    Raises:
        Conflict: The folder has an ``index.html`` that is no report.
    """
    check_folder(folder)
    files = _files(editions)
    for name in ("pages", "pictures", "data"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for edition in editions:
        _write_edition(edition, files, folder, today=today, notice=notice, language=language)
    if len(editions) > 1:
        values = {"editions": [one.view for one in editions], "title": title, "notice": notice}
        _write_page(folder, HOME, "report.html", files, language, values)
    _write_pictures(editions, files, folder)
    _copy_statics(files, folder, font)
    return folder / HOME


def check_folder(folder: Path) -> None:
    """Check that a report in a folder would replace nothing but an older report.

    Raises:
        Conflict: The folder has an ``index.html`` that is no report.
    """
    if (folder / HOME).exists() and not (folder / "static" / STYLES).is_file():
        raise Conflict(f"{folder / HOME} is no report of Presslens: name another folder")


def _files(editions: Sequence[ReportEdition]) -> ReportFiles:
    views = [one.view for one in editions]
    return ReportFiles(
        frozenset(view.state["id"] for view in views),
        pages=frozenset(page["id"] for view in views for page in view.pages),
        page_of_photo={
            photo["id"]: page["id"]
            for view in views
            for page in view.pages
            for photo in page["photos"]
        },
        pictured=frozenset(page_id for one in editions for page_id in one.pictures),
    )


def _write_edition(
    edition: ReportEdition,
    files: ReportFiles,
    folder: Path,
    *,
    today: date,
    notice: str | None,
    language: str,
) -> None:
    view = edition.view
    file = files.edition(view.state["id"])
    stem = f"data/edition-{view.state['id']}"
    up = "../" * file.count("/")
    twins = {ending: f"{up}{stem}.{ending}" for ending in ("csv", "json")}
    spoken = spoken_language(language)

    def cite() -> Citation:
        return Citation(
            title=cited_title(view, spoken),
            recipe_id=view.recipe_id,
            day=today,
            language=language,
            thing=cited_thing(view),
        )

    values = {**edition_context(view, notice=notice), "twins": twins, "cite": cite}
    _write_page(folder, file, "edition.html", files, language, values)
    for page in view.pages:
        _write_scan(edition, page, files, folder, language)
    text = json.dumps(view.document(), ensure_ascii=False, indent=1)
    (folder / f"{stem}.json").write_text(f"{text}\n", encoding="utf-8")
    table = view.table()
    with (folder / f"{stem}.csv").open("w", encoding="utf-8", newline="") as out:
        out.writelines(csv_lines(table.columns, table.rows))


def _write_scan(
    edition: ReportEdition, page: Mapping[str, Any], files: ReportFiles, folder: Path, code: str
) -> None:
    """Write the page of a page, and those of its photos."""
    view = edition.view
    numbers = [(one["number"], one["id"]) for one in view.pages]
    first = page["number"] if view.state.get("as_photos") else 1  # number of its first photo
    values = {
        "page": page,
        "edition": view.state,
        "boxes": named_boxes(page, spoken_language(code), first=first),
        "shown": FIRST_LAYERS,
        "tiles": None,
        "beside": neighbours(numbers, page["number"]),
        "composition": lambda: None,
    }
    _write_page(folder, files.page(page["id"]), "page.html", files, code, values)
    ids = [photo["id"] for photo in page["photos"]]
    decided = view.source.decided()
    figures = {figure["name"]: 0 for photo in page["photos"] for figure in photo["figures"]}
    for i, photo in enumerate(page["photos"]):
        whole = {
            **photo,
            "page_width": page["width"],
            "page_height": page["height"],
            "recipe": view.recipe_id,
            "pages": [{"id": page["id"], "number": page["number"], "edition": page["edition"]}],
        }
        seen = PhotoView(whole, NO_REVIEWS, decided, figures)
        shown = {
            "view": seen,
            "photo": whole,
            "in_words": seen.in_words(spoken_language(code)),
            "number": first + i,
            "page": page,
            "edition": view.state,
            "leaders": view.leaders,
            "before": ids[i - 1] if i else None,
            "after": ids[i + 1] if i + 1 < len(ids) else None,
            "history": None,
        }
        _write_page(folder, files.photo(photo["id"]), "photo.html", files, code, shown)


def _write_page(
    folder: Path,
    file: str,
    template: str,
    files: ReportFiles,
    language: str,
    values: Mapping[str, Any],
) -> None:
    made = environment(language).get_template(template)
    text = made.render(context(to=FileAddresses(files, file), **values))
    (folder / file).write_text(_without_dead_links(text), encoding="utf-8")


def _without_dead_links(text: str) -> str:
    """Return a page whose links to what only a server has are plain text, its pictures gone."""
    return without_dead_links(text)


def _write_pictures(editions: Sequence[ReportEdition], files: ReportFiles, folder: Path) -> None:
    """Write the pictures that pages have asked for; the view of each page is opened once."""
    boxes = {
        photo["id"]: Box(*photo["box"])
        for one in editions
        for page in one.view.pages
        for photo in page["photos"]
    }
    parts: dict[int, list[tuple[Box | None, int | None, Path]]] = defaultdict(list)
    for file, (page_id, photo_id, width) in files.pictures.items():
        box = None if photo_id is None else boxes[photo_id]
        parts[page_id].append((box, width, folder / file))
    for one in editions:
        for page_id, open_picture in one.pictures.items():
            with open_picture() as view:
                write_parts(view, parts[page_id])


def _copy_statics(files: ReportFiles, folder: Path, font: Path | None) -> None:
    for name in files.statics:
        target = folder / "static" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(STATIC / name, target)
    stylesheet = folder / "static" / STYLES
    if font is not None:
        target = folder / "static" / FONT
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(font, target)
    else:
        text = stylesheet.read_text(encoding="utf-8")
        stylesheet.write_text(FONT_FACE.sub("", text, count=1), encoding="utf-8")
