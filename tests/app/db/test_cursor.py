"""Cursors come back as they were, and nothing else is taken for one."""

import base64
import json
from datetime import date

import pytest

from presslens.app.db import cursor
from presslens.app.platform.errors import InvalidRequest


@pytest.mark.parametrize(
    ("values", "kinds"),
    [
        ([date(2019, 12, 16), 7], [date, int]),
        ([0.1 + 0.2, 3, 2**31 - 1], [float, int, int]),
        ([1, 2], [float, int]),
    ],
)
def test_round_trip(values, kinds):
    assert cursor.decode(cursor.encode(values), kinds) == values


@pytest.mark.parametrize(
    "plain",
    [
        [], ["2019-12-16"], ["2019-13-16", 1], ["2019-12-16", 1.5], ["2019-12-16", True],
        ["2019-12-16", 2**31], [7, 1], ["\ud800", 1], {"a": 1}, None, "2019-12-16",
        ["2019-12-16", 1, 1],
    ],
)  # fmt: skip
def test_what_is_no_cursor(plain):
    text = base64.urlsafe_b64encode(json.dumps(plain).encode()).decode()
    with pytest.raises(InvalidRequest):
        cursor.decode(text, [date, int])


@pytest.mark.parametrize("text", ["", "a", "é", "WyJh", "[" * 900])
def test_what_is_no_text_of_a_cursor(text):
    with pytest.raises(InvalidRequest):
        cursor.decode(text, [date, int])


def test_no_share_has_400_digits():
    text = base64.urlsafe_b64encode(f"[{'9' * 400}, 1]".encode()).decode()
    with pytest.raises(InvalidRequest):
        cursor.decode(text, [float, int])
