"""Finding photos by what they show."""

import base64
import io

import pytest
from PIL import Image
from sqlalchemy import update

from presslens.app.db.tables import CaptionRow, SightingRow
from presslens.models.vocabulary import Answer, SightingEvidence

from ..answers import csv_rows
from ..first_states import made_once

pytestmark = pytest.mark.both_at_length

PHOTOS = "/api/v1/photos"


@pytest.fixture
@made_once
def archive(client, worker, upload, scans, make):
    """Two editions: four photos, of which one shows persons and a figure."""
    figure = client.post("/api/v1/figures", json={"name": "Kim"}).json()
    client.post(
        f"/api/v1/figures/{figure['id']}/references", files=[("files", ("a.png", make(faces=1)))]
    )
    upload(scans)
    upload({"extra.png": make(tint=40)}, publication="Minju Joson", day="2019-12-20")
    worker.drain()


QUERIES = [
    ({}, 4), ({"publication": "Minju Joson"}, 1), ({"from": "2019-12-17"}, 1),
    ({"to": "2019-12-17"}, 3), ({"page": 2}, 2), ({"subject": "people"}, 1),
    ({"subject": "people", "min_probability": 0.05}, 4),
    ({"subject": "people", "min_probability": 0.95}, 0), ({"figure": "Kim"}, 1),
    ({"focus": "leader"}, 1),
    ({"focus": "neither", "publication": "Rodong Sinmun"}, 2), ({"min_size": 0.15}, 2),
    ({"figure": ["Kim", "Kim"]}, 1),
    ({"figure": "Kim", "shot_size": "close"}, 1), ({"figure": "Kim", "shot_size": "medium"}, 0),
    ({"figure": "Kim", "facing": "camera"}, 1), ({"figure": "Kim", "facing": "left"}, 0),
    ({"figure": "Kim", "alone": True}, 0), ({"figure": "Kim", "alone": False}, 1),
    ({"alone": False}, 1), ({"facing": "camera", "min_probability": 0.9}, 0),
    ({"figure": "Kim", "answer": "yes"}, 1), ({"figure": "Kim", "answer": "unsure"}, 0),
    ({"answer": "yes"}, 1),
]  # fmt: skip
"""Filters, and how many photos each finds."""


def test_filters(client, archive, subtests):
    for query, found in QUERIES:
        with subtests.test(query=query):
            assert len(client.get(PHOTOS, params=query).json()["photos"]) == found


NOT_THERE = [
    ("photos", {"publication": "minju joson"}, 422, "did you mean Minju Joson?"),
    ("editions", {"publication": "Minju Jason"}, 422, "did you mean Minju Joson?"),
    ("publications", {"publication": "Minju Jason"}, 422, "did you mean Minju Joson?"),
    ("claims", {"publication": "Minju Jason"}, 422, "did you mean Minju Joson?"),
    ("events", {"publication": "Minju Jason"}, 422, "did you mean Minju Joson?"),
    ("photos", {"figure": ["Kim", "Kimm"]}, 422, "no figure is called 'Kimm': did you mean Kim?"),
    ("photos", {"figure": "' OR 1=1 --"}, 422, "enrolled: Kim"),
    ("photos/facets", {"edition": 999}, 404, "there is no such edition"),
    ("exports/csv", {"edition": 999}, 404, "there is no such edition"),
    ("stats", {"metric": "figure:Kimm"}, 422, "did you mean Kim?"),
    ("stats/compare", {"metric": "figure:Kimm"}, 422, "did you mean Kim?"),
    ("baseline", {"edition": 1, "metric": "label:nothing"}, 422, "the labels are: "),
]
"""Listings, a filter that names what is not there, and the answer."""


@pytest.mark.parametrize(("path", "query", "status", "hint"), NOT_THERE)
def test_a_name_that_is_not_there_is_said_with_those_that_are_like_it(
    client, archive, path, query, status, hint
):
    answer = client.get(f"/api/v1/{path}", params=query)
    assert (answer.status_code, hint in answer.json()["detail"]) == (status, True), answer.text


def test_a_rule_is_not_checked_of_a_newspaper_that_is_not_there(client, archive):
    days = {"from": "2019-12-16", "to": "2019-12-20"}
    rule = {"rule": "photos > 1", "publication": "Minju Jason", **days}
    answer = client.post("/api/v1/claims/check", json=rule)
    assert "did you mean Minju Joson?" in answer.json()["detail"]


def test_pages_of_the_list_are_the_list(client, archive):
    for sort in ["date", "-date", "size", "-size", "score", "-score"]:
        whole = client.get(PHOTOS, params={"sort": sort}).json()["photos"]
        parts, cursor = [], None
        while True:
            query = {"sort": sort, "limit": 1} | ({"cursor": cursor} if cursor else {})
            answer = client.get(PHOTOS, params=query).json()
            parts += answer["photos"]
            if (cursor := answer["next"]) is None:
                break
        assert parts == whole
        assert len(whole) == 4
        key = {"date": "date", "size": "area_share", "score": "score"}[sort.removeprefix("-")]
        values = [photo[key] for photo in whole]
        assert values == sorted(values, reverse=sort.startswith("-"))


def test_a_photo_and_its_picture(client, archive):
    listed = client.get(PHOTOS, params={"figure": "Kim"}).json()["photos"][0]
    photo = client.get(f"{PHOTOS}/{listed['id']}").json()
    assert photo["box"] == listed["box"]
    assert photo["figures"][0]["name"] == "Kim"
    assert len(photo["detections"]) == 2
    assert photo["pages"][0]["id"] == listed["page"]
    answer = client.get(f"{PHOTOS}/{listed['id']}/image")
    x0, y0, x1, y1 = photo["box"]
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert picture.format == "JPEG"
        assert picture.size == (round(x1) - round(x0), round(y1) - round(y0))
        assert not picture.getexif()
    page = client.get(f"/api/v1/pages/{listed['page']}/image")
    with Image.open(io.BytesIO(page.content)) as picture:
        assert picture.size == (photo["page_width"], photo["page_height"])
    for picture_answer in (answer, page):
        assert picture_answer.headers["content-type"] == "image/jpeg"
        assert picture_answer.headers["x-content-type-options"] == "nosniff"
        assert picture_answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_it_is_said_how_a_figure_is_shown(client, archive):
    (photo,) = client.get(PHOTOS, params={"figure": "Kim"}).json()["photos"]
    (figure,) = photo["figures"]
    shown = figure["appearance"]
    assert figure["lead"] is photo["lead"] is True
    assert (shown["people_beside"], shown["body_found"]) == (2, False)
    assert (shown["shot_size"], shown["facing"], shown["row"]) == ("close", "camera", None)
    assert client.get(f"{PHOTOS}/{photo['id']}").json()["figures"] == [figure]
    row = csv_rows(client.get(f"{PHOTOS}.csv"))[0]
    assert row["figures_shot_size"] == "close"
    assert float(row["figures_area_share"]) == shown["area_share"]
    assert row["figures_row"] == ""


def test_photos_of_whom_it_is_unsure_are_found_and_say_so(client, home, archive):
    with home.database.write() as session:
        told = {
            "answer": Answer.UNSURE,
            "told_by": SightingEvidence.CONTEXT,
            "reasons": [["place", 2.5]],
        }
        session.execute(update(SightingRow).values(probability=0.6, **told))
    assert client.get(PHOTOS, params={"answer": "yes"}).json()["photos"] == []
    (photo,) = client.get(PHOTOS, params={"figure": "Kim", "answer": "unsure"}).json()["photos"]
    for document in (photo, client.get(f"{PHOTOS}/{photo['id']}").json()):
        (figure,) = document["figures"]
        assert (figure["answer"], figure["told_by"]) == ("unsure", "context")
        assert "the recipe caps the probability at 60 %" in figure["reasons_text"][0]
    row = csv_rows(client.get(f"{PHOTOS}.csv"))[0]
    assert row["figures_probability"] == "0.6"
    assert (row["figures_answer"], row["figures_told_by"]) == ("unsure", "context")


@pytest.fixture
@made_once
def together(client, worker, upload, make):
    """A photo of one figure, and one of two, with a third face."""
    for i, name in enumerate(("Kim", "Ri")):
        figure = client.post("/api/v1/figures", json={"name": name}).json()
        client.post(
            f"/api/v1/figures/{figure['id']}/references",
            files=[("files", ("a.png", make(faces=1, tint=i)))],
        )
    upload({"a.png": make(faces=1, tint=7), "b.png": make(faces=3, tint=8)})
    worker.drain()


def test_figures_named_together_are_seen_together(client, together):
    for query, pages in (
        ({"figure": "Kim"}, [1, 2]), ({"figure": "Ri"}, [2]), ({"figure": ["Kim", "Ri"]}, [2]),
        ({"figure": ["Ri", "Kim"], "alone": False}, [2]),
        ({"figure": ["Kim", "Ri"], "alone": True}, []), ({"figure": "Kim", "alone": True}, [1]),
        ({"alone": True}, [1]),
    ):  # fmt: skip
        photos = client.get(PHOTOS, params=query).json()["photos"]
        assert [photo["page_number"] for photo in photos] == pages


def test_two_figures_have_two_values_in_a_cell(client, together):
    rows = csv_rows(client.get(f"{PHOTOS}.csv"))
    assert [row["figures_people_beside"] for row in rows] == ["0", "2; 2"]
    assert [row["figures_answer"] for row in rows] == ["yes", "yes; yes"]
    assert rows[1]["figures_row"] == "; "


def test_the_table_holds_all(client, archive):
    answer = client.get(f"{PHOTOS}.csv", params={"limit": 1})
    rows = csv_rows(answer)
    assert len(rows) == 4
    assert [row["figures"] for row in rows] == ["Kim", "", "", ""]
    assert {row["recipe"] for row in rows} == {client.get(PHOTOS).json()["recipe"]}


def test_a_reprinted_photo_is_listed_for_each_page(client, worker, upload, make):
    page = make(tint=3)
    for day in ("2019-12-16", "2019-12-17"):
        upload({"a.png": page}, day=day)
    worker.drain()
    photos = client.get(PHOTOS).json()["photos"]
    assert [photo["date"] for photo in photos] == ["2019-12-16", "2019-12-17"]
    assert photos[0]["id"] == photos[1]["id"]
    assert len(client.get(f"{PHOTOS}/{photos[0]['id']}").json()["pages"]) == 2


@pytest.fixture
@made_once
def printed(client, worker, upload, captioned_page, make):
    """Two photos under a headline, one of them with a caption, and one without anything."""
    upload({"a.png": captioned_page})
    upload({"b.png": make(tint=9)}, day="2019-12-17")
    worker.drain()


def test_captions_and_headlines_are_served(client, printed):
    first, second, third = client.get(PHOTOS).json()["photos"]
    caption = first["caption"]
    assert (caption["text"], caption["place"]) == ("abcd", "below")
    assert len(caption["box"]) == 4
    assert second["caption"] is third["caption"] is None
    assert client.get(f"{PHOTOS}/{first['id']}").json()["caption"] == caption
    page = client.get(f"/api/v1/pages/{first['page']}").json()
    assert page["photos"][0]["caption"] == caption
    assert [(h["text"], h["photos"]) for h in page["headlines"]] == [("zyzyzy", [0, 1])]
    rows = csv_rows(client.get(f"{PHOTOS}.csv"))
    assert [row["caption"] for row in rows] == ["abcd", "", ""]


def test_photos_are_found_by_what_is_printed_about_them(client, printed):
    for text, found in {
        "bc": 1, "BC": 1, "zyz": 2, "abcde": 0, "%": 0, "_b": 0, "a%d": 0, "/": 0, "' OR 1=1 --": 0,
    }.items():  # fmt: skip
        assert len(client.get(PHOTOS, params={"text": text}).json()["photos"]) == found, text


@pytest.mark.both_databases
def test_signs_that_mean_something_to_like_mean_themselves(client, home, printed):
    with home.database.write() as session:
        session.execute(update(CaptionRow).values(text="100 % 완수_공장 Ä/b"))
    for text, found in (("0 %", 1), ("수_공", 1), ("0%", 0), ("완수", 1), ("/b", 1)):
        assert len(client.get(PHOTOS, params={"text": text}).json()["photos"]) == found


def test_facets_count_what_is_listed(client, archive):
    told = client.get(f"{PHOTOS}/facets", params={"zone": "front"}).json()
    assert told["photos"] == len(client.get(PHOTOS, params={"zone": "front"}).json()["photos"]) == 2
    papers = {one["value"]: one["count"] for one in told["facets"]["publication"]}
    assert papers == {"Minju Joson": 1, "Rodong Sinmun": 1}
    assert told["facets"]["zone"][0] == {
        "value": "front", "count": 2, "chosen": True, "offered": True
    }  # fmt: skip
    assert told["recipe"] == client.get(PHOTOS).json()["recipe"]


def test_buckets_name_the_photos_that_are_listed(client, archive):
    query = {"sort": "-size", "min_size": 0.01}
    told = client.get(f"{PHOTOS}/buckets", params=query).json()
    (bucket,) = told["buckets"]
    answer = client.get(f"{PHOTOS}/buckets/{bucket['key']}", params=query).json()
    listed = client.get(PHOTOS, params=query).json()["photos"]
    assert [one["id"] for one in answer["photos"]] == [one["id"] for one in listed]
    assert answer["version"] == told["version"]
    for code, photo in zip(base64.b64decode(bucket["aspects"]), listed, strict=True):
        x0, y0, x1, y1 = photo["box"]
        told_shape = 2 ** ((code - told["aspect"]["middle"]) / told["aspect"]["steps"])
        assert told_shape == pytest.approx((x1 - x0) / (y1 - y0), rel=0.02)
    assert client.get(f"{PHOTOS}/buckets/99", params=query).status_code == 404


def test_photos_are_sorted_by_the_probability_of_a_subject(client, archive):
    query = {"subject": "people", "min_probability": 0, "sort": "-probability"}
    listed = client.get(PHOTOS, params=query).json()["photos"]
    values = [photo["subjects"]["people"]["probability"] for photo in listed]
    assert values == sorted(values, reverse=True)
    assert len(values) == 4
    refused = client.get(PHOTOS, params={"sort": "probability"})
    assert refused.status_code == client.get(f"{PHOTOS}.csv?sort=probability").status_code == 422
    assert "choose a subject" in refused.text


def test_similar_photos_are_served(client, archive):
    first = client.get(PHOTOS).json()["photos"][0]
    told = client.get(f"{PHOTOS}/{first['id']}/similar", params={"limit": 2}).json()
    assert (told["photo"], told["compared"], len(told["similar"])) == (first["id"], 3, 2)
    assert first["id"] not in [one["id"] for one in told["similar"]]
    assert client.get(f"{PHOTOS}/999/similar").status_code == 404
