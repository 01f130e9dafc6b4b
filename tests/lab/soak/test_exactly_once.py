"""Eight workers come to what one comes to, whatever the order, and whatever fails for once."""

import pytest

from .alone import alone


@pytest.mark.timeout(900)
def test_eight_workers_with_failures_export_what_one_does(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONHASHSEED", "1")
    one = alone("exactly_once", "fresh_night(folder / 'one', 4, workers=1, seed=0)", tmp_path)
    monkeypatch.setenv("PYTHONHASHSEED", "2")
    eight = alone("exactly_once", "fresh_night(folder / 'eight', 4, workers=8, seed=3)", tmp_path)
    assert len(one) >= 35
    assert eight == one
