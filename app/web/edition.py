"""The page of an edition: what is unusual, its pages, its numbers, its ruler and its claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from fastapi import Response

from presslens.app.api import links
from presslens.app.api.access import identity_of, needs
from presslens.app.api.params import Home, Id
from presslens.app.db.queries import EditionScope
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.language import language
from presslens.app.platform.permissions import Permission
from presslens.app.services.accounts.identity import Via
from presslens.app.services.analysis.presence import count_workers
from presslens.app.services.analysis.readiness import waiting_editions
from presslens.app.services.cached import cached_result
from presslens.app.services.catalogue.descriptions import edition_description
from presslens.app.services.catalogue.edition_version import edition_version
from presslens.app.services.catalogue.editions import EditionState, find_edition, list_editions
from presslens.app.services.catalogue.neighbours import (
    NewspaperIssue,
    edition_neighbours,
    newspaper_issues,
)
from presslens.app.services.catalogue.pages import cached_pages
from presslens.app.services.catalogue.progress import EditionStatus
from presslens.app.services.catalogue.publications import publication_names
from presslens.app.services.catalogue.ruler import edition_ruler
from presslens.app.services.claims.claims import ClaimFilter, ClaimState, list_claims
from presslens.app.services.claims.verdicts import claim_verdict
from presslens.app.services.corrections.pages import removed_pages
from presslens.app.services.edits.listing import EditFilter, count_edits
from presslens.app.services.ingest.upload_mode import UploadMode
from presslens.app.services.shares.decisions import photo_decisions
from presslens.app.services.statistics.baseline import baseline_document
from presslens.app.services.statistics.edition_composition import edition_composition_document
from presslens.app.services.statistics.next_steps import edition_steps
from presslens.app.services.statistics.stored_summary import stored_summary
from presslens.app.services.statistics.unusual import unusual_editions
from presslens.app.web.citation import citation
from presslens.app.web.edition_view import EditionView, cited_thing, cited_title, edition_context
from presslens.app.web.page_router import CITED, PageRouter, Render
from presslens.app.web.upload import CHOICES
from presslens.pipelines.scans.page_numbers import MOST_PAGES
from presslens.pipelines.statistics.decision import Decisions
from presslens.pipelines.statistics.flags import BaselineRules

router = PageRouter()

LONGEST_JUDGED = 31
"""Claims about more days than this are named on the page of an edition, and judged on their own."""

MOST_CLAIMS = 20
"""Largest number of claims that the page of an edition names."""

DAYS_AROUND = 14
"""Pages can be moved to editions of so many days before and after."""

MOST_UPLOADS = 50
"""Largest number of uploads of a day among which the one that counts is looked for."""


@dataclass(frozen=True)
class StoredEdition:
    """The documents of an edition of the database."""

    home: Installation
    state: EditionState

    def pages(self) -> Iterator[dict[str, Any]]:
        """Yield its uploaded pages in order; ``found`` are frames that nothing is read of yet."""
        for page in cached_pages(self.home, self.state.id):
            read = {one.photo.row_id for one in page.shown}
            found = [one.observation.frame.box for one in page.photos if one.row_id not in read]
            yield page.to_json() | {"found": [box.to_list() for box in found]}

    def decided(self) -> Decisions:
        """Return from where on its photos are decided to show subjects and labels."""
        meanings = [one.meaning for page in cached_pages(self.home, self.state.id)
                    for one in page.photos]  # fmt: skip
        with self.home.database.read() as session:
            return photo_decisions(session, self.state.publication, self.home.recipe, meanings)

    def facts(self) -> dict[str, Any] | None:
        """Return its plain numbers; None until it is summarised."""
        return stored_summary(self.home, self.state.id)

    def flags(self) -> dict[str, Any] | None:
        """Return what is unusual about it; None if no statistic counts it."""
        until = EditionScope(self.state.publication, None, self.state.edition_date)
        unusual = unusual_editions(self.home, until)
        own = unusual.of(self.state.id)
        if own is None:
            return None
        return {
            "flags": [flag.to_json() for flag in own.flags],
            "state": own.state,
            "earlier": len(unusual.editions) - 1,
            "least": BaselineRules().least,
        }

    def composition(self) -> dict[str, Any]:
        """Return its composition."""
        return edition_composition_document(self.home, self.state.id)

    def baseline(self) -> dict[str, Any] | None:
        """Return how it stands beside earlier editions; None while it can't be compared."""
        if self.state.status is not EditionStatus.DONE:
            return None
        try:
            return baseline_document(self.home, self.state.id)
        except InvalidRequest:  # not summarised yet, or too few of its pages were analysed
            return None

    def ruler(self) -> dict[str, Any]:
        """Return its photos from leader-centred to facility-centred, once its pages are read."""
        key = "ruler", self.state.id, edition_version(self.home, self.state.id)
        return cached_result(
            self.home,
            key,
            lambda: links.linked_ruler(edition_ruler(self.home, self.state.id)).to_json(),
        )

    def claims(self) -> list[dict[str, Any]]:
        """Return the claims about its day; short ones are judged, frozen ones are not.

        Each look at a frozen claim is logged, so it must be asked for.
        """
        day = self.state.edition_date
        listed = list_claims(
            self.home,
            ClaimFilter(publication=self.state.publication, first=day, last=day),
            limit=MOST_CLAIMS,
        ).items
        return [self._judged(claim) for claim in sorted(listed, key=_length)]

    def steps(self) -> Mapping[str, Mapping[str, Any]]:
        """Return what would narrow its wide numbers, and bring those withheld, by metric."""
        return edition_steps(self.home, self.state.id)

    def _judged(self, claim: ClaimState) -> dict[str, Any]:
        verdict = None
        if claim.registration is None and _length(claim) <= LONGEST_JUDGED:
            judgement = claim_verdict(self.home, claim.id, now=clock.now())
            verdict = links.linked_verdict(judgement).to_json()
        return {"claim": claim.to_json(), "verdict": verdict}


def stored_view(home: Installation, edition_id: int) -> EditionView:
    """Return the view of an edition of the database.

    Raises:
        NotFound: There is no such edition.
    """
    return _view(home, find_edition(home, edition_id))


def _view(home: Installation, state: EditionState) -> EditionView:
    recipe = home.recipe
    stored = StoredEdition(home, state)
    return EditionView(state.to_json(), stored, recipe.id)


@router.page("/editions/{edition_id:id}", twins=CITED)
@needs(Permission.READ)
def show_edition(home: Home, render: Render, edition_id: Id) -> Response:
    """Show an edition."""
    state = find_edition(home, edition_id)
    view = render.read(edition_id, lambda ids: {id_: stored_view(home, id_) for id_ in ids})
    shared = identity_of(render.request).via is Via.LINK
    spoken = language(render.code)
    return render(
        "edition.html",
        document=view.document,
        table=view.table,
        section="start",
        cite=lambda: citation(
            home,
            render,
            cited_title(view, spoken),
            view.recipe_id,
            spoken,
            thing=cited_thing(view),
        ),
        removed=lambda: removed_pages(home, edition_id),
        others=lambda: _others(home, state),
        papers=lambda: publication_names(home),
        choices=[one for one in CHOICES if one[0] != UploadMode.ADD],
        most_pages=MOST_PAGES,
        waiting_editions=lambda: waiting_editions(home),
        workers=lambda: count_workers(home),
        edit_count=lambda: count_edits(home, EditFilter(edition=edition_id)),
        **edition_context(
            view,
            neighbours=None if shared else lambda: edition_neighbours(home, edition_id),
            counts=None if shared else lambda: _in_place(home, view),
        ),
        library=lambda: edition_description(home, edition_id),
    )


def _in_place(home: Installation, view: EditionView) -> int | None:
    """Return the id of the upload that counts in place of a superseded edition."""
    state = view.state
    if not state["superseded"]:
        return None
    day = date.fromisoformat(state["date"])
    uploads = list_editions(
        home, EditionScope(state["publication"], day, day), limit=MOST_UPLOADS
    ).editions
    of_issue = (one for one in uploads if one.issue == state["issue"])
    return next((one.id for one in of_issue if not one.superseded), None)


def _others(home: Installation, state: EditionState) -> list[NewspaperIssue]:
    """Return the editions around a day, to which a page can be moved, by day."""
    around = timedelta(days=DAYS_AROUND)
    with home.database.read() as session:
        issues = newspaper_issues(session, state.publication, home.recipe)
    near = [one for one in issues if abs(one.day - state.edition_date) <= around]
    near.sort(key=lambda one: (one.day, one.id))
    return [one for one in near[-MOST_UPLOADS:] if one.id != state.id]


def _length(claim: ClaimState) -> int:
    return (claim.last - claim.first).days + 1
