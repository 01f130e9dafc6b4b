from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from app.headings import SHARES
from app.web.report import ReportEdition, lead_photo, plain_number, write_report
from models.vocabulary import Focus
from pipelines.statistics.ruler import Ruler, RulerPlace
from pipelines.view import jpeg

PAGE = jpeg(np.full((600, 400, 3), 90, np.uint8))
PLACES = (
    RulerPlace(1, 1, 0.9, 0.1, Focus.LEADER, front_lead=True),
    RulerPlace(1, 0, 0.31, 0.3, Focus.UNSURE),
)

SHARE = {"share": 0.5, "decided": 1, "n": 2, "interval": [0.0, 1.0], "method": "m"}
COMPOSITION = {
    "pages": 2,
    "photos": 2,
    "photos_per_page": 2.0,
    "photo_area_share": 0.4,
    "full_page_photo_pages": 0,
    "shares": dict.fromkeys(SHARES, SHARE),
    "area_shares": {name: {**SHARE, "share": 0.25} for name in SHARES},
    "zones": {
        "front": {"photos": 2, "shares": {name: {**SHARE, "share": 0.75} for name in SHARES}},
        "above_fold": {"photos": 0, "shares": {name: {**SHARE, "share": None} for name in SHARES}},
    },
    "labels": {"plant_interior": {**SHARE, "interval": None}},
    "figures": [
        {
            "name": "<b>Somebody</b>",
            "role": "leader",
            "photos": {"sure": 1, "unsure": 1},
            "share": SHARE,
            "area_share": 0.07,
            "centrality": 0.456,
            "shot_sizes": {size: {"sure": 0, "unsure": 0} for size in ("close", "medium", "long")},
            "front_page": {"sure": 0, "unsure": 1},
            "lead_photos": {"sure": 1, "unsure": 0},
            "together": {"sure": 1, "unsure": 0},
            "companions": {"Ri": {"sure": 1, "unsure": 0}},
        }
    ],
}


class Tags(HTMLParser):
    """The start tags of a document, with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, {name: value or "" for name, value in attrs}))

    def of(self, name: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.seen if tag == name]


def _sighting(*, unsure: bool) -> dict[str, Any]:
    no_face = ["no face decided: the likeness alone doesn't tell it"] if unsure else []
    return {
        "name": "<b>Somebody</b>",
        "probability": 0.75 if unsure else 0.97,
        "box": [20, 30, 40, 50],
        "answer": "unsure" if unsure else "yes",
        "told_by": "context" if unsure else "face",
        "reasons_text": [*no_face, "for: the face is like it"],
        "appearance": {
            "body_found": True,
            "area_share": 0.07,
            "size_rank": 4,
            "people_beside": 11,
            "row": "front",
            "shot_size": "medium",
            "facing": "camera",
        },
    }


def _photo(area_share: float, verdict: str) -> dict[str, Any]:
    return {
        "box": [10.0, 20.0, 110.0, 220.0],
        "area_share": area_share,
        "subjects": {"people": {"probability": 0.9, "count": 3}, "crowd": {"probability": 0.1}},
        "labels": {"plant_interior": 0.97, "night": 0.014},
        "figures": [_sighting(unsure=verdict == "neither")],
        "caption": {"text": "<b>At the works</b>", "place": "below", "box": [10, 222, 110, 240]},
        "focus": {
            "verdict": verdict,
            "leader": 0.9,
            "facility": 0.1,
            "reasons": [["people_count", -0.4]],
            "reasons_text": ["against leader: many people"],
        },
    }


def _edition(leaders: tuple[str, ...] = ("Somebody",)) -> ReportEdition:
    seen = {
        "number": 1,
        "width": 400,
        "height": 600,
        "outcome": "done",
        "type": "mixed",
        "warnings": ["the scan is coarse: about 40 dpi"],
        "photos": [_photo(0.1, "neither"), _photo(0.3, "leader")],
    }
    lost = {"number": 2, "outcome": "rejected", "reason": "corrupt: it ends early", "photos": []}
    ruler = Ruler(PLACES, leaders, 2, 1).to_json()
    return ReportEdition("An edition", COMPOSITION, [seen, lost], [PAGE, None], ruler)


EMPTY = ReportEdition(
    "empty", {**COMPOSITION, "figures": []}, [], [], Ruler((), (), 0, 0).to_json()
)


@pytest.mark.parametrize(
    ("value", "name", "written"),
    [
        (113.0, "photos", "113"),
        (16.142857, "photos_per_page", "16.14"),
        (0.4712, "photo_area_share", "47%"),
        (None, "together_photos", "not known"),
    ],
)
def test_numbers_are_whole_or_have_two_digits(value: float | None, name: str, written: str) -> None:
    assert plain_number(value, name) == written


def test_the_lead_photo_is_the_largest_of_the_front_page() -> None:
    lead = lead_photo(_edition())
    assert lead is not None
    assert lead["focus"]["verdict"] == "leader"
    assert lead_photo(EMPTY) is None


def test_the_report_opens_without_a_server_and_escapes_names(tmp_path: Path) -> None:
    index = write_report([_edition()], tmp_path, title="T", notice="composed", recipe="ab" * 32)
    html = index.read_text()
    assert (tmp_path / "edition_1_page_1.jpg").read_bytes() == PAGE
    assert "edition_1_page_1.jpg" in html
    assert "edition_1_page_2.jpg" not in html
    assert "corrupt: it ends early" in html
    assert "composed" in html
    assert "<b>Somebody" not in html
    assert "<b>At the works" not in html
    assert "At the works" in html
    assert "mixed, 2 photos; the scan is coarse: about 40 dpi" in html
    assert "labels: plant_interior 97 %, night 1 %" in html
    assert "plant interior, share of photos" in html
    assert 'x="10.0" y="20.0" width="100.0" height="200.0"' in html
    assert "http" not in html


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    editions = [_edition(), _edition(leaders=()), EMPTY]
    return write_report(editions, folder, title="T", notice="n", recipe="ab" * 32)


@pytest.fixture(scope="module")
def seen(report: Path) -> Tags:
    tags = Tags()
    tags.feed(report.read_text())
    return tags


def test_the_ruler_shows_each_photo_as_a_picture_that_points_at_its_frame(
    report: Path, seen: Tags
) -> None:
    links = [a["href"] for a in seen.of("a") if "title" in a]
    assert links[:2] == ["#edition_1_page_1_photo_2", "#edition_1_page_1_photo_1"]
    frames = [attributes["id"] for attributes in seen.of("rect") if "id" in attributes]
    assert len(set(frames)) == len(frames) == 4
    assert {link.removeprefix("#") for link in links} == set(frames)
    for link in links:
        with Pillow.open(report.parent / f"{link.removeprefix('#')}.jpg") as picture:
            assert picture.size == (100, 200)


def test_the_ruler_can_be_read_without_seeing_it(seen: Tags) -> None:
    assert all(attributes.get("alt") for attributes in seen.of("img"))
    lists = [attributes.get("role") for attributes in seen.of("ol")]
    assert lists == ["list", "list"]
    strip = next(a for a in seen.of("div") if a.get("class") == "strip")
    assert (strip["role"], strip["tabindex"]) == ("region", "0")
    assert "An edition" in strip["aria-label"]
    assert all(a.get("aria-label") for a in seen.of("svg") if a.get("role") == "img")


def test_scores_and_reasons_are_said_in_words(seen: Tags) -> None:
    first, second, *_ = (a["title"] for a in seen.of("a") if "title" in a)
    assert first.splitlines() == [
        "Page 1, photo 2, lead photo of the front page",
        "focus: leader (leader 90 %, facility 10 %, neither 0 %)",
        "against leader: many people",
        "<b>Somebody</b> (leader): yes, 97 %, recognised by the face",
        "medium shot, front row, 4th largest of 12, facing the camera, 7 % of the photo",
        "“<b>At the works</b>”",
    ]
    assert "focus: unsure (leader 31 %, facility 30 %, neither 39 %)" in second


def test_it_is_said_of_each_figure_how_surely_by_what_and_how_he_is_shown(report: Path) -> None:
    html = report.read_text()
    for title in (
        "(leader): yes, 97 %, recognised by the face",
        "(leader): unsure, 75 %, recognised by its place, not by the face",
    ):
        # Of two editions: in the ruler's tooltip and its "why", on the frame and on the face.
        assert html.count(title) == 2 * 4
    line = "medium shot, front row, 4th largest of 12, facing the camera, 7 % of the photo"
    assert html.count(line) == 2 * 2 * 4
    assert html.count("no face decided: the likeness") == 2 * 2
    assert "<b>Somebody" not in html


def test_a_figure_of_whom_it_is_unsure_has_a_dashed_box(report: Path, seen: Tags) -> None:
    faces = [a["class"] for a in seen.of("rect") if a["class"].startswith("face")]
    assert faces == ["face unsure", "face"] * 2
    assert ".face.unsure { stroke-dasharray" in report.read_text()


def test_each_edition_has_a_table_of_its_figures(report: Path, seen: Tags) -> None:
    html = report.read_text()
    assert [a["class"] for a in seen.of("table") if "class" in a] == ["figures", "figures"]
    assert html.count("No figure is enrolled.") == 1
    assert html.count('1 <small class="whole">+ 1 unsure</small>') == 2
    assert html.count('0 <small class="whole">+ 1 unsure</small>') == 2
    assert html.count("<td>7 %</td>") == html.count("<td>0.46</td>") == 2
    assert html.count("<small>Ri</small> 1") == 2
    wide = [a["aria-label"] for a in seen.of("div") if a.get("class") == "wide"]
    assert "An edition: figures, scrolls sideways" in wide


def test_the_lead_photo_of_the_front_page_is_marked_and_no_other(report: Path, seen: Tags) -> None:
    classes = [attributes["class"] for attributes in seen.of("li") if "class" in attributes]
    assert classes == ["place lead", "place"] * 2
    assert report.read_text().count("front page, lead</strong>") == 2
    links = [a["href"] for a in seen.of("a") if "title" not in a]
    places = [a["id"] for a in seen.of("li") if a.get("class") == "place lead"]
    assert links == [f"#{place}" for place in places]
    assert report.read_text().count("rank 1, at −0.80</a>") == 2


def test_the_report_says_where_no_leader_could_be_told_and_no_photo_is_there(report: Path) -> None:
    html = report.read_text()
    assert html.count("No leader is enrolled") == 2  # the second edition, and the empty one
    assert html.count("<p>No photos.</p>") == 1


def test_the_report_needs_no_script_and_nothing_from_elsewhere(report: Path, seen: Tags) -> None:
    assert seen.of("script") == []
    assert seen.of("link") == []
    assert "http" not in report.read_text()


def test_shares_are_told_by_area_and_place(tmp_path: Path) -> None:
    index = write_report([EMPTY], tmp_path, title="t", notice="n", recipe="0" * 64)
    text = index.read_text(encoding="utf-8")
    row = re.search(r"<td>children</td><td>([^<]*)</td>\s*<td>([^<]*)</td><td>([^<]*)</td>", text)
    assert row is not None
    assert row.groups() == ("25 %", "75 %", "–")
    assert "<th>above fold</th>" in text
    assert "reviewed," in text  # a share without an interval
