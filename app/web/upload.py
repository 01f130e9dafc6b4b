"""The page that takes in the scans of an edition: dropped, put in order, numbered, followed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import File, Form, Request, Response, UploadFile
from fastapi.responses import RedirectResponse

from presslens.app.api.access import needs
from presslens.app.api.params import Home
from presslens.app.db.publications import NewspaperKind
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.platform.errors import EditionExists, LimitExceeded, NoScans
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import Day, Name
from presslens.app.services.catalogue.publications import list_publications
from presslens.app.services.catalogue.scope import mistaken_for
from presslens.app.services.ingest.profile import read_profile
from presslens.app.services.ingest.upload import (
    Incoming,
    Uploader,
    check_any_scan,
    ingest,
    read_page_numbers,
)
from presslens.app.services.ingest.upload_mode import EFFECTS, TITLES, UploadMode
from presslens.app.web.page_router import PageRouter, Render
from presslens.app.web.preferences import coder_of
from presslens.models.message import Message
from presslens.pipelines.scans.page_numbers import MOST_PAGES
from presslens.pipelines.scans.scan import SIGNATURES

router = PageRouter()

CHOICES = tuple((mode.value, TITLES[mode], EFFECTS[mode]) for mode in UploadMode)
"""What can be done where a day has an edition already: mode, title, and what it does."""


@router.page("/upload", twins=())
@needs(Permission.IMPORT)
def show_upload(
    home: Home, render: Render, publication: Name | None = None, date: Day | None = None
) -> Response:
    """Show the form that takes in an edition; ``publication`` and ``date`` fill it in."""
    return _form(home, render, publication, date)


@router.post("/upload")
@needs(Permission.IMPORT)
def upload(
    home: Home,
    render: Render,
    request: Request,
    publication: Annotated[Name, Form()],
    date: Annotated[Day, Form()],
    files: Annotated[list[UploadFile], File()],
    pages_expected: Annotated[str, Form(max_length=8)] = "",
    page_numbers: Annotated[str, Form(max_length=4000)] = "",
    mode: Annotated[str, Form(max_length=16)] = "",
    new_newspaper: Annotated[bool, Form()] = False,
    languages: Annotated[str, Form(max_length=400)] = "",
    country: Annotated[str, Form(max_length=100)] = "",
    kind: Annotated[str, Form(max_length=16)] = "",
) -> Response:
    """Take in an edition from the form as it is without scripts, and go to its page."""
    if len(files) > home.settings.request_files:
        raise LimitExceeded(f"an edition may have {home.settings.request_files} files")
    alike = [] if new_newspaper else mistaken_for(home, publication)
    if alike:
        problem = Message("there is no newspaper %(name)s yet", name=publication)
        return _form(home, render, publication, date, problem=problem, meant=alike, status=409)
    incoming = [Incoming(file.filename or "", file.file) for file in files]
    expected = int(pages_expected) if pages_expected.isdecimal() else None
    try:
        check_any_scan((file.name, file.head()) for file in incoming)
        done = ingest(
            home,
            incoming,
            publication=publication,
            edition_date=date,
            now=clock.now(),
            pages_expected=expected if expected and expected <= MOST_PAGES else None,
            page_numbers=read_page_numbers(page_numbers) if page_numbers.strip() else None,
            mode=UploadMode(mode) if mode in set(UploadMode) else None,
            uploader=Uploader(coder_of(request), home.recipe.codebook),
            profile=read_profile(languages, country, kind),
        )
    except NoScans as error:
        problem, refused = error.args[0], error.refused
        return _form(home, render, publication, date, problem=problem, refused=refused, status=422)
    except EditionExists as error:
        problem = error.args[0]
        return _form(home, render, publication, date, problem=problem, status=409)
    return RedirectResponse(f"/editions/{done.edition_id}", status_code=303)


def _form(
    home: Installation,
    render: Render,
    publication: str | None,
    day: date | None,
    *,
    problem: Message | None = None,
    meant: Sequence[str] = (),
    refused: Sequence[tuple[str, str]] = (),
    status: int = 200,
) -> Response:
    return render(
        "upload.html",
        status=status,
        section="upload",
        papers=lambda: [one.publication for one in list_publications(home)],
        publication=publication,
        day=day,
        latest=clock.now().date(),
        problem=problem,
        meant=meant,
        refused=refused,
        choices=CHOICES,
        kinds=list(NewspaperKind),
        most_pages=MOST_PAGES,
        most_files=home.settings.request_files,
        file_bytes=home.settings.file_bytes,
        signatures=SIGNATURES,
    )
