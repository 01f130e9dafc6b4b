"""The page of a photo: what it shows and why, who is seen, what people said, where it leads."""

import re

import pytest

from presslens.app.db.reprints import ReprintRow
from presslens.app.services.analysis.reinterpret import rescore

from ..answers import csv_rows
from ..first_states import made_once
from .conftest import shown

HTML = {"accept": "text/html"}


@pytest.fixture
@made_once
def photos(client, worker, put, scans, make):
    """Return the ids of an edition's three photos; the first has two people and a figure."""
    figure = client.post("/api/v1/figures", json={"name": "Kim"}).json()
    client.post(
        f"/api/v1/figures/{figure['id']}/references", files=[("files", ("a.png", make(faces=1)))]
    )
    put(scans)
    worker.drain()
    listed = client.get("/api/v1/photos").json()["photos"]
    return [photo["id"] for photo in listed]


def photo_page(client, photo):
    text = shown(client, f"/photos/{photo}")
    assert not re.search(r"\sstyle=|<style|<script>", text)
    return text


def test_a_photo_says_what_it_shows_and_why(client, photos):
    text = photo_page(client, photos[0])
    assert "<title>Photo 1: Kim; 2 people; about the leader" in text
    assert 'alt="Kim; 2 people; about the leader"' in text
    document = client.get(f"/photos/{photos[0]}.json").json()
    for reason in document["focus"]["reasons_text"]:
        assert reason in text.replace("&#39;", "'")
    assert f"/api/v1/photos/{photos[0]}/figures/1/image?width=160" in text
    assert "has no interval of its own" in text
    page = document["pages"][0]["id"]
    x0, y0, x1, y1 = (round(side) for side in document["box"])
    assert f'href="/pages/{page}#xywh={x0},{y0},{x1 - x0},{y1 - y0}"' in text
    assert client.get(f"/api/v1/photos/{photos[0]}/figures/1/image?width=160").is_success


def test_photos_lead_to_those_before_and_after(client, photos):
    first, second, third = photos
    assert f'rel="next" href="/photos/{second}"' in photo_page(client, first)
    assert 'rel="prev"' not in photo_page(client, first)
    middle = client.get(f"/photos/{second}.json").json()
    assert (middle["before"], middle["after"]) == (first, third)
    assert 'rel="next"' not in photo_page(client, third)


def test_what_people_said_stands_beside_the_machine(client, photos):
    assert "Nobody has reviewed this photo" in photo_page(client, photos[0])
    review = {"coder": "Ada", "answers": {"children": True}, "focus": "facility"}
    added = client.post(
        f"/api/v1/photos/{photos[0]}/reviews", json={**review, "note": "<b>seen</b>"}
    )
    assert added.is_success, added.text
    text = photo_page(client, photos[0])
    assert "&lt;b&gt;seen&lt;/b&gt;" in text
    assert "unlike the machine" in text
    assert "<title>Photo 1: Kim; 2 people; children; about the facility" in text
    assert "the machine alone says: Kim; 2 people; about the leader." in text
    assert '<span id="focus-told" class="facility">facility</span>' in text
    assert "people say so; the machine: leader" in text
    children = text.partition('<th scope="row">children</th>')[2].partition("</tr>")[0]
    assert '<b class="settled">yes</b>' in children
    rows = csv_rows(client.get(f"/photos/{photos[0]}.csv"))
    told = {(row["kind"], row["name"]): row for row in rows}
    assert told["subject", "children"]["people_say"].lower() == "true"
    assert told["subject", "people"]["people_say"] == ""
    assert told["focus", "leader"]["people_say"].lower() == "false"
    assert float(told["figure", "Kim"]["x0"]) == 50


def test_the_place_that_was_given_last_is_shown_until_the_figure_is_rejected(client, photos):
    def say(shows, coder, **places):
        answer = {"coder": coder, "answers": {"figure:Kim": shows}, "adjudicates": coder == "Cho"}
        added = client.post(f"/api/v1/photos/{photos[0]}/reviews", json={**answer, **places})
        assert added.is_success, added.text
        return client.get(f"/photos/{photos[0]}.json").json()

    say(True, "Ada", places={"figure:Kim": [40, 50, 80, 90]})
    document = say(True, "Ben", places={"figure:Kim": [30, 40, 90, 120]})
    (place,) = document["places"]
    assert (place["measure"], place["coder"]) == ("figure:Kim", "Ben")
    assert place["box"] == pytest.approx([30, 40, 90, 120], abs=0.1)
    assert document["reviews_told"][1]["answers"].startswith("Kim: yes, with the place")
    text = photo_page(client, photos[0])
    assert "Kim stands in the dashed box, Ben says." in text
    assert "Kim: yes, with the place" in text
    assert say(False, "Cho")["places"] == []


def test_what_each_recipe_says_is_in_one_table(client, photos, beside, bold):
    assert "in one way so far" in photo_page(client, photos[0])
    with beside() as other:
        rescore(other, bold, progress=lambda *_: None)
    text = photo_page(client, photos[0])
    history = text.partition('id="history"')[2]
    assert (history.count("facility</td>"), history.count("leader</td>")) == (1, 1)
    assert history.count("in use") == 1
    past = client.get(f"/photos/{photos[0]}.json").json()["history"]
    assert [one["focus"] for one in past] == ["leader", "facility"]
    assert [one["current"] for one in past] == [True, False]


def test_a_photo_that_several_pages_print_is_shown_on_each(client, worker, put, make):
    page = make(tint=3)
    put({"a.png": page})
    worker.drain()
    put({"b.png": make([]), "c.png": page}, publication="P")
    worker.drain()
    photo = client.get("/api/v1/photos").json()["photos"][0]["id"]
    pages = client.get(f"/api/v1/photos/{photo}").json()["pages"]
    assert len(pages) == 2
    text = shown(client, f"/photos/{photo}?page={pages[1]['id']}")
    assert "on page 2, P, 16 December 2019" in text
    assert client.get(f"/photos/{photo}?page=4711", headers=HTML).status_code == 404


def test_a_photo_that_is_not_there_is_said_so(client, home):
    assert client.get("/photos/4711", headers=HTML).status_code == 404


def test_boxes_are_switched_off_and_keys_lead_on(served, tab, photos):
    tab.goto(f"{served}/photos/{photos[0]}")
    boxes = tab.locator(".crop svg")
    assert boxes.is_visible()
    tab.keyboard.press("b")
    assert not boxes.is_visible()
    with tab.expect_navigation():
        tab.keyboard.press("j")
    assert tab.url == f"{served}/photos/{photos[1]}"


def test_a_drawn_photo_that_waits_is_not_read_yet_and_can_be_answered(client, photos):
    there = client.get(f"/photos/{photos[0]}.json").json()["pages"][0]
    page, edition = there["id"], there["edition"]
    drawn = {"box": [20, 260, 140, 400], "coder": "Ann"}
    photo = client.post(f"/api/v1/pages/{page}/photos", json=drawn).json()["id"]
    text = photo_page(client, photo)
    assert "The machine has not looked at this photo yet" in text
    assert f'href="/pages/{page}?mode=correct"' in text
    assert 'data-measure="children"' in text
    assert 'data-measure="figure:Kim"' in text
    rows = csv_rows(client.get(f"/photos/{photo}.csv"))
    assert all(not row["probability"] for row in rows if row["kind"] != "photo")
    assert client.get(f"/photos/{photo}.json").json()["focus"] is None
    answer = {"coder": "Ann", "answers": {"children": True}}
    assert client.post(f"/api/v1/photos/{photo}/reviews", json=answer).is_success
    children = photo_page(client, photo).partition('<th scope="row">children</th>')[2]
    assert '<b class="settled">yes</b>' in children.partition("</tr>")[0]
    text = shown(client, f"/pages/{page}")
    assert f'<li id="photo-{photo}"' in text
    text = shown(client, f"/editions/{edition}")
    assert re.search(rf'href="/photos/{photo}" aria-label="[^"]*: children"', text)
    assert "1 photo is not read yet and has no place here." in text


def test_a_photo_names_the_other_prints_of_its_picture(client, home, photos):
    first, _, last = sorted(photos)
    assert "Printed before" not in photo_page(client, last)
    with home.database.write() as session:
        for one, other in ((first, last), (last, first)):
            session.add(ReprintRow(photo_id=one, other_id=other, places=60, likeness=0.8))
    text = photo_page(client, last)
    assert "Printed before" in text
    assert f'<a href="/photos/{first}"><img src="/api/v1/photos/{first}/image?width=160"' in text
    assert "Printed again" not in text
    text = photo_page(client, first)
    assert "Printed again" in text
    assert f'<a href="/photos/{last}"><img src="/api/v1/photos/{last}/image?width=160"' in text
    assert "Printed before" not in text
    assert "이전에 실린 적 있음" in shown(client, f"/photos/{last}?lang=ko")
    told = [client.get(f"/api/v1/photos/{one}").json()["reprint_of"] for one in (first, last)]
    assert told == [None, first]
    (print_,) = client.get(f"/api/v1/photos/{first}/similar").json()["reprints"]
    assert (print_["id"], print_["earlier"]) == (last, False)
    alike = shown(client, f"/gallery?like={first}")
    assert "1 other print of this picture is stored." in alike
    assert alike.count("the same picture") == 1
