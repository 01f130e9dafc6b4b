"""Tables on narrow terminals: nothing that must be typed may be cut."""

import pytest
from rich.console import Console

from presslens.app.cli.tables import ReadableTable

KEY, DAY = "inaugurations-2025-12-16-front-facility", "2025-12-16"
TEXT = "The lead photo of the front page focused on the factory itself, and not on the leader."


def table():
    made = ReadableTable.of("id", "key", "day", "statement", whole=("id", "key", "day"))
    made.add_row("2147483647", KEY, DAY, TEXT)
    return made


def printed(width):
    console = Console(width=width, record=True)
    console.print(table())
    return console.export_text()


@pytest.mark.parametrize("width", [80, 84, 100, 250])
def test_what_must_be_typed_is_whole_and_nothing_is_cut(width):
    text = printed(width)
    assert all(typed in text for typed in ("2147483647", KEY, DAY))
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width
    assert all(word in text for word in TEXT.split())


@pytest.mark.parametrize("width", [20, 50])
def test_a_row_that_does_not_fit_becomes_a_paragraph(width):
    text = printed(width)
    assert "".join(KEY) in text.replace("\n", "").replace(" ", "")
    assert "statement: " in text
    assert "…" not in text


def test_columns_share_the_room_by_what_they_hold():
    made = ReadableTable.of("a", "b")
    made.add_row("word " * 40, "word " * 10)
    console = Console(width=60, record=True)
    console.print(made)
    assert len(console.export_text().splitlines()) <= 2 + 7


def test_wide_letters_count_twice():
    made = ReadableTable.of("newspaper", "day", whole=("newspaper", "day"))
    made.add_row("로동신문 (Rodong Sinmun)", DAY)
    console = Console(width=36, record=True)
    console.print(made)
    assert "로동신문 (Rodong Sinmun)" in console.export_text()
