"""The geometry of boxes that people draw, as Chromium runs it."""

import pytest

from presslens.app.web.static_files import build

SIZE = [100, 80]


@pytest.fixture
def geometry(served, tab):
    """Return a function that calls one of the module's with plain values."""
    tab.goto(f"{served}/")
    module = f"/static/{build()}/js/page_geometry.js"

    def call(name, *values):
        asked = "([m, name, v]) => import(m).then((geometry) => geometry[name](...v))"
        return tab.evaluate(asked, [module, name, list(values)])

    return call


def test_boxes_are_moved_cut_and_told_apart(geometry):
    box = [10, 10, 50, 40]
    assert geometry("shifted", box, [0, 0], 5, -3, SIZE) == [15, 7, 55, 37]
    assert geometry("shifted", box, [0, 0], 500, -300, SIZE) == [60, 0, 100, 30]
    assert geometry("shifted", box, [-1, 0], 500, 9, SIZE) == [42, 10, 50, 40]
    assert geometry("shifted", box, [1, 1], 500, 500, SIZE) == [10, 10, 100, 80]
    assert geometry("between", [60, 90], [20, 30], SIZE) == [20, 30, 60, 80]
    assert geometry("between", [60, 30], [63, 70], SIZE) is None
    assert geometry("middle", [0, 0, 90, 60], SIZE) == [30, 20, 60, 40]
    assert geometry("cutAt", box, True, 49) == 42
    assert geometry("halves", box, True, 30) == [[10, 10, 30, 40], [30, 10, 50, 40]]
    assert geometry("halves", box, False, 30) == [[10, 10, 50, 30], [10, 30, 50, 40]]
    assert geometry("around", [box, [0, 20, 20, 70]]) == [0, 10, 50, 70]
    assert geometry("overlap", box, [50, 10, 90, 40]) == 0
    assert geometry("overlap", box, [10, 10, 30, 40]) == pytest.approx(0.5)
    photos = [{"id": 1, "box": [0, 0, 9, 9]}, {"id": 2, "box": [12, 11, 52, 41]}]
    assert geometry("nearest", photos, box)["id"] == 2
    assert geometry("nearest", photos, [60, 60, 90, 80]) is None
    assert len(geometry("handles", box, 20)) == 8
    assert [edges for edges, _ in geometry("handles", box, 35)] == [
        [-1, -1], [-1, 1], [0, -1], [0, 1], [1, -1], [1, 1]
    ]  # fmt: skip
    assert geometry("rounded", [0.06, 1.04, 2, 3.333]) == [0.1, 1, 2, 3.3]
