"""A team that codes: who gets which photos, how far each is, and what there is to talk about."""

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import expect

from presslens.app.main import create_app
from presslens.app.services.exports.canonical_dump import canonical_dump

from ..answers import csv_rows
from ..cli.conftest import installed, invoke
from ..first_states import made_once
from .conftest import shown

HTML = {"accept": "text/html"}
SAMPLES = "/api/v1/samples"
__all__ = ["installed"]


@pytest.fixture
@made_once
def sample(client, photos):
    body = {"measures": ["people"], "items": 3, "second": 1.0, "name": "ours", "coders": ["A", "B"]}
    return client.post(SAMPLES, json=body).json()["id"]


def items_of(client, sample):
    items = client.get(f"{SAMPLES}/{sample}/items").json()["items"]
    return [(one["item"], one["coder"], one["second_coder"]) for one in items]


def answer(client, sample, coder, item, shows=True, **more):
    one = {
        "client_id": f"device-{coder}-{item}",
        "item": item,
        "answers": {"people": shows},
        **more,
    }
    body = {"coder": coder, "answers": [one]}
    return client.post(f"{SAMPLES}/{sample}/answers", json=body).json()["answers"][0]


def test_open_photos_go_to_others_and_back(client, home, sample):
    drawn = items_of(client, sample)
    assert [first for _, first, _ in drawn] == ["A", "B", "A"]
    answer(client, sample, "A", drawn[0][0], seconds=2)
    page = shown(client, f"/review/{sample}/team")
    assert '<option value="B">B (' in page
    assert "0 have a rare answer, and go to a second coder by themselves" in page
    before = canonical_dump(home)
    form = {"name": ["C", "D", ""], "parts": ["2", "1", "1"], "coder": "Lea"}
    moved = client.post(f"/review/{sample}/assign", data=form, follow_redirects=False)
    assert moved.headers["location"] == f"/review/{sample}/team"
    after = items_of(client, sample)
    assert after[0][1] == "A"  # it is coded
    assert [first for _, first, _ in after[1:]] == ["C", "D"]
    assert all(first != second for _, first, second in after)
    state = client.get(f"{SAMPLES}/{sample}").json()
    assert set(state["coders"]) == {name for _, *names in after for name in names}
    rows = {one["coder"]: one for one in csv_rows(client.get(f"/review/{sample}/team.csv"))}
    assert (rows["A"]["items"], rows["A"]["pace"], rows["A"]["seconds"]) == ("1", "1.0", "2.0")
    assert int(rows["C"]["open"]) == int(rows["C"]["assigned"]) >= 1
    assert client.get(f"/review/{sample}.json", params={"coder": "C"}).json()["left"] >= 1
    (edit,) = client.get("/api/v1/edits", params={"action": "assign items"}).json()["edits"]
    assert (edit["coder"], edit["target"]) == ("Lea", "sample")
    assert "photos assigned" in shown(client, "/edits")
    client.post(f"/api/v1/edits/{edit['id']}/undo", json={})
    assert items_of(client, sample) == drawn
    assert canonical_dump(home) == before

    one = {"parts": {"B": 1}, "of": "A"}
    assert client.post(f"{SAMPLES}/{sample}/assign", json=one).status_code == 200
    assert items_of(client, sample)[2][1:] == ("B", None)  # nobody is left to be the second
    for refused in ({"parts": {}}, {"parts": {"B": 0}}, {"parts": {"E": 1}, "of": "nobody"}):
        assert client.post(f"{SAMPLES}/{sample}/assign", json=refused).status_code == 422
    letters = {"name": ["C"], "parts": ["x"]}
    assert client.post(f"/review/{sample}/assign", data=letters, headers=HTML).status_code == 422


def test_items_are_assigned_by_command(client, sample, installed):
    invoke("samples", "assign", "ours", "--coder", "E", "--coder", "E", "--coder", "F")
    assert [first for _, first, _ in items_of(client, sample)] == ["E", "F", "E"]


def test_a_flag_is_answered_beside_the_photo_and_settled(client, home, photos):
    before = canonical_dump(home)
    asked = {"coder": "A", "note": "a boy or a man?", "question": "children"}
    flag = client.post(f"/api/v1/photos/{photos[0]}/flags", json=asked).json()
    assert (flag["photo"], flag["answers"], flag["settled_at"]) == (photos[0], [], None)
    assert "1 photo to talk about" in shown(client, "/review")
    for address in ("/review/talk", f"/photos/{photos[0]}"):
        assert "a boy or a man?" in shown(client, address)
    assert "a boy or a man?" not in shown(client, f"/photos/{photos[1]}")
    said = {"flag": flag["id"], "text": "look at the collar", "coder": "B", "back": "/review"}
    back = client.post("/review/talk", data=said, follow_redirects=False)
    assert back.headers["location"] == "/review"
    address = f"/api/v1/flags/{flag['id']}"
    assert client.post(f"{address}/answers", json={"coder": "B", "text": " "}).status_code == 422
    (row,) = csv_rows(client.get("/review/talk.csv"))
    assert (row["answers"], row["question"]) == ("B: look at the collar", "children")
    settled = client.post(f"{address}/settle", json={"coder": "A"}).json()
    assert settled["settled_by"] == "A"
    for again, more in (("settle", {}), ("answers", {"text": "but"})):
        refused = client.post(f"{address}/{again}", json={"coder": "B", **more})
        assert refused.status_code == 409
    assert "photo to talk about" not in shown(client, "/review")
    assert client.get("/api/v1/flags", params={"open": True}).json()["flags"] == []
    assert len(client.get("/api/v1/flags", params={"photo": photos[0]}).json()["flags"]) == 1
    flagged = {"photo": photos[1], "text": "a drawing?", "coder": "B"}
    client.post("/review/talk", data=flagged, headers=HTML)
    assert "a drawing?" in shown(client, f"/photos/{photos[1]}")
    unknown = {"coder": "A", "note": "?", "question": "no measure"}
    assert client.post(f"/api/v1/photos/{photos[0]}/flags", json=unknown).status_code == 422
    assert client.post("/api/v1/photos/999/flags", json=asked).status_code == 404
    now_flagged = canonical_dump(home)
    assert now_flagged == before or "a drawing?" in now_flagged


def test_the_codebook_has_photos_and_own_answers_are_changed_side_by_side(client, sample):
    items = [item for item, *_ in items_of(client, sample)]
    photos = [one["photo"] for one in client.get(f"{SAMPLES}/{sample}/items").json()["items"]]
    for coder, answers in (("A", (True, True, False)), ("B", (True, False, False))):
        for item, shows in zip(items, answers, strict=True):
            answer(client, sample, coder, item, shows)
    address = f"/review/{sample}/codebook"

    def examples(coder):
        (entry,) = client.get(f"{address}.json", params={"coder": coder}).json()["entries"]
        assert entry["hint"] == "Not: statues, painted or printed persons inside the picture."
        return {one["name"]: [it["photo"] for it in one["photos"]] for one in entry["groups"]}

    assert examples("C") == {}  # all of them wait for this coder
    shown_to_a = examples("A")
    assert sorted(photo for found in shown_to_a.values() for photo in found) == sorted(
        {photos[0], photos[2]}
    )
    ruling = {"client_id": "device-ruling", "item": items[1], "answers": {"people": True}}
    body = {"coder": "Cho", "answers": [{**ruling, "adjudicates": True}]}
    client.post(f"{SAMPLES}/{sample}/answers", json=body)
    assert photos[1] in examples("A")["border"]
    page = shown(client, address, coder="A")
    assert "At the border, and settled" in page
    assert f'href="/photos/{photos[1]}"' in page

    mine = client.get("/review/mine.json", params={"coder": "A", "measure": "people"}).json()
    assert [one["photo"] for one in mine["answers"]] == [photos[1], photos[0]]
    assert f'value="{photos[0]}"' in shown(client, "/review/mine", coder="A", measure="people")
    change = {"photo": photos[1], "question": "people", "answer": "no", "shown": "yes"}
    done = client.post("/review/mine", data={**change, "coder": "A"}, follow_redirects=False)
    assert done.headers["location"] == "/review/mine?measure=people&answer=yes#changed"
    left = csv_rows(client.get("/review/mine.csv", params={"coder": "A", "measure": "people"}))
    assert [int(one["photo"]) for one in left] == [photos[0]]
    focus = {**change, "question": "focus", "answer": "neither", "shown": "neither", "coder": "A"}
    assert client.post("/review/mine", data=focus, headers=HTML).status_code == 200
    said = client.get("/review/mine.json", params={"coder": "A", "measure": "focus_neither"}).json()
    assert [one["photo"] for one in said["answers"]] == [photos[1]]
    wrong = client.post("/review/mine", data={**focus, "answer": "yes"}, headers=HTML)
    assert wrong.status_code == 422

    further = {"measures": ["people", "children"], "items": 3, "name": "further"}
    assert client.post(SAMPLES, json=further).status_code == 201
    assert examples("A") == {}, "another sample asks of them too, and waits for this coder"


def test_programs_invite_and_train_a_coder(client, sample):
    invited = client.post("/api/v1/invitations", json={"name": "Cho"})
    assert (invited.status_code, invited.json()["role"]) == (201, "reviewer")
    assert invited.json()["path"].startswith("/i/pi_")
    address = f"/api/v1/invitations/{invited.json()['id']}"
    revoked = client.delete(address).json()
    assert client.get("/api/v1/invitations").json()["invitations"] == [revoked]
    assert (client.get(invited.json()["path"]).status_code, revoked["accepted_at"]) == (404, None)

    asked = {"name": "Cho", "coder": "Ann", "items": 3}
    refused = client.post(f"{SAMPLES}/{sample}/trainings", json=asked)
    assert (refused.status_code, "nothing to learn from yet" in refused.text) == (422, True)
    for item, *_ in items_of(client, sample)[:2]:
        for coder in ("A", "B"):
            answer(client, sample, coder, item)
    training = client.post(f"{SAMPLES}/{sample}/trainings", json=asked).json()
    assert (training["sample"], training["coder"], training["made_by"]) == (sample, "Cho", "Ann")
    assert [one["known"] for one in training["items"]] == [None, None]
    own = f"/api/v1/trainings/{training['id']}"
    said = {"place": 0, "answer": "no", "coder": "Cho"}
    assert client.post(f"{own}/answers", json={**said, "coder": "B"}).status_code == 403
    assert client.post(f"{own}/answers", json={**said, "answer": "perhaps"}).status_code == 422
    client.post(f"{own}/answers", json=said)
    told = client.post(f"{own}/answers", json={**said, "answer": "yes"}).json()
    first, second = told["items"]
    assert (first["answer"], first["known"], second["known"]) == ("no", "yes", None)
    assert (told["accuracy"]["people"]["n"], told["accuracy"]["people"]["right"]) == (1, 0)
    assert client.get(own).json() == told
    for params, found in (({"sample": sample}, [told]), ({"coder": "A"}, [])):
        assert client.get("/api/v1/trainings", params=params).json()["trainings"] == found


SWIPE = """([right, down]) => {
  const stage = document.querySelector("[data-show=stage]");
  const at = (name, x, y) => stage.dispatchEvent(new PointerEvent(name, {
    bubbles: true, pointerType: "touch", isPrimary: true, clientX: x, clientY: y,
  }));
  at("pointerdown", 200, 200);
  at("pointerup", 200 + right, 200 + down);
}"""


def test_the_desk_is_dark_flags_swipes_and_shows_the_codebook(client, sample, served, open_tab):
    items = [item for item, *_ in items_of(client, sample)]
    answer(client, sample, "A", items[0])
    tab = open_tab(viewport={"width": 390, "height": 844}, has_touch=True)
    tab.context.add_cookies([{"name": "presslens_coder", "value": "A", "url": served}])
    tab.goto(f"{served}/review/{sample}")
    desk, stage = tab.locator("#desk"), tab.locator(".stage img")
    expect(stage).to_be_visible()
    tab.keyboard.press("x")
    expect(desk).to_have_class("desk surround")
    assert tab.evaluate("document.documentElement.dataset.theme") == "dark"
    tab.keyboard.press("]")
    expect(tab.locator("#messages")).to_contain_text("Brightness 115%")
    assert stage.evaluate("one => getComputedStyle(one).filter") == "brightness(1.15)"
    tab.locator(".tools summary").click()
    tab.locator("[data-do=surround]").click()
    expect(desk).to_have_class("desk")
    tab.reload()  # the brightness is kept for the session, the surround is not
    expect(stage).to_be_visible()
    assert stage.evaluate("one => getComputedStyle(one).filter") == "brightness(1.15)"

    tab.keyboard.press("b")
    book = tab.locator("dialog.book")
    expect(book).to_contain_text("Not: statues")
    expect(book.locator("img")).to_have_count(1)  # the photo that A has answered
    tab.keyboard.press("Escape")
    expect(book).to_have_count(0)

    tab.keyboard.press("t")
    tab.keyboard.type("is it a statue?")
    tab.keyboard.press("Enter")
    expect(tab.locator("#messages")).to_contain_text("Flagged to talk about")
    (flag,) = client.get("/api/v1/flags").json()["flags"]
    assert (flag["note"], flag["question"], flag["coder"]) == ("is it a statue?", "people", "A")

    tab.wait_for_function("() => document.querySelector('.stage img')?.naturalWidth > 0")
    tab.evaluate(SWIPE, [-20, 5])  # too short
    expect(tab.locator("[data-show=mine]")).to_have_text("1 of 3")
    tab.evaluate(SWIPE, [-120, 10])
    expect(tab.locator("#messages")).to_contain_text("Swiped: no")
    expect(tab.locator("[data-show=mine]")).to_have_text("2 of 3")
    tab.locator("[data-do=undo]").click()
    expect(tab.locator("[data-show=mine]")).to_have_text("1 of 3")
    tab.keyboard.press("?")
    expect(tab.locator("dialog[open]")).to_contain_text("swipe right for yes")


def test_a_changed_entry_of_the_codebook_asks_its_photos_again_and_no_others(
    client, home, settings, photos, tmp_path
):
    body = {"measures": ["people", "children"], "items": 3, "second": 0, "name": "both"}
    sample = client.post(SAMPLES, json=body).json()["id"]
    items = [item for item, *_ in items_of(client, sample)]
    for item in items[:2]:
        both = {"people": True, "children": True}
        assert answer(client, sample, "A", item, answers=both)["refused"] is None
    assert "asked again" not in shown(client, "/review")
    before = canonical_dump(home)

    def settled(client):
        progress = client.get(f"{SAMPLES}/{sample}").json()["progress"]
        return {measure: counts["answered"] for measure, counts in progress.items()}

    recipe = tmp_path / "changed.toml"
    recipe.write_text(settings.recipe.read_text().replace('"1"', '"1 children=2"', 1))
    with TestClient(
        create_app(settings.model_copy(update={"recipe": recipe})), base_url="http://localhost"
    ) as changed:
        again = "2 photos are asked again: the codebook’s entry on “children” has changed."
        for address in ("/review", f"/review/{sample}"):
            assert again in shown(changed, address)
        desk = changed.get(f"/review/{sample}.json", params={"coder": "A"}).json()
        assert (desk["left"], desk["progress"]["mine"]) == (3, 0)
        assert {(one["item"], one["question"]) for one in desk["before"]} == {
            (item, "people") for item in items[:2]
        }
        # A device that was away sends what it was asked by the entry of before.
        late = {"answers": {"children": True}, "client_id": "device-late", "codebook": "1"}
        sent = answer(changed, sample, "A", items[2], **late)
        assert sent["refused"] is None
        assert settled(changed) == {"people": 2, "children": 3}  # until somebody answers anew
        assert "3 photos are asked again" in shown(changed, "/review")
        changed.post(f"/api/v1/edits/{sent['edit']}/undo", json={})
        unknown = answer(
            changed,
            sample,
            "A",
            items[2],
            **late | {"codebook": "0"} | {"client_id": "device-none"},
        )
        assert unknown["refused"] == "no codebook of this archive has this version"
        new = {"answers": {"children": False}, "client_id": "device-again"}
        given = answer(changed, sample, "A", items[0], **new)
        assert given["refused"] is None
        assert settled(changed) == {"people": 2, "children": 1}
        assert again.replace("2 photos are", "1 photo is") in shown(changed, "/review")
        agreement = changed.get("/api/v1/reviews/agreement").json()["measures"]
        rows = [(one["measure"], one["codebook"], one["coders"]["photos"]) for one in agreement]
        assert rows == [("people", "1", 2), ("children", "2", 1), ("children", "1", 2)]
        (edit,) = changed.get("/api/v1/edits", params={"action": "ask again"}).json()["edits"]
        assert edit["text"] == (
            "the sample both is asked again by the changed entries of the codebook: children"
        )
        changed.post(f"/api/v1/edits/{given['edit']}/undo", json={})
        changed.post(f"/api/v1/edits/{edit['id']}/undo", json={})
        assert settled(changed) == {"people": 2, "children": 2}
    assert canonical_dump(home) == before


def test_a_coder_learns_from_known_answers_and_none_of_it_counts(client, sample):
    items = client.get(f"{SAMPLES}/{sample}/items").json()["items"]
    make = f"/review/{sample}/training"
    form = {"name": "New", "coder": "Lea"}
    refused = client.post(make, data=form, headers=HTML)
    assert refused.status_code == 422
    assert "New has nothing to learn from yet" in refused.text
    for coder in ("A", "B"):
        for one, shows in zip(items, (True, False, True), strict=True):
            answer(client, sample, coder, one["item"], shows)
    numbers = client.get("/api/v1/stats", params={"metric": "people"}).json()
    for _ in range(2):  # the second round has nothing left
        made = client.post(make, data=form, headers=HTML, follow_redirects=False)
    assert made.status_code == 422
    address = "/review/training/1"
    told = client.get(f"{address}.json").json()
    assert (told["coder"], told["made_by"], len(told["items"])) == ("New", "Lea", 3)
    assert {one["known"] for one in told["items"]} == {None}
    assert "Your training" in shown(client, "/review", coder="New")
    assert "Code as New to go on" in shown(client, address)
    assert client.post(address, data={"place": 0, "answer": "yes", "coder": "A"}).status_code == 403
    client.cookies.set("presslens_coder", "New")
    page = shown(client, address)
    assert "Is at least one person visible?" in page
    assert 'data-do="cant_tell"' in page
    photos = {one["photo"]: shows for one, shows in zip(items, (True, False, True), strict=True)}
    for one in told["items"]:
        given = {"place": one["place"], "answer": "yes"}
        there = client.post(address, data=given, follow_redirects=False).headers["location"]
        said = "Right: yes." if photos[one["photo"]] else "You said: yes. People have settled: no."
        assert said in shown(client, there)
        assert "Not: statues" in shown(client, there)
    changed = client.post(address, data={"place": 0, "answer": "no"}, follow_redirects=False)
    assert changed.status_code == 303  # the first answer stays
    for wrong in ({"place": 0, "answer": "leader"}, {"place": 9, "answer": "no"}):
        assert client.post(address, data=wrong).status_code in (404, 422)
    end = client.get(f"{address}.json").json()
    assert end["accuracy"]["people"] == {
        "n": 3, "right": 2, "share": 0.666667, "interval": [0.20766, 0.938508],
    }  # fmt: skip
    page = shown(client, address)
    assert "2 of 3 answered as people have settled it" in page
    assert page.count("yes; settled: no") == 1
    assert "2 of 3 answered as people have settled it" in shown(client, f"/review/{sample}/team")
    assert [one["known"] for one in csv_rows(client.get(f"{address}.csv"))].count("no") == 1
    assert client.get("/api/v1/stats", params={"metric": "people"}).json() == numbers
    assert client.get("/api/v1/reviews", params={"coder": "New"}).json()["reviews"] == []
    # What was told is no known photo to be measured by.
    assert client.get(f"/review/{sample}.json", params={"coder": "New"}).json()["left"] == 0
