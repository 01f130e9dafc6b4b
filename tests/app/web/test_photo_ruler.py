from typing import Any

from presslens.app.web.edition_view import ruled_photos
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.ruler import Ruler, RulerPlace

PHOTO: dict[str, Any] = {"box": [0, 0, 200, 100]}
PAGES: list[dict[str, Any]] = [
    {"number": 1, "photos": [PHOTO, {"box": [0, 0, 400, 590]}]},
    {"number": 3, "photos": [{"box": [0, 0, 50, 50]}]},
]
PLACES = (
    RulerPlace(1, 1, 0.93, 0.02, Focus.LEADER, front_lead=True),
    RulerPlace(3, 0, 0.02, 0.02, Focus.NEITHER),
    RulerPlace(1, 0, 0.1, 0.9, Focus.FACILITY),
)


def test_photos_come_in_the_order_of_the_ruler_and_ticks_lie_between_them() -> None:
    ruled = ruled_photos(Ruler(PLACES, ("Leader",), 3, 3).to_json(), PAGES)
    assert [one.photo["box"][2] for one in ruled] == [400, 50, 200]
    assert [one.tick for one in ruled] == [None, "0", "0.5"]
    assert [one.position for one in ruled] == ["−0.91", "0.00", "+0.80"]
    assert ruled[2].shape == 2.0
