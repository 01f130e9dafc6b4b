import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from presslens.app.db.queries import EditionScope
from presslens.app.installation import open_installation
from presslens.app.month.make import TRUTH, month_settings
from presslens.app.month.truth import answer_sheet, shows, true_share
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.settings import Settings


def photo(**changes: Any) -> dict[str, Any]:
    subjects = {"children": {"present": False, "count": 0}, "people": {"present": True, "count": 3}}
    return {"box": [0, 0, 10, 10], "subjects": subjects, "leader": False, "focus": None, **changes}


def write(folder: Path, name: str, day: str, photos: list[dict[str, Any]]) -> None:
    edition = {"publication": name, "date": day}
    document = {"edition": edition, "pages": [{"number": 1, "photos": photos}]}
    (folder / f"{name}_{day}.json").write_text(json.dumps(document))


def test_what_the_composer_cannot_tell_is_left_out_of_the_share(tmp_path: Path) -> None:
    write(tmp_path, "A", "2025-12-01", [photo(focus="leader", leader=True), photo(), photo()])
    write(tmp_path, "A", "2025-12-02", [photo(focus="facility")])
    write(tmp_path, "B", "2025-12-01", [photo(focus="facility")])
    scope = EditionScope("A")
    assert true_share(tmp_path, "leader", scope).to_json() == {
        "share": 0.25,
        "shown": 1,
        "photos": 4,
        "unsure": 0,
    }
    told = true_share(tmp_path, "focus_facility", scope)
    assert (told.share, told.shown, told.photos, told.unsure) == (0.5, 1, 2, 2)
    assert true_share(tmp_path, "crowd", scope).share is None
    days = EditionScope(None, date(2025, 12, 1), date(2025, 12, 1))
    assert true_share(tmp_path, "people", days).photos == 4


def test_what_it_does_not_know_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="demo month"):
        true_share(tmp_path, "children", EditionScope())
    with pytest.raises(InvalidRequest, match="nothing of 'indoor'"):
        shows(photo(), "indoor")


def sheet_of(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", newline="") as lines:
        writer = csv.DictWriter(lines, ["photo", "coder", "measure", "answer"])
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.timeout(1800)
def test_a_sheet_is_filled_in_by_the_place_of_the_photos(own_month: Path, tmp_path: Path) -> None:
    with open_installation(month_settings(Settings(min_free_bytes=0), own_month)) as home:
        rows = [
            {"photo": number, "coder": "Ann", "measure": measure, "answer": ""}
            for number in range(1, 40)
            for measure in ("leader", "children", "focus")
        ]
        sheet_of(tmp_path / "open.csv", rows)
        known = answer_sheet(home, own_month / TRUTH, tmp_path / "open.csv", tmp_path / "full.csv")
    with (tmp_path / "full.csv").open(newline="") as lines:
        answered = list(csv.DictReader(lines))
    assert [row["photo"] for row in answered] == [str(row["photo"]) for row in rows]
    children = {row["answer"] for row in answered if row["measure"] == "children"}
    assert children <= {"no", "?"}
    assert {row["answer"] for row in answered if row["measure"] == "leader"} >= {"yes", "no"}
    focus = {row["answer"] for row in answered if row["measure"] == "focus"}
    assert focus <= {"leader", "facility", "neither", "unsure"}
    assert known[0] > 0.8 * len(rows)
    assert 30 < known[1] <= 39


def test_a_table_that_is_no_sheet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InvalidRequest, match="no coding sheet"):
        answer_sheet(None, tmp_path, tmp_path / "table.csv", tmp_path / "out.csv")  # type: ignore[arg-type]
