"""The profile of a newspaper as it is given: languages, country, kind, identifiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.edits import Action, Author, EditRow
from presslens.app.db.publications import (
    NewspaperKind,
    PublicationRow,
    find_publication,
    publication_identified,
    store_identifiers,
)
from presslens.app.db.seeds import seeded_languages
from presslens.app.installation import open_installation
from presslens.app.platform.errors import OUTAGES, InvalidRequest
from presslens.app.platform.settings import Settings
from presslens.app.services.ingest.newspaper_edits import TARGET, log_newspaper_change, said_fields
from presslens.models.errors import PresslensError
from presslens.models.languages import read_country, read_language
from presslens.models.message import Message
from presslens.pipelines.archives.identifiers import (
    GIVEN_ONCE,
    OF_NEWSPAPERS,
    Identifier,
    read_identifier,
)

MOST_LANGUAGES = 10
"""Largest number of languages of a newspaper."""

MOST_IDENTIFIERS = 100
"""Largest number of identifiers of a newspaper."""


def read_profile(languages: str, country: str, kind: str) -> dict[str, Any]:
    """Return a profile out of texts that somebody has typed; languages are parted by commas."""
    parts = [part for part in map(str.strip, languages.split(",")) if part]
    given = {"languages": parts, "country": country.strip(), "kind": kind.strip()}
    return {name: value for name, value in given.items() if value}


def fill_profile(
    session: Session, publication_id: int, profile: Mapping[str, Any], by: Author
) -> list[Message]:
    """Store what is not known yet of a newspaper's profile, as one edit; say what came of it.

    What is stated of it stays, and what somebody has taken away does not come back.

    Args:
        profile: From ``checked_profile``.

    Returns:
        A sentence on what is stored now, and one on what differs from the profile, which stays.
    """
    given = {name: value for name, value in profile.items() if value}
    if not given:
        return []
    row = session.get_one(PublicationRow, publication_id, with_for_update=True)
    taken = _taken_away(session, publication_id)
    identifiers = given.pop("identifiers", [])
    filled = {
        name: value
        for name, value in given.items()
        if getattr(row, name) is None and all(fields.get(name) != value for fields in taken)
    }
    stated = {name: getattr(row, name) for name in given if name not in filled}
    others = {name: given[name] for name in stated if not _agree(stated[name], given[name])}
    before, after = {"name": row.name, **dict.fromkeys(filled)}, {"name": row.name, **filled}
    own = sorted(str(one.identifier) for one in row.identifiers)
    new, differing = _new_identifiers(session, own, identifiers, taken)
    for name, value in filled.items():
        setattr(row, name, value)
    if new:
        filled["identifiers"] = new
        before["identifiers"], after["identifiers"] = own, sorted([*own, *new])
        store_identifiers(session, row.id, map(checked_identifier, after["identifiers"]))
    if differing:
        others["identifiers"], stated["identifiers"] = differing, own
    notes = []
    if filled:
        log_newspaper_change(session, publication_id, before, after, by)
        notes.append(
            Message(
                "%(name)s: %(said)s, as was said with these files and is in its profile now: its"
                " page, or `presslens publications set`, changes that",
                name=row.name,
                said=said_fields(filled, filled),
            )
        )
    if others:
        notes.append(
            Message(
                "%(said)s, as was said with these files, is not stored: the profile of %(name)s"
                " says %(stated)s, and stays; its page, or `presslens publications set`,"
                " changes it",
                name=row.name,
                said=said_fields(others, others),
                stated=said_fields(others, stated),
            )
        )
    return notes


def _new_identifiers(
    session: Session,
    own: Sequence[str],
    given: Sequence[str],
    taken: Sequence[Mapping[str, Any]],
) -> tuple[list[str], list[str]]:
    """Return the identifiers that a newspaper gets, and those that differ from its own.

    It gets those of schemes of which it has none; none that it once had, or that another one has.
    Names that libraries give to editions too, ARK for instance, may be one edition's: they differ
    from nothing.
    """
    schemes = {checked_identifier(text).scheme for text in own}
    once = {text for fields in taken for text in fields.get("identifiers", ())}
    new: list[str] = []
    differing: list[str] = []
    for text in given:
        one = checked_identifier(text)
        if text in own or publication_identified(session, [one]) is not None:
            continue
        if one.scheme not in schemes and text not in once:
            new.append(text)
        elif one.scheme in OF_NEWSPAPERS:
            differing.append(text)
    return new, differing


def _agree(stated: Any, given: Any) -> bool:
    """Return whether a profile has what is given; of languages, whether they are among its own."""
    return bool(stated == given or (isinstance(given, list) and {*given} <= {*(stated or ())}))


def _taken_away(session: Session, publication_id: int) -> list[Mapping[str, Any]]:
    """Return what edits of a newspaper, or undoing them, replaced."""
    edits = select(EditRow).filter_by(
        action=Action.CHANGE_NEWSPAPER, target=TARGET, target_id=publication_id
    )
    return [
        edit.change.get("before" if edit.undone_at is None else "after", {})
        for edit in session.scalars(edits)
    ]


def checked_profile(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the languages, country, kind and identifiers of a newspaper, as they are stored.

    Raises:
        InvalidRequest: There is no such language, country, kind or identifier, or too many.
    """
    languages = [_language(text) for text in given.get("languages") or ()]
    if len(languages) > MOST_LANGUAGES:
        raise InvalidRequest.saying(
            "a newspaper has %(most)s languages at most", most=MOST_LANGUAGES
        )
    country, kind = given.get("country") or None, given.get("kind") or None
    if country is not None and (code := read_country(country)) is None:
        raise InvalidRequest.saying(
            "%(country)r is no country: give an ISO 3166 code, IR for instance", country=country
        )
    if kind is not None and kind not in set(NewspaperKind):
        raise InvalidRequest.saying(
            "a newspaper's kind is one of %(kinds)s", kinds=", ".join(NewspaperKind)
        )
    checked = {
        "languages": list(dict.fromkeys(languages)) or None,
        "country": country and code,
        "kind": kind and NewspaperKind(kind),
    }
    identifiers = {str(checked_identifier(text)) for text in given.get("identifiers") or ()}
    if len(identifiers) > MOST_IDENTIFIERS:
        raise InvalidRequest.saying(
            "a newspaper has %(most)s identifiers at most", most=MOST_IDENTIFIERS
        )
    return checked | {"identifiers": sorted(identifiers)}


def checked_identifier(text: str) -> Identifier:
    """Return the identifier of a newspaper that a person has written.

    Raises:
        InvalidRequest: It is none by which a newspaper can be recognised.
    """
    one = read_identifier(text)
    if one is None or one.scheme not in GIVEN_ONCE:
        raise InvalidRequest.saying(
            "%(text)r is no identifier of a newspaper: give its scheme and its value,"
            " lccn:sn85058233 or issn:1234-5679 for instance, or ARK, URN, DOI or OCLC number",
            text=text,
        )
    return one


def _language(text: str) -> str:
    code = read_language(text)
    if code is None:
        raise InvalidRequest.saying(
            "%(text)r is no language: give a BCP 47 code, fa for instance, or its English name",
            text=text,
        )
    return code


def stated_languages(publication: str, settings: Settings) -> tuple[str, ...]:
    """Return a newspaper's languages by the archive; where it has none, by what ships."""
    with suppress(PresslensError, *OUTAGES), open_installation(settings) as home:
        with home.database.read() as session:
            row = find_publication(session, publication)
        if row is not None:
            return tuple(row.languages or ())
    return seeded_languages(publication)
