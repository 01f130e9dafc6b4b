from __future__ import annotations

import pytest

from models.training.captions.evaluate import character_errors


@pytest.mark.parametrize(
    ("read", "printed", "errors"),
    [
        ("", "", 0),
        ("공장의 전경", "공장의 전경", 0),
        ("공장의전경", "공장의 전경", 0),
        ("공장의 전겅", "공장의 전경", 1),
        ("", "공장의 전경", 5),
        ("공장의 전경", "", 5),
        ("장의 전경", "공장의 전경", 1),
        ("공공장의 전경", "공장의 전경", 1),
        ("abc", "xyz", 3),
    ],
)
def test_errors_are_letters_put_in_taken_out_or_changed(read, printed, errors):
    assert character_errors(read, printed) == errors
