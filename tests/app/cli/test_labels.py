from pathlib import Path

import pytest

from presslens.models.labels.vocabulary import BUILT_IN

from .conftest import document, invoke, printed, refusal

pytestmark = pytest.mark.usefixtures("installed")


def test_a_label_is_added_listed_and_removed(swatches: Path) -> None:
    label = document("labels", "add", "dark", "--examples", swatches)
    assert (label["name"], label["examples"], label["figures"]["f1"]) == ("dark", 12, 1.0)
    known = document("labels", "list")["labels"]
    assert [row["name"] for row in known] == [*BUILT_IN, "dark"]
    assert known[-1] == label
    table = printed("labels", "list")
    assert "AP 1.00" in table
    assert "6 show it" in table
    assert document("labels", "remove", "dark") == {"removed": "dark"}
    invoke("labels", "remove", "dark", code=1)


def test_what_is_wrong_is_said(swatches: Path, tmp_path: Path) -> None:
    assert "lowercase" in refusal("labels", "add", "Dark", "--examples", swatches)
    invoke("labels", "add", "dark", "--examples", tmp_path / "none", code=2)
