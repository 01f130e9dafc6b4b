from __future__ import annotations

from pathlib import Path
from typing import Any

from app.labels import SHARES
from app.web.report import ReportEdition, lead_photo, write_report

SHARE = {"share": 0.5, "decided": 1, "n": 2, "interval": [0.0, 1.0], "method": "m"}
COMPOSITION = {
    "pages": 2,
    "photos": 2,
    "photos_per_page": 2.0,
    "photo_area_share": 0.4,
    "full_page_photo_pages": 0,
    "shares": dict.fromkeys(SHARES, SHARE),
    "labels": {"plant_interior": SHARE},
}


def _photo(area_share: float, verdict: str) -> dict[str, Any]:
    return {
        "box": [10.0, 20.0, 110.0, 220.0],
        "area_share": area_share,
        "subjects": {"people": {"probability": 0.9, "count": 3}, "crowd": {"probability": 0.1}},
        "labels": {"plant_interior": 0.97, "night": 0.014},
        "figures": [{"name": "<b>Somebody</b>", "probability": 0.9, "box": [20, 30, 40, 50]}],
        "caption": {"text": "<b>At the works</b>", "place": "below", "box": [10, 222, 110, 240]},
        "focus": {"verdict": verdict, "leader": 0.9, "facility": 0.1, "reasons": []},
    }


def _edition() -> ReportEdition:
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
    return ReportEdition("An edition", COMPOSITION, [seen, lost], [b"jpeg", None])


def test_the_lead_photo_is_the_largest_of_the_front_page() -> None:
    lead = lead_photo(_edition())
    assert lead is not None
    assert lead["focus"]["verdict"] == "leader"
    assert lead_photo(ReportEdition("empty", COMPOSITION, [], [])) is None


def test_the_report_opens_without_a_server_and_escapes_names(tmp_path: Path) -> None:
    index = write_report([_edition()], tmp_path, title="T", notice="composed", recipe="ab" * 32)
    html = index.read_text()
    assert (tmp_path / "edition_1_page_1.jpg").read_bytes() == b"jpeg"
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
