"""Recognises the newspaper of an edition that a library describes, by its identifiers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.descriptions import EditionDescriptionRow
from presslens.app.db.publications import (
    PublicationRow,
    find_publication,
    publication_identified,
)
from presslens.app.db.tables import EditionRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict
from presslens.app.platform.text import plain_name
from presslens.models.message import Message
from presslens.pipelines.archives.identifiers import (
    GIVEN_ONCE,
    OF_NEWSPAPERS,
    Identifier,
    read_identifier,
    telling_apart,
)


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
