"""What is unusual in each of many editions, and why: what workers have found and stored."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any, ClassVar

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from presslens.app.db.archive_view import archive_view, by_request
from presslens.app.db.queries import EditionScope
from presslens.app.db.statistics import EditionFlagsRow, NewspaperFlagsRow
from presslens.app.db.tables import EditionRow, PublicationRow
from presslens.app.installation import Installation
from presslens.app.services.cached import cached_result
from presslens.app.services.recipes.recipes import Provenance, provenance
from presslens.app.services.shares.selection import EditionCriteria, select_editions
from presslens.app.services.shares.share_loading import newspaper_state
from presslens.models.message import load_message
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.unusual import Unusual


class FlagState(StrEnum):
    """Whether the flags of an edition are true.

    ``stale``: something that they were made of has changed since. ``waiting``: the edition was not
    compared yet, and nothing is known.
    """

    CURRENT = "current"
    STALE = "stale"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class EditionFlags(Served):
    """What is unusual in a complete edition."""

    SERVED: ClassVar[str] = "edition=id publication date pages state flags"

    id: int
    publication: str  # name of the newspaper
    date: date  # day of the edition
    pages: int
    # The flags of its baseline; none while it is waiting, though it may be unusual.
    flags: tuple[Unusual, ...]
    state: FlagState  # whether they are true


@dataclass(frozen=True, eq=False)
class UnusualEditions(Served):
    """The complete editions of a scope by date, and what is unusual in each."""

    SERVED: ClassVar[str] = "schema recipe=recipe_id editions=edition_count waiting stale unusual"

    editions: list[EditionFlags]
    recipe_id: str  # the recipe of their numbers

    @cached_property
    def _by_id(self) -> Mapping[int, EditionFlags]:
        return {edition.id: edition for edition in self.editions}

    def of(self, edition_id: int) -> EditionFlags | None:
        """Return the flags of an edition; None if it is not complete, or not in the scope."""
        return self._by_id.get(edition_id)

    @property
    def unusual(self) -> list[EditionFlags]:
        """The editions with a flag, by date."""
        return [edition for edition in self.editions if edition.flags]

    @property
    def edition_count(self) -> int:
        """Number of editions."""
        return len(self.editions)

    @property
    def waiting(self) -> int:
        """Number of editions whose flags are not made yet."""
        return ([edition.state for edition in self.editions]).count(FlagState.WAITING)

    @property
    def stale(self) -> int:
        """Number of editions whose flags are of before a change."""
        return ([edition.state for edition in self.editions]).count(FlagState.STALE)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a flat row for each flag, for tables."""
        for edition in self.unusual:
            document = edition.to_json()
            flags = document.pop("flags")
            for flag in flags:
                yield {**document, **flag, "recipe": self.recipe_id}


def unusual_editions(
    home: Installation, scope: EditionScope, *, recipe: str | None = None
) -> UnusualEditions:
    """Return what is unusual in the complete editions of a scope, as far as workers have found.

    Args:
        recipe: Id of a recipe, or its beginning; None: today's.

    Raises:
        NotFound: There is no such recipe.
    """
    rules = provenance(home, recipe)
    with home.database.read() as session:
        true = _true_newspapers(session, rules)
    key = "unusual editions", scope, rules.id, true
    return cached_result(home, key, lambda: _unusual_editions(home, scope, rules, true))


def _unusual_editions(
    home: Installation, scope: EditionScope, rules: Provenance, true: Set[str]
) -> UnusualEditions:
    criteria = EditionCriteria(scope.publication, scope.first, scope.last, scope.edition)
    with home.database.read() as session:
        editions = select_editions(session, criteria, rules).editions
        query = (
            select(EditionFlagsRow.edition_id, cast(EditionFlagsRow.flags, Text).label("flags"))
            .join(EditionRow, EditionRow.id == EditionFlagsRow.edition_id)
            .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
            .where(EditionFlagsRow.recipe_id == rules.id, *criteria.conditions())
        )
        stored = {row.edition_id: row.flags for row in session.connection().execute(query)}
    flagged = []
    for one in editions:
        state = FlagState.CURRENT if one.publication in true else FlagState.STALE
        state = state if one.id in stored else FlagState.WAITING
        flags = _flags(stored.get(one.id, "[]"))
        flagged.append(EditionFlags(one.id, one.publication, one.date, one.pages, flags, state))
    return UnusualEditions(flagged, rules.id)


@by_request
def _true_newspapers(session: Session, recipe: Provenance) -> frozenset[str]:
    """Return the newspapers whose flags are made of what is there now."""
    revision = archive_view(session).number
    query = select(PublicationRow.name, NewspaperFlagsRow).join(
        PublicationRow, PublicationRow.id == NewspaperFlagsRow.publication_id
    )
    return frozenset(
        name
        for name, row in session.execute(query.where(NewspaperFlagsRow.recipe_id == recipe.id))
        if row.made_of
        == (row.known if row.revision == revision else newspaper_state(session, name, recipe))
    )


@lru_cache(maxsize=4096)
def _flags(stored: str) -> tuple[Unusual, ...]:
    """Return the flags of an edition as they are stored."""
    return tuple(
        Unusual(
            flag["metric"],
            flag["kind"],
            load_message(flag["reason"]),
            flag["value"],
            flag["usual"],
            flag.get("compared"),  # rows that an earlier version wrote have none
        )
        for flag in json.loads(stored)
    )
