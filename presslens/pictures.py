"""Pictures of an edition in, its photos and statistics out: no archive, and no database."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, ClassVar

from presslens.answers import ChartedResult, photo_count
from presslens.errors import NoFile, Refused, errors_of_package
from presslens.progress_bar import progress_bar
from presslens.results_analysis import AnalysedEdition, PhotoDocument
from presslens.tables import JsonObject, blank_document

if TYPE_CHECKING:
    import numpy
    from PIL import Image

    Page = str | Path | Image.Image | numpy.ndarray[Any, Any]

Progress = Callable[[int, int, str], None]
"""Called with the count of pages done, of all pages, and the name of the last."""


LIKELY = 0.5
"""Probability from which on the picture of a page names a subject."""


class Edition(ChartedResult, AnalysedEdition):
    """An edition that was analysed without an archive; a row of its table is a photo."""

    COLUMNS: ClassVar[tuple[str, ...]] = ("page_number", "source", "area_share")

    @property
    def photos(self) -> list[PhotoDocument]:
        """All photos, page by page."""
        return [photo for page in self.pages for photo in page.photos]

    @property
    def sentence(self) -> str:
        """How many photos there are on how many pages, and what was refused."""
        document = self._document
        pages, photos = document["pages"], photo_count(document["composition"]["photos"])
        refused = [page["source"] for page in pages if page["outcome"] in ("rejected", "failed")]
        reason = f"; not analysed: {', '.join(refused)}" if refused else ""
        sheets = f"{len(pages)} page{'' if len(pages) == 1 else 's'}"
        return f"{self._name}: {photos} photos on {sheets}{reason}"

    @property
    def _name(self) -> str:
        edition = self._document["edition"]
        return " ".join(filter(None, (edition["publication"], edition["date"]))) or "edition"

    def save(self, path: str | Path) -> None:
        """Write the document, whole or not at all, as ``presslens analyze --out`` does."""
        from presslens.pipelines.document import write_document

        write_document(Path(path), self._document)

    @classmethod
    def _blank_part(cls) -> JsonObject:
        return {"page_number": None, "source": None, **blank_document(PhotoDocument)}

    @property
    def _is_drawn(self) -> bool:
        shares = self._document["composition"]["shares"]
        return any(share["share"] is not None for share in shares.values())

    def _parts(self) -> Sequence[JsonObject]:
        return [
            {"page_number": page["number"], "source": page["source"], **photo}
            for page in self._document["pages"]
            for photo in page["photos"]
        ]

    def _repr_html_(self) -> str:
        """Show the pages in a notebook, each with the places of its photos, and the chart."""
        pages = "".join(map(_page_picture, self._document["pages"]))
        return f"<div>{pages}</div>{super()._repr_html_()}"

    def _chart_as(self, ending: str) -> str:
        from presslens.share_chart import share_chart

        shares = self._document["composition"]["shares"]
        title = f"{self._name}: shares of its photos"
        return share_chart(title, list(shares.items()), ending, recipe=self.recipe)


PAGE_WIDTH = 120
"""Pixels of a page that a notebook shows."""


def _page_picture(page: Mapping[str, Any]) -> str:
    """Return a page as SVG: its sheet, and a frame for each photo, which says what it shows."""
    if not page.get("width"):
        return ""
    boxes = []
    for photo in page["photos"]:
        x0, y0, x1, y1 = photo["box"]
        likely = [name for name, one in photo["subjects"].items() if one["probability"] >= LIKELY]
        title = html.escape(", ".join(likely) or "photo")
        place = f'x="{x0}" y="{y0}" width="{x1 - x0}" height="{y1 - y0}"'
        boxes.append(f'<rect {place} fill="#9db4c8"><title>{title}</title></rect>')
    width, height = page["width"], page["height"]
    return (
        f'<svg width="{PAGE_WIDTH}" viewBox="0 0 {width} {height}" style="margin:4px">'
        f'<rect width="{width}" height="{height}" fill="#f4f1ea"/>{"".join(boxes)}</svg>'
    )


def analyze(
    pages: Page | Iterable[Page],
    *,
    publication: str | None = None,
    date: dt.date | str | None = None,
    leaders: Mapping[str, str | Path] | None = None,
    languages: str | Sequence[str] | None = None,
    pages_expected: int | None = None,
    page_numbers: Sequence[int] = (),
    as_photos: bool = False,
    progress: Progress | bool | None = None,
) -> Edition:
    """Analyse the pages of one edition, as ``presslens analyze`` does.

    >>> edition = presslens.analyze(scans, publication="Rodong Sinmun", date="2019-12-16")
    >>> edition.composition.pages, len(edition.photos) == edition.composition.photos
    (1, True)

    Args:
        pages: A folder of page images, files in page order (images, PDF, TIFF or ZIP), or pictures
            of Pillow or NumPy (RGB or grey, 8 bits). A refused file is a page that says why.
        date: Its day, YYYY-MM-DD.
        leaders: A folder of reference photos by the name of each leader.
        languages: BCP 47 codes of its languages, ``fa`` for instance; without them, the languages
            of the newspaper.
        pages_expected: Number of pages that it had, where some are missing.
        page_numbers: Number of each page; without them, names of files tell them, or their order.
        as_photos: Each picture is itself one photo.
        progress: Called with pages done, all pages and a name. True and False show a bar and none;
            without it, there is one in notebooks and on terminals.

    Raises:
        NoFile: A file or folder is not there.
        Refused: Nothing is there to analyse, or a leader has no usable photo.
        PresslensError: The weights are missing.
    """
    from presslens.app.cli.notices import nothing_in
    from presslens.app.db.seeds import seeded_names
    from presslens.app.platform.errors import InvalidRequest
    from presslens.app.platform.settings import Settings
    from presslens.app.services.ingest.profile import stated_languages
    from presslens.pipelines.analysis import Request
    from presslens.pipelines.analysis import analyze as analyze_edition
    from presslens.pipelines.scans.scan import expand

    settings = Settings()
    with errors_of_package(), TemporaryDirectory(prefix="presslens-") as folder:
        scans = _files(pages, Path(folder))
        if not expand(scans):
            raise InvalidRequest(nothing_in(scans))
        if languages is None:
            languages = stated_languages(publication or "", settings)
        request = Request(
            scans=scans,
            publication=publication,
            date=None if date is None else _day(date),
            leaders={name: _existing(photos) for name, photos in (leaders or {}).items()},
            as_photos=as_photos,
            pages_expected=pages_expected,
            page_numbers=page_numbers,
            newspapers=seeded_names(),
            languages=[languages] if isinstance(languages, str) else languages,
        )
        with progress_bar("analysing", progress) as update:
            document = analyze_edition(
                request,
                settings.load_recipe(),
                settings.load_registry(),
                processes=settings.processes,
                on_ray=settings.on_ray,
                progress=update,
            )
    return Edition.of(document)


def _files(pages: Page | Iterable[Page], folder: Path) -> list[Path]:
    """Return the files of pages; pictures are written, so that they are read as files are."""
    sequence: Any = pages if isinstance(pages, Iterable) and not _is_one(pages) else [pages]
    return [
        _existing(page) if isinstance(page, str | Path) else _saved(page, folder / f"{n:04}.png")
        for n, page in enumerate(sequence, start=1)
    ]


def _existing(path: str | Path) -> Path:
    """Return the path of a file or folder.

    Raises:
        NoFile: The path does not exist.
    """
    if not Path(path).exists():
        raise NoFile(f"{path} does not exist")
    return Path(path)


def _day(date: dt.date | str) -> str:
    """Return a day as documents have it.

    Raises:
        Refused: The text is no day.
    """
    try:
        return dt.datetime.fromisoformat(str(date)).date().isoformat()
    except ValueError as error:
        raise Refused(f"{str(date)!r} is no day: YYYY-MM-DD") from error


def _is_one(pages: Any) -> bool:
    is_array = hasattr(pages, "ndim") and pages.ndim < 4
    return isinstance(pages, str | Path) or hasattr(pages, "getbbox") or is_array


def _saved(page: Any, path: Path) -> Path:
    """Write a picture into a file.

    Raises:
        Refused: It is none of 8 bits.
    """
    from PIL import Image

    try:
        picture = page if isinstance(page, Image.Image) else Image.fromarray(page)
        picture.save(path)
    except (OSError, TypeError, ValueError, AttributeError) as error:
        raise Refused(f"a page is a picture in RGB or grey with 8 bits: {error}") from error
    return path
