"""The ruler of an edition, as JSON, as a table and as a picture."""

import io

import pytest
from PIL import Image

from presslens.app.db.tables import InterpretationRow

from ..answers import csv_rows
from ..first_states import made_once

EDITIONS = "/api/v1/editions"


@pytest.fixture
def figure(client, make):
    """Enrol a leader whose face the first page of the edition shows."""
    added = client.post("/api/v1/figures", json={"name": "=Kim"}).json()
    client.post(
        f"/api/v1/figures/{added['id']}/references", files=[("files", ("a.png", make(faces=1)))]
    )


@pytest.fixture
@made_once
def address(client, home, worker, upload, scans, figure):
    """Return the address of an edition with three photos whose scores are set by the test."""
    made = upload(scans).json()["address"]
    worker.drain()
    scores = [("facility", 0.1, 0.8), ("leader", 0.9, 0.05), ("unsure", 0.3, 0.28)]
    with home.database.write() as session:
        rows = session.query(InterpretationRow).order_by(InterpretationRow.photo_id)
        for row, (verdict, leader, facility) in zip(rows, scores, strict=True):
            row.verdict, row.leader, row.facility = verdict, leader, facility
            row.reasons = [["leader_area_share", 0.4, -0.2], ["people_count", -0.3, 1.5]]
    return made


def test_photos_are_ranked_and_named(client, address):
    ruler = client.get(f"{address}/ruler").json()
    assert (ruler["n"], ruler["pages"], ruler["pages_seen"]) == (3, 3, 3)
    assert ruler["leaders"] == ["=Kim"]
    assert ruler["recipe"] == client.get(address).json()["recipe"]
    places = ruler["places"]
    assert [place["rank"] for place in places] == [1, 2, 3]
    assert [(p["page_number"], p["photo"]) for p in places] == [(2, 0), (2, 1), (1, 0)]
    assert [p["position"] for p in places] == [-0.85, -0.02, 0.7]
    assert [p["strength"] for p in places] == [0.95, 0.58, 0.9]
    assert [p["verdict"] for p in places] == ["leader", "unsure", None]  # nobody has checked
    assert [p["unsure"] for p in places] == [False, True, False]
    assert [p["front_lead"] for p in places] == [False, False, True]
    assert places[2]["reasons_text"] == [
        "for facility: no leader takes up much of the picture",
        "against facility: many people",
    ]


def test_places_link_to_their_photos_and_pages(client, address):
    for place in client.get(f"{address}/ruler").json()["places"]:
        photo = client.get(place["address"]).json()
        assert photo["id"] == place["id"]
        assert photo["focus"]["leader"] == place["leader"]
        assert photo["focus"]["reasons_text"] == place["reasons_text"]
        assert [page["id"] for page in photo["pages"]] == [place["page"]]
        for link in ("image", "page_image"):
            assert client.get(place[link]).headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize(("suffix", "headers"), [(".csv", {}), ("", {"Accept": "text/csv"})])
def test_the_ruler_is_a_table(client, address, suffix, headers):
    answer = client.get(f"{address}/ruler{suffix}", headers=headers)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = csv_rows(answer)
    places = client.get(f"{address}/ruler").json()["places"]
    assert [float(row["position"]) for row in rows] == [p["position"] for p in places]
    assert [int(row["id"]) for row in rows] == [p["id"] for p in places]
    assert {row["publication"] for row in rows} == {"Rodong Sinmun"}
    assert rows[0]["reasons"] == "; ".join(places[0]["reasons_text"])
    assert None not in {value for row in rows for value in row.values()}


def test_the_strip_is_a_picture_without_metadata(client, address):
    strip = client.get(f"{address}/ruler").json()["strip"]
    answer = client.get(strip)
    assert answer.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert (picture.format, picture.width) == ("JPEG", 1600)
        assert 300 < picture.height < 700
        assert not picture.getexif()
        colours = [picture.resize((400, 100)).convert("RGB").getpixel((x, 40)) for x in (140, 200)]
    # The grey of the scripted photos, a tint apart, and no white paper.
    assert all(max(colour) < 200 for colour in colours)


def test_a_strip_whose_pages_lost_their_pictures_is_still_drawn(client, home, address):
    whole = client.get(f"{address}/ruler.jpg").content
    views = [path for path in home.storage.root.rglob("*.jpg") if path.is_file()]
    assert views
    for path in views:
        path.unlink()
    bare = client.get(f"{address}/ruler.jpg")
    assert bare.status_code == 200
    assert bare.content != whole


def test_what_is_not_interpreted_yet_is_not_ranked(client, upload, scans):
    address = upload(scans).json()["address"]
    ruler = client.get(f"{address}/ruler").json()
    assert (ruler["n"], ruler["pages_seen"], ruler["places"]) == (0, 0, [])
    answer = client.get(f"{address}/ruler.jpg")
    assert answer.status_code == 404
    assert "no photos" in answer.json()["detail"]
