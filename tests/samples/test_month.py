import json
from collections import Counter
from datetime import date
from hashlib import sha256

from PIL import Image

from presslens.samples.month import (
    CHANGE,
    DAILY,
    DAMAGED,
    EVENING,
    MASTHEADS,
    MISSING,
    SIZE,
    SPECIAL,
    MonthIssue,
    calendar,
    compose_issue,
)


def test_the_month_has_what_its_docstring_says():
    issues = calendar()
    days = {issue.day for issue in issues if issue.publication == DAILY}
    assert MISSING not in days
    assert {issue.day for issue in issues if issue.kind == "special"} == set(SPECIAL) <= days
    evenings = [issue for issue in issues if issue.publication == EVENING]
    assert {issue.day.weekday() for issue in evenings} == {0, 3}
    assert DAMAGED[1] in {issue.day for issue in evenings}
    kinds = Counter(issue.kind for issue in issues)
    assert kinds == {"ordinary": 33, "special": 4, "evening": 11}
    assert len({issue.name for issue in issues}) == len(issues)
    # The first special edition has a baseline of twenty editions.
    assert sum(day < SPECIAL[0] for day in days) >= 20


def test_only_ordinary_editions_of_the_daily_change():
    before, after = (
        MonthIssue(DAILY, date(2025, 12, 1), "ordinary"),
        MonthIssue(DAILY, CHANGE, "ordinary"),
    )
    share = after.roles.count("facility") / len(after.roles)
    assert share > 2 * before.roles.count("facility") / len(before.roles)
    assert MonthIssue(EVENING, CHANGE, "evening").roles == before.roles


def test_an_edition_is_the_same_whichever_others_are_composed(sources_folder, tmp_path):
    issue = MonthIssue(EVENING, date(2025, 12, 1), "evening")
    compose_issue(
        MonthIssue(DAILY, date(2025, 12, 1), "ordinary"), sources_folder, tmp_path / "other"
    )
    hashes = []
    for name in ("one", "two"):
        compose_issue(issue, sources_folder, tmp_path / name)
        hashes.append(
            [sha256(p.read_bytes()).hexdigest() for p in sorted((tmp_path / name).iterdir())]
        )
    assert hashes[0] == hashes[1]
    assert len(hashes[0]) == 5


def test_the_evening_paper_prints_no_leader_and_the_truth_lies_on_the_scan(
    sources_folder, tmp_path
):
    issue = MonthIssue(EVENING, date(2025, 12, 4), "evening")
    truth = compose_issue(issue, sources_folder, tmp_path)
    assert json.loads((tmp_path / "truth.json").read_text(encoding="utf-8")) == truth
    assert truth["edition"]["publication"] == EVENING
    assert truth["composed"] is True
    for page in truth["pages"]:
        with Image.open(tmp_path / page["file"]) as scan:
            assert scan.size == SIZE
        assert page["photos"]
        for photo in page["photos"]:
            assert not photo["leader"]
            x0, y0, x1, y1 = photo["box"]
            assert 0 <= x0 < x1 <= SIZE[0]
            assert 0 <= y0 < y1 <= SIZE[1]


def test_one_page_is_damaged_on_purpose(sources_folder, tmp_path):
    publication, day, number = DAMAGED
    truth = compose_issue(MonthIssue(publication, day, "evening"), sources_folder, tmp_path)
    sizes = [(tmp_path / page["file"]).stat().st_size for page in truth["pages"]]
    assert [size == 1024 for size in sizes] == [n == number for n in range(1, 5)]


def test_newspapers_have_names_of_their_own():
    assert len(set(MASTHEADS.values())) == len(MASTHEADS) == 2
