"""The editions of a newspaper day by day: what each is like, and the days without one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, ClassVar

from sqlalchemy import distinct, func, select
from sqlalchemy.orm import Session

from presslens.app.db.claims import EventRow, event_concerns
from presslens.app.db.tables import EditionRow, PublicationRow
from presslens.app.installation import Installation
from presslens.app.services.cached import cached
from presslens.app.services.catalogue.publications import rhythm_of
from presslens.app.services.recipes.recipes import provenance
from presslens.app.services.shares.selection import EditionCriteria, ExcludedEdition
from presslens.app.services.statistics.edition_metrics import LoadedEditions, load_editions
from presslens.models.vocabulary import Focus
from presslens.pipelines.result import Rounded, Served
from presslens.pipelines.statistics.metrics import EditionMetrics, Metric
from presslens.pipelines.statistics.reference_editions import missing_days

COLUMNS = (
    "date", "publication", "edition", "state", "pages", "pages_seen", "photos", "leader_photos",
    "leader_focus", "facility_focus", "front_lead_focus", "events", "others", "recipe",
)  # fmt: skip
"""The columns of a calendar as a table."""

COUNTED = "counted"
MISSING = "missing"
SHOWN = tuple(map(Metric, ("photos", "leader_photos", "focus_leader", "focus_facility")))
"""The metrics of a day."""


@dataclass(frozen=True, slots=True)
class CalendarDay(Served):
    """A day of a calendar: its edition, or none where one is expected, and its events."""

    SERVED: ClassVar[str] = """
        date=day edition state pages pages_seen photos leader_photos leader_focus
        facility_focus front_lead_focus events others
    """

    day: date
    edition: int | None  # id of the edition; None without one
    # "counted"; "waiting" or "incomplete", why statistics leave the edition out; "missing" where
    # the newspaper usually appears on this weekday; "" where not.
    state: str
    pages: int | None = None  # pages that the edition is known to have had; None without an edition
    pages_seen: int | None = None  # pages that were analysed; None if it is not counted
    photos: Rounded | None = None  # photos on them; None if it is not counted
    # Photos that surely show the leader; None where nobody looked for one.
    leader_photos: Rounded | None = None
    # Share of the photos that are composed around the leader, 0–1; None where it is not known.
    leader_focus: Rounded | None = None
    facility_focus: Rounded | None = None  # the same around a facility
    # Focus of the largest photo of the front page; None where not known.
    front_lead_focus: Focus | None = None
    events: Sequence[str] = ()  # titles of the events of the day
    others: Sequence[int] = ()  # ids of further editions of the day, which count beside this one


@dataclass(frozen=True, slots=True, eq=False)
class EditionCalendar(Served):
    """The days of a newspaper from its first edition in a period to its last."""

    SERVED: ClassVar[str] = """
        schema recipe=recipe_id publication weekdays weekdays_said editions superseded
        missing=missing_count days=served_days
    """

    publication: str  # name of the newspaper
    # Every day in order; those on which nothing is expected and nothing happened too.
    days: Sequence[CalendarDay]
    # Weekdays on which the newspaper appears, Monday is 1; empty: not known.
    weekdays: Sequence[int]
    superseded: int  # uploads that another one of their day stands in for
    recipe_id: str  # the recipe of the numbers
    weekdays_said: bool = False  # whether somebody said the weekdays; else its editions tell them

    @property
    def missing(self) -> list[date]:
        """The days on which an edition is expected, and none is there."""
        return [one.day for one in self.days if one.state == MISSING]

    @property
    def editions(self) -> int:
        """Number of editions, counted by statistics or not; superseded uploads aside."""
        return sum((one.edition is not None) + len(one.others) for one in self.days)

    @property
    def missing_count(self) -> int:
        """Number of days without an edition on which the newspaper appears."""
        return len(self.missing)

    @property
    def served_days(self) -> list[CalendarDay]:
        """The days with an edition or an event."""
        return [one for one in self.days if one.state or one.events]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a flat row of ``COLUMNS`` for each day with something to tell."""
        return self.flat_rows("days", "publication", "recipe")


@dataclass(frozen=True, slots=True)
class PublicationSpan:
    """A newspaper: its name, the number of days with an edition, and its first and last day."""

    publication: str
    editions: int
    first: date
    last: date


def publication_spans(home: Installation) -> list[PublicationSpan]:
    """Return the newspapers that have editions, by name."""
    query = (
        select(
            PublicationRow.name,
            func.count(distinct(EditionRow.edition_date)),
            func.min(EditionRow.edition_date),
            func.max(EditionRow.edition_date),
        )
        .join(EditionRow, EditionRow.publication_id == PublicationRow.id)
        .group_by(PublicationRow.name)
        .order_by(PublicationRow.name)
    )
    with home.database.read() as session:
        return [PublicationSpan(*row) for row in session.execute(query)]


@cached
def edition_calendar(
    home: Installation,
    publication: str,
    first: date | None = None,
    last: date | None = None,
    *,
    recipe: str | None = None,
) -> EditionCalendar:
    """Return the days of a newspaper, from its first edition of a period to its last.

    Args:
        first: First day; None: of its first edition.
        last: Last day; None: of its last edition.
        recipe: Id of a recipe, or its beginning; None: today's.

    Raises:
        NotFound: There is no such recipe.
        InvalidRequest: ``first`` lies after ``last``.
    """
    rules = provenance(home, recipe)
    criteria = EditionCriteria(publication, first, last)
    loaded = load_editions(home, criteria, metrics=SHOWN, recipe=rules)
    days = _days(loaded)
    if not days:
        return EditionCalendar(publication, [], (), 0, rules.id)
    with home.database.read() as session:
        # The rhythm is that of the whole newspaper: a fortnight tells too little of it.
        rhythm, said = rhythm_of(session, publication)
        events = _events(session, publication, min(days), max(days))
    left_out = [one for one in loaded.left_out if one.reason == "superseded"]
    return EditionCalendar(
        publication, _filled(days, rhythm, events), rhythm, len(left_out), rules.id, said
    )


def _days(loaded: LoadedEditions) -> dict[date, CalendarDay]:
    """Return the days with an edition; of several the first that counts, with the others' ids."""
    counted = [_counted(one) for one in loaded.editions]
    left_out = [_left_out(one) for one in loaded.left_out if one.reason != "superseded"]
    days: dict[date, CalendarDay] = {}
    for one in (*counted, *left_out):
        first = days.setdefault(one.day, one)
        if first is not one and one.edition is not None:
            days[one.day] = replace(first, others=(*first.others, one.edition))
    return days


def _counted(one: EditionMetrics) -> CalendarDay:
    photos, leader_photos, leader, facility = (one.metrics[metric].value for metric in SHOWN)
    return CalendarDay(
        day=one.date,
        edition=one.id,
        state=COUNTED,
        pages=one.pages,
        pages_seen=one.pages_seen,
        photos=photos,
        leader_photos=leader_photos,
        leader_focus=leader,
        facility_focus=facility,
        front_lead_focus=one.front_lead_focus,
    )


def _left_out(one: ExcludedEdition) -> CalendarDay:
    return CalendarDay(one.date, one.id, one.reason, one.pages)


def _events(session: Session, publication: str, first: date, last: date) -> dict[date, list[str]]:
    """Return the titles of the events of each day; those of no newspaper belong to each."""
    query = (
        select(EventRow.event_date, EventRow.title)
        .outerjoin(PublicationRow, PublicationRow.id == EventRow.publication_id)
        .where(
            EventRow.event_date.between(first, last),
            event_concerns(publication),
        )
        .order_by(EventRow.event_date, EventRow.title)
    )
    titles: dict[date, list[str]] = defaultdict(list)
    for day, title in session.execute(query):
        titles[day].append(title)
    return titles


def _filled(
    days: Mapping[date, CalendarDay],
    rhythm: Sequence[int],
    events: Mapping[date, Sequence[str]],
) -> list[CalendarDay]:
    """Return every day from the first edition to the last."""
    first, last = min(days), max(days)
    missing = set(missing_days(days, first, last, rhythm))
    every = []
    for i in range((last - first).days + 1):
        day = first + timedelta(days=i)
        entry = days.get(day) or CalendarDay(day, None, MISSING if day in missing else "")
        titles = events.get(day, ())
        every.append(replace(entry, events=titles) if titles else entry)
    return every
