"""Imports an edition that a library describes: its images, and the texts of its pages.

Its newspaper is recognised by its identifiers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from presslens.app.db.descriptions import (
    EditionDescriptionRow,
    EditionIdentifierRow,
    PageCanvasRow,
    PageTextRow,
)
from presslens.app.db.publications import PublicationRow, find_publication, publication_identified
from presslens.app.db.rows import caption_row, seen_caption, seen_headlines, transcript_columns
from presslens.app.db.tables import (
    CaptionRow,
    EditionRow,
    HeadlineRow,
    OutcomeRow,
    PhotoRow,
    ScanRow,
)
from presslens.app.db.upsert import insert, insert_new
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, InvalidRequest
from presslens.app.platform.text import LONGEST_TEXT, plain_name
from presslens.app.services.ingest.profile import MOST_IDENTIFIERS, MOST_LANGUAGES
from presslens.app.services.ingest.upload import Incoming, Ingested, Uploader, ingest
from presslens.app.services.ingest.upload_mode import UploadMode
from presslens.models.captions.described import described_captions, described_headlines
from presslens.models.message import Message
from presslens.models.registry import sha256_of
from presslens.models.vocabulary import Transcript
from presslens.pipelines.archives.described_edition import DescribedEdition, DescribedPage
from presslens.pipelines.archives.identifiers import (
    GIVEN_ONCE,
    MOST_CHARACTERS,
    OF_NEWSPAPERS,
    Identifier,
    read_identifier,
    telling_apart,
)
from presslens.pipelines.archives.page_text import PageMismatch, PageText
from presslens.pipelines.scans.scan import shown


class Recognised(NamedTuple):
    """The newspaper of an edition."""

    name: str  # its name; "" unknown
    notes: Sequence[Message] = ()  # how it was recognised, where its name does not say so


def recognising(identifiers: Iterable[Identifier]) -> list[Identifier]:
    """Return the identifiers that no two newspapers have alike, in the forms of their schemes."""
    read = (read_identifier(one.value, one.scheme) for one in identifiers)
    return list(dict.fromkeys(one for one in read if one is not None and one.scheme in GIVEN_ONCE))


def recognise_newspaper(
    home: Installation, name: str, identifiers: Iterable[Identifier], *, by_person: bool
) -> Recognised:
    """Return the newspaper that a name and identifiers mean.

    LCCN, ISSN and OCLC number decide, whatever the name; unless a person has named the newspaper,
    who gets a note. ARK, URN and DOI decide where nothing names it: libraries give them to whole
    collections of newspapers, too. A title with a subtitle means the newspaper of the title alone.

    Args:
        name: The name of the newspaper; "" unknown.
        identifiers: Its identifiers at its library.
        by_person: A person has named it for these files.

    Raises:
        Conflict: Its name is that of a newspaper which libraries tell apart from it. Their
            editions would be counted as one newspaper's, and nothing could part them again.
    """
    deciding = recognising(identifiers)
    with home.database.read() as session:
        own = [one for one in deciding if not name or one.scheme in OF_NEWSPAPERS]
        owner = publication_identified(session, own)
        named = find_publication(session, name) if name else None
        if owner is None:
            if named is None and not by_person:
                return _by_main_title(session, name, deciding)
            if named is not None and not by_person:
                _check_one(named, deciding)
            return Recognised(name)
        stored = {row.identifier for row in owner.identifiers}
        shared = ", ".join(str(one) for one in deciding if one in stored)
        if named is not None and named.id == owner.id:
            return Recognised(name)
        values = {"name": plain_name(name), "owner": owner.name, "identifiers": shared}
    if by_person:
        return Recognised(
            name,
            [
                Message(
                    "%(name)s: its library calls it %(identifiers)s, which is %(owner)s here; as it"
                    " was named, it stays apart, and `presslens publications merge` makes them one",
                    **values,
                )
            ],
        )
    if not name:
        return Recognised(owner.name)
    return Recognised(
        owner.name,
        [
            Message(
                "%(name)s is %(owner)s by its identifiers (%(identifiers)s): these files are of"
                " that newspaper; --publication names another one",
                **values,
            )
        ],
    )


def _by_main_title(session: Session, name: str, deciding: Sequence[Identifier]) -> Recognised:
    """Return the newspaper that is called as a title is without its subtitle, else a new one.

    It is another one where a part follows the subtitle, where libraries tell the two apart, or
    where editions of it have another subtitle.
    """
    main, _, subtitle = name.partition(" : ")
    named = find_publication(session, main) if subtitle and ". " not in subtitle else None
    if named is None or telling_apart([row.identifier for row in named.identifiers], deciding):
        return Recognised(name)
    title = EditionDescriptionRow.title
    others = (
        select(title)
        .join(EditionRow, EditionRow.id == EditionDescriptionRow.edition_id)
        .where(EditionRow.publication_id == named.id)
        .where(title.startswith(f"{main} : ", autoescape=True), title != name)
    )
    if session.scalar(others.limit(1)) is not None:
        return Recognised(name)
    note = Message(
        "%(name)s is taken for %(owner)s, which is its title without the subtitle: --publication"
        " names another newspaper",
        name=name,
        owner=named.name,
    )
    return Recognised(named.name, [note])


def _check_one(named: PublicationRow, deciding: Sequence[Identifier]) -> None:
    """Check that libraries don't tell a newspaper apart from the one that identifiers mean."""
    own = [row.identifier for row in named.identifiers]
    apart = telling_apart(own, deciding)
    if not apart:
        return
    raise Conflict.saying(
        "there is a newspaper %(name)s already, and libraries tell the two apart (%(mine)s there,"
        " %(theirs)s here): if this is another one, import one edition of it with --publication and"
        " a name of its own, by which the others are recognised; if it is the same, state all its"
        " numbers on its page or by `presslens publications set --identifier`",
        name=named.name,
        mine=", ".join(str(one) for one in apart if one in own),
        theirs=", ".join(str(one) for one in apart if one not in own),
    )


Follow = Callable[[Sequence[DescribedPage]], Iterator[DescribedPage]]


@dataclass(frozen=True, slots=True)
class IssueInput:
    """What a person, or a name, says of an edition; None where nothing is said."""

    publication: str | None  # the newspaper; it is preferred to the description's title
    day: date | None  # the day; it must be the description's
    said_by: str  # who says so, "--date" for instance
    by_person: bool = True  # a person has said so for these files, and no name of a folder


@dataclass(slots=True)
class _Digested:
    """A file that is hashed while it is read."""

    stream: BinaryIO
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def read(self, size: int = -1) -> bytes:
        chunk = self.stream.read(size)
        self.digest.update(chunk)
        return chunk


def ingest_described(
    home: Installation,
    edition: DescribedEdition,
    given: IssueInput,
    *,
    now: datetime,
    mode: UploadMode | None = None,
    edition_id: int | None = None,
    uploader: Uploader | None = None,
    follow: Follow = iter,
    backfill: bool = False,
    profile: Mapping[str, Any] | None = None,
) -> Ingested:
    """Store an edition with its description and the texts of its pages; see ``ingest``.

    Given again, an edition gets the texts that its library has now.

    Args:
        given: What is said of it beside its description.
        mode: What is done where the day has an edition already.
        edition_id: Which edition of the day pages are added to, or is replaced.
        uploader: Who imports it, for the log.
        follow: Is given the pages, and yields them: shows how far the import is.
        backfill: Its pages are looked at when no others wait.
        profile: What is given of the newspaper's languages, country and kind.

    Raises:
        InvalidRequest: The newspaper or the day is not said, or two days are.
        PresslensError: See ``ingest``.
    """
    publication, day, recognised = resolved_issue(home, edition, given)
    digests: dict[Path, str] = {}

    def files() -> Iterator[Incoming]:
        for page in follow(edition.pages):
            with page.image.open("rb") as stream:
                digested = _Digested(stream)
                yield Incoming(page.image.name, cast(BinaryIO, digested))
            digests[page.image] = digested.digest.hexdigest()

    done = ingest(
        home,
        files(),
        publication=publication,
        edition_date=day,
        now=now,
        pages_expected=edition.pages_described,
        page_numbers=[page.number for page in edition.pages],
        mode=mode,
        edition=edition_id,
        uploader=uploader,
        backfill=backfill,
        profile=described_profile(edition) | dict(profile or {}),
    )
    store_description(home, done.edition_id, edition, digests)
    return replace(done, notes=[*recognised, *done.notes])


def described_profile(edition: DescribedEdition) -> dict[str, Any]:
    """Return what a library says of the profile of a newspaper."""
    identifiers = recognising(edition.newspaper_identifiers)[:MOST_IDENTIFIERS]
    return {
        "languages": edition.languages[:MOST_LANGUAGES],
        "identifiers": list(map(str, identifiers)),
    }


def store_description(
    home: Installation, edition_id: int, edition: DescribedEdition, digests: Mapping[Path, str]
) -> None:
    """Store the description of an edition that was ingested, and of its pages.

    Args:
        edition: Its description.
        digests: The sha256 of its images.
    """
    values = _description(edition)
    stored = [(digests[page.image], page) for page in edition.pages if page.image in digests]
    texts = {sha256: page.text for sha256, page in stored if page.text is not None}
    with home.database.write() as session:
        session.execute(
            insert(session, EditionDescriptionRow)
            .values(edition_id=edition_id, **values)
            .on_conflict_do_update(index_elements=["edition_id"], set_=values)
        )
        session.execute(delete(EditionIdentifierRow).filter_by(edition_id=edition_id))
        session.add_all(_identifiers(edition_id, edition))
        session.flush()
        store_page_texts(session, texts, observation_id=home.recipe.observation_id)
        _forget_canvases(session, [sha256 for sha256, page in stored if not page.canvas])
        for sha256, page in sorted(stored, key=lambda pair: pair[0]):
            if page.canvas:
                _store_canvas(session, _scan_of(session, sha256), page)


class ResolvedIssue(NamedTuple):
    """The newspaper and the day of an edition."""

    publication: str
    day: date
    notes: Sequence[str]  # how the newspaper was recognised, where its name does not say so


def resolved_issue(
    home: Installation, edition: DescribedEdition, given: IssueInput
) -> ResolvedIssue:
    """Return the newspaper and the day of an edition, by its description and by what is given.

    Raises:
        InvalidRequest: One is not said, or two days are; the message names both.
        Conflict: See ``recognise_newspaper``.
    """
    if given.day and edition.day and given.day != edition.day:
        raise InvalidRequest(day_conflict(edition, given.day, given.said_by))
    publication, notes = recognise_newspaper(
        home,
        given.publication or shown(edition.title),
        edition.newspaper_identifiers,
        by_person=given.by_person and given.publication is not None,
    )
    day = given.day or edition.day
    if not publication or day is None:
        raise InvalidRequest(unknown_issue(edition, publication))
    return ResolvedIssue(publication, day, notes)


def day_conflict(edition: DescribedEdition, day: date, said_by: str) -> Message:
    """Return the reason against an edition whose description has another day."""
    return Message(
        "%(name)s is of %(described)s, and %(said_by)s says %(given)s: correct one of them",
        name=edition.document.name,
        described=str(edition.day),
        said_by=said_by,
        given=day.isoformat(),
    )


def unknown_issue(edition: DescribedEdition, publication: str) -> Message:
    """Return the reason against an edition of unknown newspaper, or of unknown day."""
    return Message(
        "%(name)s does not say which newspaper and day it is of: give %(option)s",
        name=edition.document.name,
        option="--date" if publication else "--publication",
    )


def _identifiers(edition_id: int, edition: DescribedEdition) -> Iterator[EditionIdentifierRow]:
    """Yield what the library calls an edition, and its newspaper, each once."""
    for of_newspaper, identifiers in (
        (True, edition.newspaper_identifiers),
        (False, edition.identifiers),
    ):
        for one in dict.fromkeys(identifiers):
            yield EditionIdentifierRow(
                edition_id=edition_id,
                of_newspaper=of_newspaper,
                scheme=one.scheme,
                value=shown(one.value, MOST_CHARACTERS),
            )


def _forget_canvases(session: Session, digests: Sequence[str]) -> None:
    """Delete the canvases of scans whose library names none any more."""
    scans = select(ScanRow.id).where(ScanRow.sha256.in_(digests), ScanRow.frame == 0)
    session.execute(delete(PageCanvasRow).where(PageCanvasRow.scan_id.in_(scans)))


def _store_canvas(session: Session, scan_id: int, page: DescribedPage) -> None:
    values = {
        "canvas": shown(page.canvas, LONGEST_TEXT),
        "image_service": shown(page.image_service, LONGEST_TEXT),
        "width": page.canvas_size[0],
        "height": page.canvas_size[1],
    }
    session.execute(
        insert(session, PageCanvasRow)
        .values(scan_id=scan_id, **values)
        .on_conflict_do_update(index_elements=["scan_id"], set_=values)
    )


def _scan_of(session: Session, sha256: str) -> int:
    """Return the id of the scan that a file is, which is added where it is new."""
    insert_new(session, ScanRow, sha256=sha256, frame=0)
    return session.scalars(select(ScanRow.id).filter_by(sha256=sha256, frame=0)).one()


def _description(edition: DescribedEdition) -> dict[str, Any]:
    return {
        "kind": edition.kind.value,
        "document": shown(edition.document.name),
        "sha256": sha256_of(edition.document) if edition.document.is_file() else None,
        "title": shown(edition.title),
        **{
            name: shown(getattr(edition, name), LONGEST_TEXT)
            for name in (
                "rights",
                "rights_address",
                "holder",
                "edition_label",
                "source",
                "homepage",
            )
        },
        "languages": list(edition.languages) or None,
    }


log = structlog.get_logger()


def store_page_texts(
    session: Session, texts: Mapping[str, PageText], *, observation_id: str
) -> None:
    """Store the texts of pages, and give them to captions of those that were analysed before.

    Args:
        session: A transaction that may write.
        texts: The text of a page by the sha256 of its file, which holds that page alone.
        observation_id: The observe part of the recipe, whose outcomes get the texts.
    """
    for sha256, text in texts.items():  # pages are analysed in the order of their scans
        scan_id = _scan_of(session, sha256)
        values = {"source": text.source, "content": text.packed()}
        session.execute(
            insert(session, PageTextRow)
            .values(scan_id=scan_id, **values)
            .on_conflict_do_update(index_elements=["scan_id"], set_=values)
        )
        read_captions_of_scan(session, scan_id, observation_id)


def read_captions_of_scan(session: Session, scan_id: int, observation_id: str) -> None:
    """Give captions and headlines of an analysed page the text that its library has, if any.

    Locks the scan: a text that is stored while its page is analysed is given to it by whoever is
    second.
    """
    session.execute(select(ScanRow.id).filter_by(id=scan_id).with_for_update(key_share=True))
    content = session.scalar(select(PageTextRow.content).filter_by(scan_id=scan_id))
    query = select(OutcomeRow).filter_by(scan_id=scan_id, observation_id=observation_id)
    outcome = session.scalars(query).one_or_none() if content else None
    if content is None or outcome is None or not (outcome.width and outcome.height):
        return
    try:
        text = PageText.unpacked(content).in_pixels(outcome.width, outcome.height)
    except PageMismatch as error:
        log.warning("the library's text is of another page", scan=scan_id, reason=str(error))
        return
    photos = session.scalars(
        select(PhotoRow).filter_by(outcome_id=outcome.id).order_by(PhotoRow.position)
    ).all()
    before = [seen_caption(photo.caption) for photo in photos]
    boxes = [photo.box for photo in photos]
    after = described_captions(boxes, before, text.blocks, text.source)
    for photo, caption in zip(photos, after, strict=True):
        if photo.caption is None:
            photo.caption = caption_row(caption)
        elif caption is not None:
            _write(photo.caption, caption)
    headlines = described_headlines(seen_headlines(outcome), text.blocks, text.source)
    for row, headline in zip(outcome.headlines, headlines, strict=True):
        _write(row, headline)
    session.flush()


def _write(row: CaptionRow | HeadlineRow, printed: Transcript) -> None:
    for name, value in transcript_columns(printed).items():
        setattr(row, name, value)
