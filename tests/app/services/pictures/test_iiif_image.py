"""Requests of the IIIF Image API are read as its specification says."""

import pytest

from presslens.app.platform.errors import MalformedRequest, NotSupported
from presslens.app.services.pictures.iiif_image import MOST_AREA, ImageRequest

PAGE = (2000, 3000)


def parse(region="full", size="max", rotation="0", file="default.jpg", page=PAGE):
    return ImageRequest.parse(page, region, size, rotation, file)


@pytest.mark.parametrize(
    ("region", "box"),
    [
        ("full", (0, 0, 2000, 3000)),
        ("square", (0, 500, 2000, 2500)),
        ("100,200,300,400", (100, 200, 400, 600)),
        ("1900,2900,300,400", (1900, 2900, 2000, 3000)),
        ("pct:10,20,30,40.5", (200, 600, 800, 1815)),
        ("pct:50,50,100,100", (1000, 1500, 2000, 3000)),
        ("pct:.5,0,50.,1", (10, 0, 1010, 30)),
    ],
)
def test_regions(region, box):
    assert parse(region).region == box


@pytest.mark.parametrize(
    ("size", "made"),
    [
        ("max", (2000, 3000)), ("^max", (2000, 3000)), ("500,", (500, 750)),
        ("^500,", (500, 750)), (",300", (200, 300)), ("pct:50", (1000, 1500)),
        ("pct:33.3333", (667, 1000)), ("100,100", (100, 100)), ("!100,100", (67, 100)),
        ("^!100,1000", (100, 150)), ("1,", (1, 2)),
    ],
)  # fmt: skip
def test_sizes(size, made):
    assert parse(size=size).size == made


@pytest.mark.parametrize(
    ("rotation", "turn"),
    [("0", (False, 0)), ("90.0", (False, 90)), ("!180", (True, 180)), ("360", (False, 0))],
)
def test_rotations(rotation, turn):
    asked = parse(rotation=rotation)
    assert (asked.mirrored, asked.rotation) == turn


@pytest.mark.parametrize(
    "parts",
    [
        {"region": "0,0,0,10"}, {"region": "2000,0,10,10"}, {"region": "-1,0,10,10"},
        {"region": "1,2,3"}, {"region": "1.5,2,3,4"}, {"region": "pct:0,0,0,10"},
        {"region": "pct:101,0,10,10"}, {"region": "FULL"}, {"region": "٣,0,10,10"},
        {"region": "1" * 400 + ",0,10,10"}, {"size": "full"}, {"size": ","}, {"size": "^,"},
        {"size": "0,"}, {"size": "2001,"}, {"size": "pct:101"}, {"size": "pct:0"},
        {"size": "!100,"}, {"size": "!,100"}, {"size": "!"}, {"size": "100"}, {"size": ""},
        {"size": "99999999999,"}, {"rotation": "361"}, {"rotation": "-90"},
        {"rotation": "90\n"}, {"file": "jpg"}, {"file": "default"}, {"file": "default.jpg.jpg"},
        {"file": "native.jpg"}, {"file": "default.exe"},
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_malformed(parts):
    with pytest.raises(MalformedRequest):
        parse(**parts)


@pytest.mark.parametrize(
    "parts",
    [
        {"size": "^2001,"}, {"size": "^pct:101"}, {"size": "^!5000,5000"}, {"rotation": "45"},
        {"rotation": "!22.5"}, {"file": "default.webp"}, {"file": "gray.tif"},
    ],
)  # fmt: skip
def test_what_is_not_made_is_said_to_be_unsupported(parts):
    with pytest.raises(NotSupported):
        parse(**parts)


def test_no_picture_is_larger_than_the_limit():
    page = (20_000, 20_000)
    most = parse(page=page).size
    assert most[0] * most[1] <= MOST_AREA
    assert most[0] >= 3990
    with pytest.raises(MalformedRequest, match="pixels"):
        parse(size="5000,", page=page)
    assert parse("0,0,100,100", page=page).size == (100, 100)


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        ({}, "full/max/0/default.jpg"),
        ({"region": "0,0,2000,3000", "size": "2000,"}, "full/max/0/default.jpg"),
        ({"region": "pct:0,0,50,50", "size": "pct:10"}, "0,0,1000,1500/100,150/0/default.jpg"),
        ({"region": "square", "rotation": "!90.0"}, "0,500,2000,2000/max/!90/default.jpg"),
        ({"file": "color.png", "size": "!100,100"}, "full/67,100/0/default.png"),
        ({"file": "gray.jpg", "rotation": "360"}, "full/max/0/gray.jpg"),
    ],
)
def test_one_picture_has_one_canonical_address(parts, path):
    asked = parse(**parts)
    assert asked.path == path
    region, size, rotation, file = path.split("/")
    again = parse(region, size, rotation, file)
    assert again.path == path
    assert (again.region, again.size) == (asked.region, asked.size)
