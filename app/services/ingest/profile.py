"""The profile of a newspaper as it is given: languages, country and kind, checked and stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from presslens.app.db.publications import NewspaperKind
from presslens.app.platform.errors import InvalidRequest
from presslens.models.languages import read_country, read_language

MOST_LANGUAGES = 10
"""Largest number of languages of a newspaper."""


def checked_profile(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the languages, the country and the kind of a newspaper, as they are stored.

    Raises:
        InvalidRequest: There is no such language, country or kind, or there are too many languages.
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
    return {
        "languages": list(dict.fromkeys(languages)) or None,
        "country": country and code,
        "kind": kind and NewspaperKind(kind),
    }


def _language(text: str) -> str:
    code = read_language(text)
    if code is None:
        raise InvalidRequest.saying(
            "%(text)r is no language: give a BCP 47 code, fa for instance, or its English name",
            text=text,
        )
    return code
