"""``presslens analyze``: scans in, JSON out, no database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from presslens.app.cli.composition_table import composition_table
from presslens.app.cli.console import emit_json, fail, tell, warn
from presslens.app.cli.notices import nothing_in, warn_of_folders
from presslens.app.cli.options import (
    DayOption,
    EngineOption,
    PageNumbersOption,
    PagesExpectedOption,
    settings_on,
    warn_of_languages,
)
from presslens.app.cli.progress import WorkDone, progress
from presslens.app.cli.tables import print_table
from presslens.app.db.seeds import seeded_names
from presslens.app.platform import clock
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.settings import Settings
from presslens.app.services.ingest.profile import stated_languages
from presslens.app.services.ingest.upload import read_page_numbers
from presslens.models.languages import read_language
from presslens.models.vocabulary import NotRead
from presslens.pipelines.counted import counted
from presslens.pipelines.document import write_document
from presslens.pipelines.scans.scan import expand

if TYPE_CHECKING:
    from presslens.models.instruments import CaptionReader
    from presslens.models.recipe import Recipe
    from presslens.pipelines.analysis import Request


def analyze(
    scans: Annotated[
        list[Path],
        typer.Argument(
            exists=True,
            help="A folder of page images in page order, or page images, PDF, TIFF or ZIP files.",
        ),
    ],
    publication: Annotated[str | None, typer.Option(help="The newspaper.")] = None,
    date: DayOption = None,
    language: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE",
            callback=warn_of_languages,
            help="A language that it is printed in, fa for instance; may be repeated. Without:"
            " those of --publication, by its profile in the archive, if they are known.",
        ),
    ] = None,
    leader: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=FOLDER", help="A leader, and a folder of reference photos."),
    ] = None,
    pages_expected: PagesExpectedOption = None,
    page_numbers: PageNumbersOption = None,
    as_photos: Annotated[
        bool, typer.Option("--as-photos", help="Each image is one photo, not a page.")
    ] = False,
    save_to: Annotated[
        Path | None, typer.Option("--out", help="Write the JSON to this file.")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Write the edition as pages for a browser, which open without a server.",
        ),
    ] = None,
    engine: EngineOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write the JSON to the output.")] = False,
) -> None:
    """Analyse the scans of one edition, without a database."""
    # Readers import this module again: what is heavy is imported where it is needed.
    from presslens.models.loading import load_captions
    from presslens.pipelines.analysis import Request

    if as_photos and (page_numbers or pages_expected):
        raise typer.BadParameter("--as-photos goes without --page-numbers and --pages-expected")
    settings = settings_on(engine)
    recipe = settings.load_recipe()
    request = Request(
        scans=scans,
        publication=publication,
        date=date.isoformat() if date else None,
        leaders=dict(_leader(text) for text in leader or []),
        as_photos=as_photos,
        pages_expected=pages_expected,
        page_numbers=() if page_numbers is None else read_page_numbers(page_numbers),
        newspapers=seeded_names(),
        languages=_languages(language, publication, settings),
    )
    with ExitStack() as stack:
        if report is not None:
            from presslens.app.web.report import check_folder

            check_folder(report)  # before the work of minutes, not after it
            folder = stack.enter_context(TemporaryDirectory(prefix="presslens-"))
            request = replace(request, views=Path(folder))
        document = _analysed(request, recipe, settings)
        if save_to is not None:
            write_document(save_to, document)
        if report is not None and request.views is not None:
            with progress("writing the report"):
                index = _write_report(document, request, request.views, report, settings)
            tell(f"open {index} in a browser")
    if as_json:
        emit_json(document)
    else:
        column = "photos" if as_photos else "edition", document["composition"]
        print_table(composition_table([column], as_photos=as_photos))
    warn_of_folders(scans)
    _warn(document)
    for reason in _why_unread(document, load_captions(recipe), request.languages):
        fail(reason)
    lost = [page for page in document["pages"] if page["outcome"] in {"rejected", "failed"}]
    for page in lost:
        fail(f"{page['source']}: {page['outcome']}: {page['reason']}")
    if lost:
        raise typer.Exit(1)


def _analysed(request: Request, recipe: Recipe, settings: Settings) -> dict[str, Any]:
    from presslens.pipelines.analysis import analyze as analyze_edition

    if not expand(request.scans):
        raise InvalidRequest(nothing_in(request.scans))
    with progress("analysing", remains=_remains) as work:
        return analyze_edition(
            request,
            recipe,
            settings.load_registry(),
            processes=settings.processes,
            on_ray=settings.on_ray,
            progress=work.update,
        )


def _write_report(
    document: dict[str, Any], request: Request, views: Path, folder: Path, settings: Settings
) -> Path:
    """Write the edition as pages; return the first of them."""
    # The pages' templates take a while to import.
    from presslens.app.web.report import ReportEdition, analysed_view, report_font, write_report
    from presslens.pipelines.analysis import view_name

    decision = settings.load_recipe().aggregate.decision
    view = analysed_view(document, decision=decision, pages_expected=request.pages_expected)
    files = {page["id"]: views / view_name(page["id"]) for page in view.pages}
    pictures = {id_: partial(_open, path) for id_, path in files.items() if path.is_file()}
    edition = ReportEdition(view, pictures)
    return write_report(
        [edition], folder, title="", today=clock.now().date(), font=report_font(settings)
    )


def _open(view: Path) -> AbstractContextManager[Path]:
    return nullcontext(view)


def _remains(work: WorkDone) -> str:
    done = f"{work.count} pages analysed, and " if work.done else ""
    return f"{done}nothing is kept; `presslens import` stores each page as soon as it is analysed"


def _leader(text: str) -> tuple[str, Path]:
    name, equals, folder = text.partition("=")
    if not (name and equals and Path(folder).is_dir()):
        raise typer.BadParameter(f"{text!r} is not NAME=FOLDER with a folder that is there")
    return name, Path(folder)


def _warn(document: dict[str, Any]) -> None:
    for name, note in _notes(document):
        warn(f"{name}: {note}")
    if not document.get("figures"):
        warn(
            "no leader is enrolled: who the leader is in, and what is focused on him, is not"
            " known; --leader NAME=FOLDER enrols one"
        )


def _notes(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is doubtful: references that are poor or left out, and pages, with the reason."""
    from presslens.models.faces.enrol import too_few

    for figure in document.get("figures", ()):
        if few := too_few(figure["name"], sum(one["weight"] > 0 for one in figure["references"])):
            yield "--leader", few
        for reference in figure["references"]:
            if reference["note"] is not None:
                yield f"{figure['name']}: {reference['name']}", reference["note"]
    for page in document["pages"]:
        for doubt in page.get("warnings") or ():
            yield page["source"], doubt


def _why_unread(
    document: dict[str, Any], reader: CaptionReader, languages: Sequence[str]
) -> Iterator[str]:
    """Yield why captions, headlines or heads of pages were found and not read."""
    printed = [
        text
        for page in document["pages"]
        for text in [
            page["folio"],
            *page["headlines"],
            *(photo["caption"] for photo in page["photos"]),
        ]
    ]
    unread = [text for text in printed if text is not None and text["text"] is None]
    unsure = sum(text.get("not_read") == NotRead.UNSURE for text in unread)
    if len(unread) > unsure:
        said = "" if languages else "; --language CODE says it"
        why_not = reader.why_not(languages) or "some took too long"
        yield f"captions are not read: {why_not}{said}"
    if unsure:
        texts = counted(unsure, "caption or headline", "captions or headlines")
        yield f"{texts} read with too little confidence, and left out"


def _languages(
    given: Sequence[str] | None, publication: str | None, settings: Settings
) -> tuple[str, ...]:
    """Return the languages that are given, or else those of a newspaper that is known."""
    if not given:
        return stated_languages(publication or "", settings)
    codes = [(text, read_language(text)) for text in given]
    for text, code in codes:
        if code is None:
            raise typer.BadParameter(f"{text!r} is no language: give a code, fa for instance")
    return tuple(code for _, code in codes if code is not None)
