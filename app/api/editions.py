"""Editions: upload, list, progress, composition and ruler."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from presslens.app.api import links
from presslens.app.api.access import PermittedRoute, needs
from presslens.app.api.coder import Coder, FormCoder, GivenCoder, QueryCoder, name_in
from presslens.app.api.csv_response import csv_response, table_of, wants_csv
from presslens.app.api.given import Given, OneOf
from presslens.app.api.params import Cursor, Editions, Home, Id, Limit
from presslens.app.api.picture_response import JPEG, PICTURE
from presslens.app.charts.ruler_strip import ruler_strip
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.platform.errors import OUTAGES, Gone, LimitExceeded, NotFound
from presslens.app.platform.language import Language, choose_language, language
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import MOST, Day, Name
from presslens.app.services.analysis.presence import count_workers
from presslens.app.services.analysis.summarise import is_summarised
from presslens.app.services.catalogue.descriptions import (
    LibraryEdition,
    edition_description,
    library_editions,
)
from presslens.app.services.catalogue.editions import (
    COLUMNS,
    EditionState,
    find_edition,
    iterate_editions,
    list_editions,
)
from presslens.app.services.catalogue.pages import page_outcomes
from presslens.app.services.catalogue.ruler import COLUMNS as OF_RULER
from presslens.app.services.catalogue.ruler import EditionRuler, edition_ruler
from presslens.app.services.catalogue.scope import mistaken_for
from presslens.app.services.catalogue.trash import TrashedEdition, iterate_trash, list_trash
from presslens.app.services.corrections.editions import EditionChange, change_edition
from presslens.app.services.corrections.trash import delete_edition, restore_edition
from presslens.app.services.ingest.named_editions import MOST_FILES, NamedEditions, editions_by_name
from presslens.app.services.ingest.profile import read_profile
from presslens.app.services.ingest.retry import retry_pages
from presslens.app.services.ingest.upload import (
    Incoming,
    Uploader,
    check_any_scan,
    ingest,
    read_page_numbers,
)
from presslens.app.services.ingest.upload_mode import UploadMode
from presslens.app.services.statistics.edition_composition import (
    EditionComposition,
    edition_composition_document,
)
from presslens.pipelines.result import OfRecipe, Served
from presslens.pipelines.scans.page_numbers import MOST_PAGES

router = APIRouter(prefix="/editions", tags=["editions"], route_class=PermittedRoute)


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedEdition(EditionState):
    """An edition after an upload."""

    created: bool  # whether the upload has made the edition; the same files again are the same one
    added: int  # number of pages that were added to it
    similar: list[str]  # names of newspapers that the name of a new one may be meant for
    edit: int | None  # id of the edit by which the upload is undone
    # Sentences in the reader's language: what the newspaper's profile took over, or has otherwise;
    # where the names of files have numbers but no 1, what that means for the front page.
    notes: list[str]
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedEditionState(EditionState):
    """An edition after a change; ``edit`` is the id of the edit by which that is undone."""

    edit: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetriedEdition(EditionState):
    """An edition of which pages are looked at again; ``retried`` are their numbers."""

    retried: list[int]


@dataclass(frozen=True, slots=True)
class LibraryEditionList(Served):
    """One page of a list of editions, latest date first."""

    recipe: str  # the recipe of their progress
    editions: list[LibraryEdition]
    next: str | None  # the cursor of the next page of the list; None after the last


@dataclass(frozen=True, slots=True)
class TrashList(Served):
    """Editions in the trash; ``next`` is the cursor of those that follow."""

    editions: list[links.RestorableEdition]
    next: str | None


@dataclass(frozen=True, slots=True)
class ListedPage(Served):
    """A page of an edition."""

    id: int
    number: int  # its number, from 1
    address: str
    mismatches: list[str]  # sentences: where it surely prints something else of itself


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionDetails(LibraryEdition, OfRecipe):
    """An edition, its pages, and what its library says of it; None where it says nothing."""

    page_list: list[ListedPage]


@router.post("", status_code=202, operation_id="upload_edition")
@needs(Permission.IMPORT)
def upload_edition(
    home: Home,
    request: Request,
    response: Response,
    publication: Annotated[Name, Form()],
    date: Annotated[Day, Form()],
    files: Annotated[list[UploadFile], File(min_length=1)],
    pages_expected: Annotated[int | None, Form(ge=1, le=MOST_PAGES)] = None,
    page_numbers: Annotated[str | None, Form(max_length=4000)] = None,
    mode: Annotated[UploadMode | None, Form()] = None,
    edition: Annotated[int | None, Form(ge=1, le=MOST)] = None,
    languages: Annotated[
        str, Form(max_length=400, description="languages of the newspaper, parted by commas")
    ] = "",
    country: Annotated[str, Form(max_length=100, description="country of the newspaper")] = "",
    kind: Annotated[str, Form(max_length=16, description="who publishes the newspaper")] = "",
    coder: FormCoder = None,
) -> UploadedEdition:
    """Upload the scans of an edition: files in page order, or one PDF, TIFF or ZIP.

    `pages_expected` is the number of pages that the edition had, if some are missing;
    `page_numbers` numbers those that are there, `1,3,5-8` for instance. Without it the names of
    the files tell their numbers, `page_03.jpg` for instance, or else their order.

    The same files again are the same edition. Other files of a day that has one are answered with
    409 and `choices`, unless `mode` says what to do: `add` these pages to it, `replace` it, or
    take them for a `separate` edition of the day. `edition` is the edition of the day that is
    meant, if not the latest that counts. `coder` is who uploads, for the log.

    A newspaper that is not known is added; `similar` are those that its name may be meant for.
    `languages` (codes, parted by commas), `country` and `kind` are stored where nothing is stated
    of the newspaper yet; `notes` say what was stored, and what differs from what is stated.

    Where no file is a scan by its first bytes, no edition is made: `errors` of the 422 names each.
    """
    if len(files) > home.settings.request_files:
        raise LimitExceeded(f"an edition may have {home.settings.request_files} files")
    incoming = [Incoming(file.filename or "", file.file) for file in files]
    check_any_scan((file.name, file.head()) for file in incoming)
    similar = mistaken_for(home, publication)
    ingested = ingest(
        home,
        incoming,
        publication=publication,
        edition_date=date,
        now=clock.now(),
        pages_expected=pages_expected,
        page_numbers=None if page_numbers is None else read_page_numbers(page_numbers),
        mode=mode,
        edition=edition,
        uploader=Uploader(coder, home.recipe.codebook),
        profile=read_profile(languages, country, kind),
    )
    address = links.edition(ingested.edition_id)
    response.headers["Location"] = address
    reader = language(choose_language(None, {}, request.headers.get("accept-language", "")))
    return UploadedEdition.from_attributes(
        find_edition(home, ingested.edition_id),
        created=ingested.created,
        added=ingested.added,
        similar=similar,
        edit=ingested.edit_id,
        notes=[reader.say(note) for note in ingested.notes],
        address=address,
    )


@router.get("", operation_id="list_editions", response_model=LibraryEditionList | TrashList)
@router.get(".csv", operation_id="list_editions_csv")
@needs(Permission.READ)
def get_editions(
    home: Home,
    request: Request,
    query: Editions,
    limit: Limit = 50,
    cursor: Cursor | None = None,
    deleted: Annotated[
        bool, Query(description="those in the trash, the latest deleted first")
    ] = False,
) -> Any:
    """List editions, the latest date first. CSV holds all of them.

    `deleted=true` lists those in the trash, with who deleted them, and when they go for good.
    """
    scope = query.resolved(home).scope
    if deleted and wants_csv(request):
        return csv_response(*table_of(TrashedEdition, iterate_trash(home, scope)), name="trash")
    if deleted:
        listing = list_trash(home, scope, limit=limit, start=cursor)
        return TrashList([links.restorable(one) for one in listing.items], listing.next_cursor)
    if wants_csv(request):
        rows = (state.row() for state in iterate_editions(home, scope))
        return csv_response(COLUMNS, rows, name="editions")
    states = list_editions(home, scope, limit=limit, start=cursor)
    editions = library_editions(home, states.editions)
    return LibraryEditionList(states.recipe, editions, states.next)


@router.get("/{edition_id}", operation_id="get_edition")
@needs(Permission.READ)
def get_edition(home: Home, edition_id: Id) -> EditionDetails:
    """Return an edition, its progress, and the addresses of its pages.

    ``mismatches`` of a page are sentences: where its head surely prints another day, page number or
    newspaper than the edition has.
    ``description`` is what its library says of it, with rights and attribution; null without one.
    """
    state = find_edition(home, edition_id)
    pages = [
        ListedPage(page["id"], page["number"], links.page(page["id"]), page["mismatches"])
        for page in page_outcomes(home, edition_id)
    ]
    return EditionDetails.from_attributes(
        state,
        recipe=home.recipe.id,
        page_list=pages,
        description=edition_description(home, edition_id),
    )


class ChangedEdition(Given):
    """What an edition is to be of; what is missing stays as it is."""

    date: Day | None = None
    publication: Name | None = None
    pages_expected: Annotated[int, Field(ge=1, le=MOST_PAGES)] | None = None
    mode: OneOf[UploadMode] | None = None
    edition: Annotated[int, Field(ge=1, le=MOST)] | None = None
    coder: Coder = None


@router.patch("/{edition_id}", operation_id="change_edition", max_body_size=2**16)
@needs(Permission.IMPORT)
def patch_edition(home: Home, edition_id: Id, given: ChangedEdition) -> ChangedEditionState:
    """Change the day, the newspaper or the expected pages of an edition.

    `pages_expected` null: it is not known. Where the newspaper has an edition of that day, the
    answer is 409 with `choices`, unless `mode` is `replace` or `separate`.
    """
    expected = (given.pages_expected,) if "pages_expected" in given.model_fields_set else None
    change = EditionChange(given.date, given.publication, expected, given.mode, given.edition)
    edit = change_edition(home, edition_id, change, coder=given.coder, now=clock.now())
    return ChangedEditionState.from_attributes(find_edition(home, edition_id), edit=edit)


@router.delete("/{edition_id}", status_code=204, operation_id="delete_edition")
@needs(Permission.IMPORT)
def remove_edition(
    home: Home,
    response: Response,
    edition_id: Id,
    coder: QueryCoder = None,
) -> None:
    """Put an edition into the trash: no number, list or export has it until it is restored.

    The header `Presslens-Edit` has the id of the edit, by which it is undone.
    """
    edit = delete_edition(home, edition_id, coder=coder, now=clock.now())
    response.headers["Presslens-Edit"] = str(edit)


@router.post("/{edition_id}/restore", operation_id="restore_edition", max_body_size=2**16)
@needs(Permission.IMPORT)
def post_restore(
    home: Home, edition_id: Id, given: GivenCoder | None = None
) -> ChangedEditionState:
    """Take an edition out of the trash, with the ids that it had."""
    coder = name_in(given)
    edit = restore_edition(home, edition_id, coder=coder, now=clock.now())
    return ChangedEditionState.from_attributes(find_edition(home, edition_id), edit=edit)


class FileNames(Given):
    """The names of the files of a folder."""

    names: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=1000)]],
        Field(min_length=1, max_length=MOST_FILES, description="their paths in the folder"),
    ]


@router.post("/names", max_body_size=2**22, operation_id="read_edition_names")
@needs(Permission.IMPORT)
def post_names(home: Home, given: FileNames) -> NamedEditions:
    """Say which editions files are by their names, and store nothing.

    The names are read by the rules of `presslens import --tree`: `Newspaper_YYYY-MM-DD`,
    `Newspaper/YYYY-MM-DD`, and the patterns of the installation. What these leave is put together
    by folders and days; `publication` or `date` is empty where no name says it. `editions` are
    those that the day has already.
    """
    return editions_by_name(home, given.names)


class PagesToRetry(Given):
    """The pages to look at again."""

    pages: Annotated[
        list[Annotated[int, Field(ge=1, le=MOST_PAGES)]],
        Field(max_length=MOST_PAGES, description="their numbers; none: all that have failed"),
    ]


@router.post(
    "/{edition_id}/retry", max_body_size=2**16, status_code=202, operation_id="retry_edition"
)
@needs(Permission.IMPORT)
def post_retry(home: Home, edition_id: Id, given: PagesToRetry | None = None) -> RetriedEdition:
    """Have pages that could not be analysed looked at again: all, or those of `pages`.

    `retried` are the numbers of the pages that are.
    """
    numbers = retry_pages(home, edition_id, frozenset(given.pages if given else ()))
    return RetriedEdition.from_attributes(find_edition(home, edition_id), retried=numbers)


@router.get(
    "/{edition_id}/events",
    operation_id="watch_edition",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}},
)
@needs(Permission.READ)
async def watch_edition(home: Home, request: Request, edition_id: Id) -> StreamingResponse:
    """Send the progress of an edition as server-sent events, until it is summarised.

    Each event is the edition, in `page_list` the outcome of each page, with the reason where it
    was refused, in the reader's language, and in `summarised` whether its numbers are stored: then
    no event follows. `workers` is the number of workers that run.
    """
    await run_in_threadpool(find_edition, home, edition_id)  # one that isn't there is a 404
    state, accepted = request.app.state, request.headers.get("accept-language", "")
    spoken = language(choose_language(None, request.cookies, accepted))
    return StreamingResponse(
        progress_events(state.home, edition_id, spoken, lambda: bool(state.stopping)),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store"},
    )


@router.get(
    "/{edition_id}/composition",
    operation_id="get_composition",
    response_model=EditionComposition,
)
@needs(Permission.READ)
def get_composition(home: Home, edition_id: Id) -> Response:
    """Return an edition's composition over the pages that are analysed so far.

    Its `figures` count the photos of each enrolled figure.
    """
    return JSONResponse(edition_composition_document(home, edition_id))


@router.get("/{edition_id}/ruler", operation_id="get_ruler", response_model=EditionRuler)
@router.get("/{edition_id}/ruler.csv", operation_id="get_ruler_csv")
@needs(Permission.READ)
def get_ruler(home: Home, request: Request, edition_id: Id) -> Any:
    """Rank an edition's photos, of the pages that are analysed so far."""
    ruler = edition_ruler(home, edition_id)
    if wants_csv(request):
        rows = ({**row, "image": links.photo_image(row["id"])} for row in ruler.rows())
        return csv_response(OF_RULER, rows, name=f"ruler_{edition_id}")
    return links.linked_ruler(ruler)


@router.get(
    "/{edition_id}/ruler.jpg",
    operation_id="get_ruler_strip",
    response_class=Response,
    responses=PICTURE,
)
@needs(Permission.READ)
def get_ruler_strip(home: Home, edition_id: Id) -> Response:
    """Return the ruler as a picture: a strip of crops, and an axis with all photos."""
    return Response(ruler_strip(home, edition_id), media_type=JPEG)


EVENT_SECONDS = 1.0
"""Seconds between two queries of the progress of a watched edition."""


async def progress_events(
    home: Installation, edition_id: int, spoken: Language, is_stopping: Callable[[], bool]
) -> AsyncIterator[str]:
    """Yield an event whenever an edition has changed, else a comment, until it is summarised.

    The events end, too, when the edition is deleted or the server ends. While the database can't be
    read they go on with comments, so that nobody is cut off from a night's work.

    Args:
        spoken: The language of reasons.
        is_stopping: Whether the server ends, and the events with it.
    """
    last = ""
    while not is_stopping():
        try:
            data, summarised = await run_in_threadpool(_progress, home, edition_id, spoken)
        except OUTAGES:
            yield ": the database can't be read\n\n"
        except (Gone, NotFound):
            return
        else:
            yield f"event: progress\ndata: {data}\n\n" if data != last else ": still there\n\n"
            if summarised:
                return
            last = data
        await asyncio.sleep(EVENT_SECONDS)


def _progress(home: Installation, edition_id: int, spoken: Language) -> tuple[str, bool]:
    """Return an edition with the outcome of each page as JSON, and whether it is summarised."""
    state = find_edition(home, edition_id)
    summarised = state.status.is_final and is_summarised(home, edition_id)
    pages = page_outcomes(home, edition_id)
    pages = [one | {"reason": one["reason"] and spoken.say(one["reason"])} for one in pages]
    document = {**state.to_json(), "summarised": summarised, "page_list": pages}
    document["workers"] = count_workers(home)
    return json.dumps(document), summarised
