"""The pages of newspapers: all of them, and one with its names, days and a way to merge it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache, partial
from typing import Annotated

from fastapi import Query, Response

from presslens.app.api import links
from presslens.app.api.access import identity_of, needs
from presslens.app.api.edits import may_undo
from presslens.app.api.params import Home, Id
from presslens.app.api.publications import NewspaperList
from presslens.app.db.publications import NewspaperKind
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import MOST
from presslens.app.services.catalogue.publications import (
    COLUMNS,
    PublicationState,
    find_newspaper,
    list_publications,
)
from presslens.app.services.corrections.newspaper_merge import (
    MergePlan,
    SameDay,
    differing_note,
    find_merge,
    plan_merge,
)
from presslens.app.services.edits.listing import EditFilter, EditState, list_edits
from presslens.app.services.figures.gallery import leaders_in
from presslens.app.services.shares.newspaper_validity import newspaper_validity
from presslens.app.web.page_router import PageRouter, Render, Rows
from presslens.pipelines.scans.page_numbers import MOST_PAGES

router = PageRouter()

MOST_SHOWN_DAYS = 20
"""Largest number of days of a planned merge that the page names."""

LATEST_EDITS = 5
"""Changes of a newspaper that its page shows; the log has all."""

MONDAY = date(2024, 1, 1)
"""Begins a week whose days name the weekdays."""

WEEK = [MONDAY + timedelta(days=i) for i in range(7)]

MaybeId = Annotated[int | None, Query(ge=1, le=MOST)]


@router.page("/newspapers")
@needs(Permission.READ)
def show_newspapers(home: Home, render: Render) -> Response:
    """Show all newspapers, and which look like one."""
    papers = list_publications(home)
    return render(
        "newspapers.html",
        document=lambda: NewspaperList([links.served_newspaper(one) for one in papers]),
        table=lambda: Rows(COLUMNS, (one.row() for one in papers)),
        section="newspapers",
        papers=papers,
        pairs=list(_pairs(papers)),
        week=WEEK,
    )


@router.page("/newspapers/{publication_id:id}")
@needs(Permission.READ)
def show_newspaper(
    home: Home,
    render: Render,
    publication_id: Id,
    merge: MaybeId = None,
    merged: MaybeId = None,
) -> Response:
    """Show a newspaper, to be changed in place.

    ``merge`` shows what merging one into it does, ``merged`` what an edit that did so has done.
    """
    paper = find_newspaper(home, publication_id)
    others = [one for one in list_publications(home) if one.id != paper.id]
    other, plan = _planned(home, paper, others, merge)
    done = find_merge(home, paper.id, merged) if merged is not None else None
    validity = cache(partial(newspaper_validity, home, paper.id))
    return render(
        "newspaper.html",
        document=lambda: {
            **links.served_newspaper(paper).to_json(),
            "validity": [one.to_json() for one in validity().measures],
            "merge": plan.served().to_json() if plan else None,
            "merged": done.served().to_json() if done else None,
        },
        table=lambda: Rows(COLUMNS, [paper.row()]),
        section="newspapers",
        paper=paper,
        others=sorted(others, key=lambda one: (one.id not in paper.similar, one.publication)),
        similar=[one for one in others if one.id in paper.similar],
        other=other,
        plan=plan,
        done=done,
        same_day=list(SameDay),
        most_days=MOST_SHOWN_DAYS,
        differing_note=differing_note,
        most_pages=MOST_PAGES,
        kinds=list(NewspaperKind),
        week=WEEK,
        validity=validity,
        leaders=lambda: _leaders(home, paper.publication),
        edits=lambda: _edits(home, publication_id),
        may_undo=partial(may_undo, identity_of(render.request)),
    )


def _pairs(
    papers: Sequence[PublicationState],
) -> Iterator[tuple[PublicationState, PublicationState]]:
    """Yield newspapers that look like one: that with more editions first."""
    by_id = {one.id: one for one in papers}
    for one in papers:
        for other in one.similar:
            if one.id < other:
                pair = sorted((one, by_id[other]), key=lambda p: (-p.editions, p.id))
                yield pair[0], pair[1]


def _planned(
    home: Installation,
    paper: PublicationState,
    others: Sequence[PublicationState],
    merge: int | None,
) -> tuple[PublicationState | None, MergePlan | None]:
    if merge is None:
        return None, None
    other = next((one for one in others if one.id == merge), None)
    if other is None:
        raise NotFound("there is no such newspaper to merge")
    return other, plan_merge(home, paper.id, merge)


def _leaders(home: Installation, publication: str) -> list[str]:
    with home.database.read() as session:
        return sorted(leaders_in(session, publication))


def _edits(home: Installation, publication_id: int) -> list[EditState]:
    about = EditFilter(target="publication", target_id=publication_id)
    return list_edits(home, about, limit=LATEST_EDITS).items
