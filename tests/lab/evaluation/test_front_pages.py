"""The front page of composed editions is measured from its file on."""

import json

from presslens.lab.evaluation import front_pages as front
from presslens.lab.evaluation.front_pages import Front, measure_fronts, read_fronts

FILES = ("clean/special-1", "clean/ordinary-1", "clean/distractors-1", "grey/special-2")


def _compose(folder):
    for name in FILES:
        focus = "leader" if "ordinary" in name else "facility"
        photos = [
            {"box": [0, 0, 10, 10], "focus": "neither"},
            {"box": [0, 0, 40, 40], "focus": focus},
        ]
        (folder / name).mkdir(parents=True)
        truth = {"pages": [{"file": "page_01.jpg", "photos": photos}]}
        (folder / name / "truth.json").write_text(json.dumps(truth))


def test_page_one_of_each_daily_edition_is_read(tmp_path, monkeypatch):
    _compose(tmp_path / "pages")

    def analysed(request, *_a, **_k):
        assert request.leaders == {"leader": tmp_path / "leader"}
        read = [
            [{"box": [0, 0, 50, 40], "focus": {"verdict": "facility"}}],
            [
                {"box": [0, 0, 50, 40], "focus": {"verdict": "leader"}},
                {"box": [0, 0, 9, 9], "focus": {"verdict": "neither"}},
            ],
            [],
        ]
        by_name = {"special-1": 0, "ordinary-1": 1, "special-2": 2}
        return {"pages": [{"photos": read[by_name[p.parent.name]]} for p in request.scans]}

    monkeypatch.setattr(front, "analyze", analysed)
    fronts = read_fronts(tmp_path / "pages", None, None, progress=lambda _what: None)
    assert fronts == [
        Front("clean, ordinary-1", "leader", "leader"),
        Front("clean, special-1", "facility", "facility"),
        Front("grey, special-2", "facility", None),
    ]


def test_what_was_wrong_is_named():
    facility, leader = measure_fronts(
        [
            Front("a", "facility", "facility"),
            Front("b", "facility", "neither"),
            Front("c", "leader", "leader"),
        ]
    )
    assert (facility.value, facility.n) == (0.5, 2)
    assert "b: neither" in facility.what
    assert (leader.value, leader.n) == (1, 1)
    assert "not" not in leader.what
    assert leader.method
    assert leader.interval is not None
