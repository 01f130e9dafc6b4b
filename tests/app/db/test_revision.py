"""The number that changes whenever a statistic may."""

from datetime import date

import pytest
from sqlalchemy import delete, select, update

from presslens.app.db.claims import EventRow
from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.db.revision import RevisionRow
from presslens.app.db.statistics import EditionSummaryRow
from presslens.app.db.tables import (
    EditionRow,
    FigureRow,
    InterpretationRow,
    LeaseRow,
    PhotoRow,
    PublicationRow,
    SubjectReadingRow,
)
from presslens.app.services.analysis.summarise import summarise_edition
from presslens.app.services.corrections.editions import EditionChange, change_edition

from ..first_states import made_once


@pytest.fixture
@made_once
def analysed(worker, put, scans):
    put(scans)
    worker.drain()


def touch(home, change):
    """Return whether a change of the database raises the number."""
    before = home.database.revision()
    with home.database.write() as session:
        change(session)
    return home.database.revision() > before


CHANGES = [
    (lambda s: s.add(EventRow(event_date=date(2020, 1, 1), title="t", source="s")), True),
    (lambda s: s.execute(update(PublicationRow).values(usual_pages=4)), True),
    (lambda s: s.execute(update(EditionRow).values(unpacked_at=None)), True),
    (lambda s: s.execute(delete(PhotoRow).where(PhotoRow.id == -1)), False),
    (lambda s: s.execute(update(EventRow).where(EventRow.id == -1).values(title="t")), False),
    (
        lambda s: s.add(
            SettledAnswerRow(
                photo_id=s.scalars(select(PhotoRow.id)).first(), measure="people", shows=True
            )
        ),
        True,
    ),
    (
        lambda s: s.execute(
            update(SubjectReadingRow).values(probability=SubjectReadingRow.probability)
        ),
        False,
    ),
    (lambda s: s.execute(update(InterpretationRow).values(leader=0.5)), False),
    (lambda s: s.execute(delete(LeaseRow)), False),
    (lambda s: s.scalars(select(FigureRow)).all(), False),
]


def test_what_statistics_are_made_of_raises_it(home, analysed, subtests):
    for number, (change, raises) in enumerate(CHANGES):
        with subtests.test(number):
            assert touch(home, change) is raises
            # A connection that goes back to the pool has forgotten what it did.
            assert not touch(home, lambda session: session.scalars(select(PhotoRow)).all())


def test_answers_are_told_from_the_work_of_the_machine(home, worker, put, scans, now):
    def answers():
        with home.database.read() as session:
            return session.scalar(select(RevisionRow.answers))

    told = answers()
    edition = put(scans).edition_id
    worker.drain()
    assert answers() == told
    with home.database.write() as session:
        session.get_one(EditionSummaryRow, (edition, home.recipe.id)).photos += 1
    assert answers() == told
    touch(home, lambda s: s.add(EventRow(event_date=date(2020, 1, 1), title="t", source="s")))
    assert answers() > told
    told = answers()
    change_edition(home, edition, EditionChange(day=date(2020, 1, 2)), coder="A", now=now)
    assert answers() > told, "the log entry of an edit, unlike that of an upload"
    told = answers()
    touch(home, lambda s: s.delete(s.scalars(select(PhotoRow)).first()))
    assert answers() > told


def test_a_summary_that_is_written_anew_has_another_version(home, worker, put, scans):
    edition = put(scans).edition_id
    worker.drain()

    def version():
        with home.database.read() as session:
            return session.get_one(EditionSummaryRow, (edition, home.recipe.id)).version

    seen = {version()}
    summarise_edition(home, edition)
    seen.add(version())
    with home.database.write() as session:
        session.execute(update(EditionSummaryRow).values(pages=9))
    seen.add(version())
    assert len(seen) == 3
    assert all(0 < one < 2**63 for one in seen)


def test_work_raises_it_when_an_edition_is_added_up(home, worker, put, scans):
    put(scans)
    seen = [home.database.revision()]
    while worker.round():
        seen.append(home.database.revision())
    assert seen[-1] > seen[0]
    worker.round()
    assert home.database.revision() == seen[-1]


def test_what_is_rolled_back_raises_nothing(home):
    before = home.database.revision()

    def fail():
        with home.database.write() as session:
            session.execute(update(PublicationRow).values(usual_pages=4))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert home.database.revision() == before
    assert not touch(home, lambda session: session.scalars(select(PhotoRow)).all())
