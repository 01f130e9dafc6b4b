from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from app.web.ruler import HEIGHT, frame_name, ruler_crops
from models.vocabulary import Focus
from pipelines.statistics.ruler import Ruler, RulerPlace
from pipelines.view import jpeg

ROLES = {"Kim": "heir"}
PAGE = jpeg(np.full((600, 400, 3), 90, np.uint8))


SIGHTING = {
    "name": "Kim",
    "probability": 0.97,
    "answer": "yes",
    "told_by": "face",
    "reasons_text": [],
    "appearance": None,
}


def _photo(box: list[float], caption: str | None = None) -> dict[str, Any]:
    return {
        "box": box,
        "focus": {"reasons_text": ["for leader: many people", "against leader: no flags in view"]},
        "figures": [SIGHTING] if caption else [],
        "caption": {"text": caption} if caption is not None else None,
    }


def _pages() -> list[dict[str, Any]]:
    photos = [_photo([0, 0, 200, 100], "At the works"), _photo([0, 0, 400, 590])]
    return [
        {"number": 1, "photos": photos},
        {"number": 2, "photos": []},
        {"number": 3, "photos": [_photo([0, 0, 50, 50])]},
    ]


def _ruler(*places: RulerPlace) -> dict[str, Any]:
    return Ruler(places, ("Leader",), 3, 3).to_json()


PLACES = (
    RulerPlace(1, 1, 0.93, 0.02, Focus.LEADER, front_lead=True),
    RulerPlace(3, 0, 0.02, 0.02, Focus.NEITHER),
    RulerPlace(1, 0, 0.1, 0.9, Focus.FACILITY),
)


def test_photos_come_in_the_order_of_the_ruler_with_what_is_known_of_them() -> None:
    crops = ruler_crops(_ruler(*PLACES), _pages(), [PAGE, None, None], edition=1, roles=ROLES)

    assert [crop.frame for crop in crops] == [
        "edition_2_page_1_photo_2",
        "edition_2_page_3_photo_1",
        "edition_2_page_1_photo_1",
    ]
    assert crops[0].name == "Page 1, photo 2, lead photo of the front page"
    assert crops[0].scores == "focus: leader (leader 93 %, facility 2 %, neither 5 %)"
    assert [crop.position for crop in crops] == ["−0.91", "0.00", "+0.80"]
    assert [crop.caption for crop in crops] == ["", "", "At the works"]
    assert [[f.title for f in crop.figures] for crop in crops] == [
        [],
        [],
        ["Kim (heir): yes, 97 %, recognised by the face"],
    ]
    assert crops[0].why == {"for leader": ["many people"], "against leader": ["no flags in view"]}


def test_crops_are_pictures_of_a_height_at_most() -> None:
    crops = ruler_crops(_ruler(*PLACES), _pages(), [PAGE, None, None], edition=0, roles=ROLES)
    sizes = []
    for crop in crops:
        if crop.picture is not None:
            with Pillow.open(io.BytesIO(crop.picture)) as picture:
                assert picture.size == crop.size
                sizes.append(picture.size)
    assert sizes == [(round(400 * HEIGHT / 590), HEIGHT), (200, 100)]
    assert crops[1].picture is None


@pytest.mark.parametrize(
    ("positions", "ticks"),
    [
        ((-0.9, -0.6, -0.4, 0.1, 0.2, 0.9), (None, None, "−0.5", "0", None, "0.5")),
        ((0.1,), ("0",)),
        ((-1.0, 1.0), (None, "0.5")),
        ((-0.5, 0.0), ("−0.5", "0")),
        ((), ()),
    ],
)
def test_ticks_stand_before_the_first_photo_beyond_them(
    positions: tuple[float, ...], ticks: tuple[str | None, ...]
) -> None:
    places = [RulerPlace(3, 0, max(0.0, -p), max(0.0, p), Focus.UNSURE) for p in positions]
    crops = ruler_crops(_ruler(*places), _pages(), [None] * 3, edition=0, roles=ROLES)
    assert tuple(crop.tick for crop in crops) == ticks


def test_frames_are_named_once() -> None:
    names = {frame_name(e, p, i) for e in (0, 1) for p in (1, 11) for i in (0, 1, 10)}
    assert len(names) == 12
