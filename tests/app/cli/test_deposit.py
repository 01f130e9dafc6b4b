"""``presslens deposit`` and ``presslens verify``."""

import pytest

from .conftest import document, invoke, refusal


@pytest.mark.sqlite_alone
def test_a_deposit_is_written_and_verified(installed, edition, tmp_path):
    place = tmp_path / "deposit"
    author = "Carberry, Josiah <0000-0002-1825-0097>; Brown University"
    said = ("--author", author, "--licence", "CC0-1.0", "--date", "2026-03-01")
    done = document("deposit", place, *said, "--doi", "https://doi.org/10.5281/zenodo.1")
    assert (done["deposit"], done["title"]) == (
        str(place),
        "Photos in Rodong Sinmun, 2019-12-16 to 2019-12-16",
    )
    assert done["missing"] == ["a description: --description TEXT"]
    assert "10.5281/zenodo.1" in (place / "CITATION.cff").read_text()
    assert "there already" in refusal("deposit", place)
    found = document("verify", place, "--no-present", code=None)
    assert found["files"]["changed"] == []
    assert {one["table"] for one in found["numbers"]} >= {"editions", "months", "claims"}
    assert sum(one["differ"] for one in found["numbers"]) == 0
    numbers = place / "data" / "numbers" / "newspapers.csv"
    numbers.write_text(numbers.read_text().replace(",all,3.0,", ",all,2.0,", 1))
    told = invoke("verify", place, "--no-present", code=1).output
    assert "changed: data/numbers/newspapers.csv" in told
    assert "published 2.0" in told


@pytest.mark.sqlite_alone
@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--author", "Josiah Carberry <0000-0002-1825-0097>"), "has no comma"),
        (("--doi", "zenodo.1"), "is no DOI"),
        (("--licence", "free for all"), "is no SPDX identifier"),
    ],
)
def test_what_cannot_be_said_of_a_deposit_is_refused(installed, words, complaint, tmp_path):
    assert complaint in refusal("deposit", tmp_path / "deposit", *words)
    assert not (tmp_path / "deposit").exists()


@pytest.mark.sqlite_alone
def test_what_is_no_deposit_is_refused(tmp_path):
    assert "is no deposit" in refusal("verify", tmp_path)
