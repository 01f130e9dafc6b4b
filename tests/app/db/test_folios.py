"""A day that no page can have been printed before is left unread; its text stays."""

from datetime import UTC, date, datetime

import pytest

from presslens.app.db.folios import folio_row
from presslens.models.vocabulary import Folio


@pytest.mark.parametrize(
    ("day", "kept"), [(date(2082, 8, 15), False), (date(2026, 12, 2), True), (None, False)]
)
def test_a_day_far_to_come_is_left_unread(day, kept):
    row = folio_row(
        Folio("2082/8/15", day, 0.9 if day else None), 1, datetime(2026, 12, 1, tzinfo=UTC)
    )
    assert (row.text, row.day) == ("2082/8/15", day if kept else None)
    assert (row.day_confidence is not None) is kept
