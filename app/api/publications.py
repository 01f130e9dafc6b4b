"""Newspapers: what there is of each; their names, merging them, and their mastheads."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import ConfigDict, Field, ValidationError
from starlette.datastructures import UploadFile

from presslens.app.api import links
from presslens.app.api.access import PermittedRoute, needs
from presslens.app.api.coder import Coder, QueryCoder
from presslens.app.api.csv_response import csv_response, wants_csv
from presslens.app.api.given import Given, OneOf
from presslens.app.api.params import Home, Id
from presslens.app.api.picture_response import JPEG, PICTURE, tagged_response
from presslens.app.db.publications import NewspaperKind
from presslens.app.db.queries import EditionScope
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import MOST, Day, Name
from presslens.app.services.catalogue.publications import COLUMNS, find_newspaper, list_publications
from presslens.app.services.catalogue.scope import existing_newspaper, mistaken_for
from presslens.app.services.corrections.newspaper_merge import (
    SameDay,
    ServedMerge,
    merge_newspapers,
    plan_merge,
)
from presslens.app.services.corrections.newspapers import (
    MOST_ALIASES,
    NewspaperChanges,
    add_newspaper,
    change_newspaper,
)
from presslens.app.services.ingest.profile import MOST_IDENTIFIERS, MOST_LANGUAGES
from presslens.app.services.pictures.pictures import (
    MOST_BYTES,
    masthead_of_file,
    masthead_of_page,
    masthead_picture,
)
from presslens.app.services.shares.newspaper_validity import NewspaperValidity, newspaper_validity
from presslens.models.geometry import Box
from presslens.pipelines.result import Served
from presslens.pipelines.scans.page_numbers import MOST_PAGES

router = APIRouter(prefix="/publications", tags=["newspapers"], route_class=PermittedRoute)

PixelPlace = Annotated[float, Field(ge=0, le=MOST)]


LanguageName = Annotated[str, Field(min_length=1, max_length=100)]
"""A language or a country by code or name."""


IdentifierText = Annotated[str, Field(min_length=1, max_length=300)]
"""An identifier with the name of its scheme."""


class GivenProfile(Given):
    """What may be stated of a newspaper."""

    languages: Annotated[list[LanguageName], Field(max_length=MOST_LANGUAGES)] | None = Field(
        None, description="languages that it is written in, BCP 47 codes, the main one first"
    )
    country: LanguageName | None = Field(
        None, description="country that it is published in, an ISO 3166 code"
    )
    kind: OneOf[NewspaperKind] | None = Field(None, description="who publishes it")
    usual_pages: int | None = Field(
        None, ge=1, le=MOST_PAGES, description="pages that an edition usually has"
    )
    weekdays: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(max_length=7)] | None = (
        Field(None, description="days on which it is published: 1 is Monday, 7 Sunday")
    )
    identifiers: Annotated[list[IdentifierText], Field(max_length=MOST_IDENTIFIERS)] | None = Field(
        None, description="all its numbers at libraries: lccn:sn85058233, issn:1234-5679, ark:/…"
    )

    @property
    def given(self) -> dict[str, Any]:
        """The fields that are given."""
        names = self.model_fields_set - {"coder"}
        return {name: getattr(self, name) for name in names}


class NewNewspaper(GivenProfile):
    """A newspaper that has no edition yet."""

    name: Name
    coder: Coder = None


class NewspaperChange(GivenProfile):
    """What is to change of a newspaper; what is not given stays, null is "not known"."""

    name: Name | None = Field(None, description="its name; the old one becomes an alias")
    aliases: Annotated[list[Name], Field(max_length=MOST_ALIASES)] | None = Field(
        None, description="all its other names, in any script"
    )
    coder: Coder = Field(None, description="who changes it")


class Merge(Given):
    """A newspaper that is to become part of another one."""

    model_config = ConfigDict(populate_by_name=True)

    other: Annotated[int, Field(ge=1, le=MOST)] = Field(
        alias="from", description="id of the newspaper that goes"
    )
    same_day: OneOf[SameDay] = Field(
        SameDay.REPLACE,
        description="editions of one day: replace, the latest usable one counts; separate, all do",
    )
    coder: Coder = Field(None, description="who merges them")


class PagePlace(Given):
    """A part of a page that is the masthead."""

    page: Annotated[int, Field(ge=1, le=MOST)] = Field(description="id of the page")
    box: Annotated[list[PixelPlace], Field(min_length=4, max_length=4)] = Field(
        description="x0, y0, x1, y1 in pixels of the page"
    )
    coder: Coder = Field(None, description="who sets it")


@dataclass(frozen=True, slots=True)
class NewspaperList(Served):
    """Newspapers by name."""

    publications: list[links.ServedNewspaper]


@dataclass(frozen=True, slots=True)
class SimilarNewspapers(Served):
    """Names of newspapers that a name may be meant for."""

    name: str
    similar: list[str]


@router.get("", operation_id="list_newspapers", response_model=NewspaperList)
@router.get(".csv", operation_id="list_newspapers_csv")
@needs(Permission.READ)
def get_newspapers(
    home: Home,
    request: Request,
    publication: Annotated[
        Name | None, Query(description="the newspaper with this name or alias")
    ] = None,
    first: Annotated[Day | None, Query(alias="from")] = None,
    last: Annotated[Day | None, Query(alias="to")] = None,
) -> Any:
    """List newspapers with their names, and what there is of each in a period.

    `missing` counts the days between the first and the last edition on which the newspaper
    appears and that have no edition. `similar` are ids of newspapers that look like the same one.
    """
    papers = list_publications(
        home, EditionScope(existing_newspaper(home, publication), first, last)
    )
    if wants_csv(request):
        return csv_response(COLUMNS, (paper.row() for paper in papers), name="publications")
    return NewspaperList([links.served_newspaper(paper) for paper in papers])


@router.post("", status_code=201, operation_id="add_newspaper", max_body_size=2**16)
@needs(Permission.IMPORT)
def post_newspaper(
    home: Home, newspaper: NewNewspaper, response: Response
) -> links.ChangedNewspaper:
    """Add a newspaper ahead of its first edition; uploads add it by themselves."""
    name, profile, coder = newspaper.name, newspaper.given, newspaper.coder
    new, edit = add_newspaper(home, name, profile, coder=coder, now=clock.now())
    response.headers["Location"] = links.publication(new)
    return _changed(home, new, edit)


@router.get("/similar", operation_id="list_similar_newspapers")
@needs(Permission.READ)
def get_similar_newspapers(
    home: Home, name: Annotated[Name, Query(description="the name that is meant")]
) -> SimilarNewspapers:
    """List the newspapers that a new name may be meant for: none where a newspaper has it."""
    return SimilarNewspapers(name, mistaken_for(home, name))


@router.get("/{publication_id:id}", operation_id="get_newspaper")
@needs(Permission.READ)
def get_newspaper(home: Home, publication_id: Id) -> links.ServedNewspaper:
    """Return a newspaper."""
    return links.served_newspaper(find_newspaper(home, publication_id))


@router.get("/{publication_id}/validity", operation_id="get_newspaper_validity")
@needs(Permission.READ)
def get_newspaper_validity(home: Home, publication_id: Id) -> NewspaperValidity:
    """Return whether the machine's readings are worth anything in a newspaper, by number.

    `state` is valid, to be checked or not valid here: by the answers that people gave for photos of
    the newspaper. `wanted` further answers for photos drawn by chance would tell. Where `offered`
    is false, no share rests on the machine alone.
    """
    return newspaper_validity(home, publication_id)


@router.patch("/{publication_id:id}", operation_id="change_newspaper", max_body_size=2**20)
@needs(Permission.IMPORT)
def patch_newspaper(
    home: Home, publication_id: Id, change: NewspaperChange
) -> links.ChangedNewspaper:
    """Change a newspaper's names, profile or identifiers.

    `edit` undoes it; it is null where the newspaper is like that already. A name or an identifier
    that belongs to another newspaper is a conflict: merge the two.
    """
    changes = NewspaperChanges(change.given)
    edit = change_newspaper(home, publication_id, changes, coder=change.coder, now=clock.now())
    return _changed(home, publication_id, edit)


@router.get("/{publication_id}/merge", operation_id="plan_merge")
@needs(Permission.READ)
def get_merge(
    home: Home,
    publication_id: Id,
    other: Annotated[
        int, Query(alias="from", ge=1, le=MOST, description="id of the newspaper that would go")
    ],
) -> ServedMerge:
    """Return what a merge would do: editions that move, and days that both newspapers have.

    `counts_if` says of each day which editions would count under each value of `same_day`, and how
    many pages and photos they have.
    """
    return plan_merge(home, publication_id, other).served()


@router.post("/{publication_id}/merge", operation_id="merge_newspapers", max_body_size=2**16)
@needs(Permission.IMPORT)
def post_merge(home: Home, publication_id: Id, merge: Merge) -> links.ChangedNewspaper:
    """Merge another newspaper into this one: its editions move here, its names become aliases.

    `conflicts` are the days that both had: of editions of one day the latest usable one counts,
    `counts` says which, `editions` what each has. Undoing the edit brings back both.
    """
    done = merge_newspapers(
        home,
        publication_id,
        merge.other,
        same_day=merge.same_day,
        coder=merge.coder,
        now=clock.now(),
    )
    return _changed(home, publication_id, done.edit, done.served())


async def _body(request: Request) -> bytes:
    """Return the body of a request; of a form, its first file."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        for part in (await request.form()).values():
            if isinstance(part, UploadFile):
                return await part.read()
        raise InvalidRequest("the form has no picture")
    return await request.body()


@router.put(
    "/{publication_id}/masthead",
    operation_id="set_masthead",
    max_body_size=MOST_BYTES,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": PagePlace.model_json_schema()},
                "multipart/form-data": {"schema": {"type": "object"}},
                "image/*": {"schema": {"type": "string", "format": "binary"}},
            },
        }
    },
)
@needs(Permission.IMPORT)
def put_masthead(
    home: Home,
    request: Request,
    publication_id: Id,
    body: Annotated[bytes, Depends(_body)],
    coder: QueryCoder = None,
) -> links.ChangedNewspaper:
    """Set the picture of a newspaper's masthead: the body is a picture, or names a part of a page.

    As JSON it is `{"page": id, "box": [x0, y0, x1, y1]}`, in pixels of the page.
    """
    find_newspaper(home, publication_id)
    if request.headers.get("content-type", "").startswith("application/json"):
        place = _place(body)
        coder = place.coder or coder
        sha256 = masthead_of_page(home, place.page, Box(*place.box))
    else:
        sha256 = masthead_of_file(home, io.BytesIO(body))
    return _with_masthead(home, publication_id, sha256, coder)


@router.delete("/{publication_id}/masthead", operation_id="remove_masthead")
@needs(Permission.IMPORT)
def delete_masthead(
    home: Home, publication_id: Id, coder: QueryCoder = None
) -> links.ChangedNewspaper:
    """Take a newspaper's masthead away."""
    return _with_masthead(home, publication_id, None, coder)


@router.get(
    "/{publication_id}/masthead.jpg",
    operation_id="get_masthead",
    response_class=Response,
    responses=PICTURE,
)
@needs(Permission.READ)
def get_masthead(
    home: Home,
    request: Request,
    publication_id: Id,
    v: Annotated[  # noqa: ARG001 - another address for another picture
        str | None, Query(max_length=64, description="how its sha256 begins, for caches")
    ] = None,
) -> Response:
    """Return the picture of a newspaper's masthead."""
    sha256, content = masthead_picture(home, publication_id)
    return tagged_response(
        request, sha256[:32], lambda headers: Response(content, 200, headers, JPEG)
    )


def _changed(
    home: Installation, publication_id: int, edit: int | None, merged: ServedMerge | None = None
) -> links.ChangedNewspaper:
    newspaper = links.served_newspaper(find_newspaper(home, publication_id))
    return links.ChangedNewspaper.from_attributes(newspaper, edit=edit, merged=merged)


def _with_masthead(
    home: Installation, publication_id: int, sha256: str | None, coder: str | None
) -> links.ChangedNewspaper:
    changes = NewspaperChanges({"masthead_sha256": sha256})
    edit = change_newspaper(home, publication_id, changes, coder=coder, now=clock.now())
    return _changed(home, publication_id, edit)


def _place(body: bytes) -> PagePlace:
    try:
        return PagePlace.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise InvalidRequest(f"{field or 'body'}: {first['msg']}") from error
