"""Days, months and years as people write them, and the editions that they find."""

from datetime import date

import pytest

from presslens.app.services.catalogue.day_search import DatePart, editions_on, read_date_part


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("2025-12-16", DatePart(2025, 12, 16)),
        ("16.12.2025", DatePart(2025, 12, 16)),
        ("20251216", DatePart(2025, 12, 16)),
        ("2025년 12월 16일", DatePart(2025, 12, 16)),
        ("12월 16일자", DatePart(None, 12, 16)),
        ("December 16th", DatePart(None, 12, 16)),
        ("the 16 dece", DatePart(None, 12, 16)),
        ("16 Dec 2025 rodong", DatePart(2025, 12, 16, ("rodong",))),
        ("December 2025", DatePart(2025, 12, None)),
        ("2025-12", DatePart(2025, 12, None)),
        ("12월", DatePart(None, 12, None)),
        ("2025", DatePart(2025, None, None)),
        *(
            (text, None)
            for text in ("", "8 pages", "16", "99 May", "children", "2025-13-40", "16월")
        ),
    ],
)
def test_a_date_is_read_as_it_is_written(text, part):
    assert read_date_part(text) == part


def test_editions_are_found_by_a_part_of_their_day_the_latest_first(home, add_summary):
    days = [date(2024, 12, 16), date(2025, 12, 1), date(2025, 12, 16), date(2026, 1, 2)]
    for day in days:
        add_summary(day, photos=3)

    def found(text, limit=9):
        part = read_date_part(text)
        return [one.edition_date for one in editions_on(home, part, limit=limit)] if part else []

    assert found("16 December") == [days[2], days[0]]
    assert found("2025년 12월") == [days[2], days[1]]
    assert found("2025", limit=1) == [days[2]]
    assert found("16 December rodong") == [days[2], days[0]]
    assert found("16 December other") == found("3 March") == []
