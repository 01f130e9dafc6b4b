"""What else to know of a night's result, as sentences that the report translates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from presslens.app.db.publications import InboxFolderRow
from presslens.app.installation import Installation
from presslens.app.nightly.record import NightlyRun
from presslens.app.platform.errors import OUTAGES
from presslens.app.services.analysis.job import MOST_FAILING, what_to_do
from presslens.app.services.figures.figures import list_figures
from presslens.app.services.ingest.inbox import InboxImport
from presslens.models.faces.gallery import Role
from presslens.models.message import Message, join_messages
from presslens.pipelines.counted import counted


def outage_note(outage: BaseException) -> Message:
    """Return what ended a night before its work was done, and what to do about it."""
    why = str(outage) or type(outage).__name__
    if not isinstance(outage, OUTAGES):
        return Message("the night ended before its work was done: %(cause)s", cause=why)
    return Message(
        "the night ended before its work was done: %(cause)s. What to do: %(then)s; the next night"
        " goes on where it was",
        cause=why,
        then=what_to_do(outage),
    )


def already_note(other: NightlyRun | None) -> Message:
    """Return that a night did nothing, as another one is at work; None: it is not on record yet."""
    if other is None:
        return Message("a nightly run is at work already: this one did nothing")
    return Message(
        "a nightly run is at work already, since %(began)s on %(machine)s: this one did nothing",
        began=f"{other.began_at:%Y-%m-%d %H:%M}",
        machine=other.machine,
    )


def unended_note(began: datetime) -> Message:
    """Return that the pages of an earlier night are in this one's report."""
    return Message(
        "the night of %(began)s did not end: its pages are counted here",
        began=f"{began:%Y-%m-%d %H:%M}",
    )


def failure_notes(outcomes: Mapping[str, int], causes: Mapping[str, int]) -> list[Message]:
    """Return a warning if more pages could not be analysed than chance explains.

    Args:
        outcomes: Number of pages by outcome.
        causes: Number of those that could not be analysed, by cause.
    """
    pages, lost = sum(outcomes.values()), sum(causes.values())
    if lost <= MOST_FAILING * pages:
        return []
    named = [join_messages((Message(cause), str(n)), " ") for cause, n in causes.items()]
    return [
        Message(
            "%(lost)s of %(pages)s could not be analysed (%(causes)s): more than %(share)s, so"
            " look for the cause before this night's numbers are used",
            lost=lost,
            pages=counted(pages, "page"),
            causes=join_messages(named, ", "),
            share=f"{MOST_FAILING:.0%}",
        )
    ]


def inbox_notes(home: Installation, imported: InboxImport) -> list[Message]:
    """Return what to know of an inbox and of what was taken from it."""
    notes = [
        Message(
            "%(name)s: sub-folders are passed over: %(folders)s",
            name=name,
            folders=", ".join(folders),
        )
        for name, folders in imported.passed_over.items()
    ]
    notes += [
        join_messages((name, note), ": ")
        for name, noted in imported.noted.items()
        for note in noted
    ]
    if not (imported.new or imported.unchanged or imported.skipped or imported.arriving):
        notes.append(_empty_note(home))
    if not any(figure.role == Role.LEADER.value for figure in list_figures(home)):
        notes.append(
            Message(
                "no leader is enrolled: who the leader is in, and what is focused on him,"
                " is not known"
            )
        )
    return notes


def _empty_note(home: Installation) -> Message:
    """Return what an empty inbox may mean: a beginning, or a disk that is away."""
    with home.database.read() as session:
        before = session.scalar(select(InboxFolderRow.name).limit(1))
    if before is None:
        return Message("the inbox is empty: it takes folders named Publication_YYYY-MM-DD")
    return Message(
        "the inbox is empty, and earlier nights found editions there: is its disk mounted?"
    )
