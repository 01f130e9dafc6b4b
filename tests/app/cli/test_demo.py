"""The month of composed editions is found where it is."""

from pathlib import Path

import pytest

from .conftest import refusal


def test_the_month_is_found_beside_its_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "month" / "truth").mkdir(parents=True)
    monkeypatch.setenv("PRESSLENS_DATA_DIR", str(tmp_path / "month" / "data"))
    for folder in ((), ("--folder", "month"), ("--folder", "month/data")):
        # This one is empty: that it is looked into is all.
        assert "/month: make it" in refusal("demo", "truth", "children", *folder).replace(
            "in month:", "in /month:"
        )
    monkeypatch.setenv("PRESSLENS_DATA_DIR", str(tmp_path / "other" / "data"))
    told = refusal("demo", "truth", "children")
    assert f"no month of composed editions is in {tmp_path / 'other'} or" in told
    assert "`presslens demo month` makes one" in told
