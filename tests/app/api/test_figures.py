"""Whoever is enrolled or removed, photos are interpreted again, without pixels."""

import io

import pytest
from PIL import Image as Pillow
from sqlalchemy import select, update

from presslens.app.db.figures import DiscardedFileRow, ReferenceFaceRow, ReferenceRow
from presslens.app.db.rows import photo_interpretation
from presslens.app.db.tables import FaceRow, InterpretationRow, SightingRow
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.models.vocabulary import Answer

from ..first_states import made_once

FIGURES = "/api/v1/figures"


def references(client, figure, **files):
    uploads = [("files", (name, data)) for name, data in files.items()]
    return client.post(f"{FIGURES}/{figure['id']}/references", files=uploads)


@pytest.fixture
@made_once
def kim(client, worker, upload, scans, make):
    """A leader who is seen in one photo of an analysed edition."""
    upload(scans)
    figure = client.post(FIGURES, json={"name": "Kim"}).json()
    references(client, figure, good=make(faces=1))
    worker.drain()
    return client.get(f"{FIGURES}/{figure['id']}").json()


def seen(client, name="Kim"):
    return client.get("/api/v1/photos", params={"figure": name}).json()["photos"]


def test_a_later_figure_is_found_in_earlier_photos(client, worker, engine, upload, scans, make):
    address = upload(scans).json()["address"]
    worker.drain()
    shares = client.get(f"{address}/composition").json()["shares"]
    assert shares["leader"]["share"] is shares["leader"]["decided"] is None
    pages_seen = len(engine.runs)

    figure = client.post(FIGURES, json={"name": "Kim", "role": "leader"}).json()
    answer = references(client, figure, good=make(faces=1), none=make(tint=9), bad=b"text")
    assert answer.status_code == 202
    assert {r["status"] for r in answer.json()["references"]} == {"queued"}
    assert client.get(address).json()["status"] == "analysing"

    worker.drain()

    states = {r["name"]: r for r in client.get(FIGURES).json()["figures"][0]["references"]}
    assert {name: r["status"] for name, r in states.items()} == {
        "good": "done", "none": "rejected", "bad": "rejected"
    }  # fmt: skip
    assert states["none"]["reason"].startswith("no_face: ")
    assert states["bad"]["reason"].startswith("unknown_format: ")
    assert client.get(address).json()["status"] == "done"
    assert client.get(f"{address}/composition").json()["shares"]["leader"]["decided"] == 1
    assert sorted(engine.runs[pages_seen:]) == ["bad", "good", "none"]


def test_the_same_figure_and_photo_are_there_once(client, make):
    first = client.post(FIGURES, json={"name": "Kim"})
    assert first.status_code == 201
    assert first.json()["edit"] is not None
    again = client.post(FIGURES, json={"name": "Kim"}).json()
    assert again == {**first.json(), "edit": None}
    for _ in range(2):
        answer = references(client, first.json(), photo=make(faces=1), again=make(faces=1))
    assert [r["name"] for r in answer.json()["references"]] == ["photo"]


def test_each_reference_says_what_it_is_worth(client, worker, make):
    figure = client.post(FIGURES, json={"name": "Kim"}).json()
    photos = {str(i): make(faces=1, tint=i) for i in range(3)}
    references(client, figure, **photos, two=make(faces=2))
    worker.drain()
    found = {r["name"]: r for r in client.get(FIGURES).json()["figures"][0]["references"]}
    assert set(found["0"]) == {
        "id", "name", "status", "reason", "doubt", "quality", "size", "sharpness", "facing",
        "agreement", "origin", "child", "vouched_by", "can_vouch",
        "resembles", "pictured", "image",
    }  # fmt: skip
    for name in photos:
        reference = found[name]
        assert (reference["status"], reference["agreement"]) == ("done", 1)
        assert (reference["facing"], reference["origin"]) == (1, None)
        assert 0 < reference["quality"] <= 1
        assert reference["size"] == pytest.approx((20 * 30) ** 0.5, abs=0.1)
    assert found["two"]["reason"].startswith("several_faces: ")
    assert found["two"]["agreement"] is None


def test_a_changed_role_counts_at_once(client, worker, engine, kim):
    edition = "/api/v1/editions/1"
    assert client.get(f"{edition}/composition").json()["shares"]["leader"]["decided"] == 1
    runs = len(engine.runs)
    answer = client.patch(f"{FIGURES}/{kim['id']}", json={"role": "heir"})
    assert (answer.status_code, answer.json()["role"]) == (200, "heir")
    assert client.get(edition).json()["status"] == "analysing"
    worker.drain()
    assert client.get(edition).json()["status"] == "done"
    share = client.get(f"{edition}/composition").json()["shares"]["leader"]
    assert share["decided"] is None
    assert "nobody is enrolled as a leader" in share["refused"]
    assert len(seen(client)) == 1
    assert len(engine.runs) == runs


def test_a_role_counts_in_its_newspaper_alone(client, worker, kim, upload, make):
    upload({"a.png": make(persons=1, faces=1, tint=9)}, publication="Times of India")
    worker.drain()
    pages = "/api/v1/editions/{}/composition"

    def shares(edition):
        return client.get(pages.format(edition)).json()["shares"]

    assert shares(1)["leader"]["decided"] == 1
    there = shares(2)["leader"]
    assert there["share"] is None
    assert "a leader here" in there["refused"]
    figure = f"{FIGURES}/{kim['id']}"
    assert client.get(figure).json()["roles"] == [
        {"publication": "Rodong Sinmun", "role": "leader"}
    ]
    assert client.patch(figure, json={"role": "leader"}).status_code == 422  # of which of both?
    given = {"role": "leader", "publications": ["Times of India"]}
    edit = client.patch(figure, json=given).json()["edit"]
    states = [client.get(f"/api/v1/editions/{i}").json()["status"] for i in (1, 2)]
    assert states == ["done", "analysing"]  # the pages of that newspaper alone are read again
    worker.drain()
    assert shares(2)["leader"]["share"] is not None
    assert client.post(f"/api/v1/edits/{edit}/undo", json={}).status_code == 200
    worker.drain()
    assert shares(2)["leader"]["share"] is None
    assert shares(1)["leader"]["decided"] == 1
    found = {"figure": "Kim", "publication": "Times of India"}
    assert client.get("/api/v1/photos", params=found).json()["photos"]  # found, and no leader


def test_a_figure_that_is_removed_is_seen_nowhere_at_once(client, home, worker, engine, kim):
    assert len(seen(client)) == 1
    runs = len(engine.runs)
    assert client.delete(f"{FIGURES}/{kim['id']}").status_code == 204
    assert client.get(FIGURES).json()["figures"] == []
    assert client.get("/api/v1/photos", params={"figure": "Kim"}).status_code == 422
    with home.database.read() as session:
        assert session.scalars(select(SightingRow)).all() == []
        assert len(session.scalars(select(DiscardedFileRow)).all()) == 1
    assert client.get("/api/v1/editions/1").json()["status"] == "analysing"
    worker.drain()
    assert client.get("/api/v1/editions/1").json()["status"] == "done"
    assert all(p["figures"] == [] for p in client.get("/api/v1/photos").json()["photos"])
    assert len(engine.runs) == runs
    assert client.delete(f"{FIGURES}/{kim['id']}").status_code == 404


def doubts(home):
    with home.database.read() as session:
        rows = session.scalars(select(InterpretationRow).order_by(InterpretationRow.photo_id))
        return [photo_interpretation(row).doubts for row in rows]


@pytest.mark.parametrize("name", ["김일성", 'Ri "100%" _O', "Ri"])
def test_who_may_be_in_a_photo_counts_and_is_not_listed_and_can_be_removed(
    client, home, worker, kim, make, name
):
    for tint, other in enumerate((name, "Ri An"), start=1):
        figure = client.post(FIGURES, json={"name": other, "role": "official"}).json()
        references(client, figure, good=make(faces=1, tint=tint))
    worker.drain()
    both = tuple(sorted([(name, 0.125), ("Ri An", 0.125)]))
    assert [tuple(sorted(found)) for found in doubts(home)] == [both, (), ()]
    assert seen(client, name) == []
    assert name not in client.get("/api/v1/photos").text
    shares = client.get("/api/v1/editions/1/composition").json()["figures"]
    share = next(f["share"] for f in shares if f["name"] == name)
    assert (share["machine"], share["decided"], share["n"]) == (round(0.125 / 3, 6), 0, 3)

    figure = next(f for f in client.get(FIGURES).json()["figures"] if f["name"] == name)
    assert client.delete(f"{FIGURES}/{figure['id']}").status_code == 204
    # At once, before anything is interpreted again: under other recipes nothing ever is.
    assert doubts(home) == [(("Ri An", 0.125),), (), ()]
    worker.drain()
    assert doubts(home) == [(("Ri An", 0.125),), (), ()]


def test_a_reference_is_seen_removed_and_brought_back(client, home, worker, engine, kim):
    reference = kim["references"][0]
    runs = len(engine.runs)
    assert client.delete(f"{FIGURES}/{kim['id']}/references/99").status_code == 404
    assert client.delete(f"{FIGURES}/99/references/{reference['id']}").status_code == 404
    shown, before = seen(client), canonical_dump(home)
    face = client.get(reference["image"], params={"width": 160})
    with Pillow.open(io.BytesIO(face.content)) as image:
        assert (image.format, image.width <= 160) == ("JPEG", True)
    answer = client.delete(f"{FIGURES}/{kim['id']}/references/{reference['id']}?coder=Ann")
    assert answer.status_code == 204
    worker.drain()
    assert client.get(FIGURES).json()["figures"][0]["references"] == []
    assert client.get(reference["image"]).status_code == 404
    assert seen(client) == []
    assert len(engine.runs) == runs
    edit = answer.headers["presslens-edit"]
    assert client.post(f"/api/v1/edits/{edit}/undo").status_code == 200
    worker.drain()
    assert client.get(FIGURES).json()["figures"][0]["references"] == [reference]
    assert (seen(client), canonical_dump(home)) == (shown, before)
    with home.database.write() as session:
        session.execute(update(ReferenceFaceRow).values(child=0.9))
    assert client.get(reference["image"]).status_code == 404
    assert client.get(FIGURES).json()["figures"][0]["references"][0]["image"] is None
    edits = client.get("/api/v1/edits").json()["edits"]
    added = next(one["id"] for one in edits if one["action"] == "add reference")
    again = client.delete(f"{FIGURES}/{kim['id']}/references/{reference['id']}")
    for undone in (added, again.headers["presslens-edit"]):  # the removal last: nothing comes back
        assert client.post(f"/api/v1/edits/{undone}/undo").status_code == 200
    assert client.get(FIGURES).json()["figures"][0]["references"] == []


def test_the_photos_of_a_figure_are_listed_the_latest_first(client, worker, kim, upload, make):
    upload({"later.png": make(faces=1, tint=4)}, day="2019-12-20")
    upload({"without.png": make(tint=5)}, day="2019-12-21")
    worker.drain()
    address = f"{FIGURES}/{kim['id']}/sightings"
    whole = client.get(address).json()
    assert whole["figure"] == {key: kim[key] for key in ("id", "name", "role", "roles")}
    assert whole["next"] is None
    assert [seen["date"] for seen in whole["sightings"]] == ["2019-12-20", "2019-12-16"]
    first = whole["sightings"][0]
    assert (first["probability"], first["answer"], first["told_by"]) == (0.8, "yes", "face")
    assert (first["appearance"]["people_beside"], first["lead"]) == (0, True)
    photo = client.get(first["photo"]["address"]).json()
    assert photo["figures"][0]["box"] == first["box"]
    page = client.get(first["page"]["address"]).json()
    assert page["photos"][0]["id"] == first["photo"]["id"]

    part = client.get(address, params={"limit": 1}).json()
    rest = client.get(address, params={"limit": 1, "cursor": part["next"]}).json()
    assert part["sightings"] + rest["sightings"] == whole["sightings"]
    assert rest["next"] is None


def test_all_photos_of_a_figure_are_listed_or_those_with_an_answer(client, home, kim):
    with home.database.write() as session:
        session.execute(update(SightingRow).values(probability=0.3, answer=Answer.UNSURE))
    address = f"{FIGURES}/{kim['id']}/sightings"
    found = [
        len(client.get(address, params=query).json()["sightings"])
        for query in ({}, {"answer": "unsure"}, {"answer": "yes"})
    ]
    assert found == [1, 1, 0]


@pytest.fixture
@made_once
def photo(client, worker, upload, scans):
    """The photo of an analysed edition that shows a face."""
    upload(scans)
    worker.drain()
    return client.get("/api/v1/photos", params={"subject": "people"}).json()["photos"][0]


@pytest.mark.parametrize(
    "which", [{}, {"face": 0}, {"box": [50, 100, 70, 130]}, {"box": [47, 95, 72, 133]}]
)
def test_a_face_in_a_photo_becomes_a_reference_without_pixels(client, worker, engine, photo, which):
    figure = client.post(FIGURES, json={"name": "Kim"}).json()
    address = f"{FIGURES}/{figure['id']}/references/from-photo"
    runs = len(engine.runs)
    for _ in range(2):
        answer = client.post(address, json={"photo_id": photo["id"], **which})
    assert answer.status_code == 201
    (reference,) = answer.json()["references"]
    assert (reference["status"], reference["name"]) == ("done", "Rodong Sinmun 2019-12-16, page 1")
    assert reference["origin"]["box"] == [50 / 320, 100 / 440, 70 / 320, 130 / 440]
    assert client.get("/api/v1/editions/1").json()["status"] == "analysing"
    worker.drain()
    assert [p["id"] for p in seen(client)] == [photo["id"]]
    assert len(engine.runs) == runs


def test_what_is_no_face_of_a_photo_is_refused(client, photo):
    figure = client.post(FIGURES, json={"name": "Kim"}).json()
    address = f"{FIGURES}/{figure['id']}/references/from-photo"
    for body, status in (
        ({"photo_id": 999}, 404), ({"face": 1}, 404), ({"face": -1}, 422),
        ({"box": [200, 100, 220, 130]}, 404), ({"box": [50, 100, 70]}, 422),
        ({"face": 0, "box": [50, 100, 70, 130]}, 422), ({"position": 0}, 422),
    ):  # fmt: skip
        assert client.post(address, json={"photo_id": photo["id"], **body}).status_code == status
    assert client.post(address, json={}).status_code == 422
    assert client.get(FIGURES).json()["figures"][0]["references"] == []


def test_a_bad_face_of_a_photo_is_refused_with_its_reason(client, home, photo):
    figure = client.post(FIGURES, json={"name": "Kim"}).json()
    for values, reason in (
        ({"x1": 55.0, "y1": 105.0}, "too_small"), ({"embedding": None}, "not_embedded"),
        ({"child": 0.6}, "child_or_unclear"),
    ):  # fmt: skip
        with home.database.write() as session:
            session.execute(update(FaceRow).values(**values))
            if "embedding" in values:  # it is large enough again
                session.execute(update(FaceRow).values(x1=70.0, y1=130.0))
        address = f"{FIGURES}/{figure['id']}/references/from-photo"
        answer = client.post(address, json={"photo_id": photo["id"]})
        assert answer.status_code == 422
        assert reason in answer.json()["detail"]
    with home.database.read() as session:
        assert session.scalars(select(ReferenceRow)).all() == []


def test_only_public_figures_are_enrolled_and_the_declaration_is_logged(client):
    address = "/api/v1/figures"
    for role in ("leader", "other"):
        blank = {"name": "Neighbour", "role": role, "public_role": " "}
        refused = client.post(address, json=blank)
        assert refused.status_code == 422
        assert "public_role" in refused.text
    assert client.get(address).json()["figures"] == []
    made = client.post(address, json={"name": "Unsaid", "role": "other"})  # clients of before
    edit = client.get(f"/api/v1/edits/{made.json()['edit']}").json()
    assert edit["text"] == "Unsaid is enrolled; no public role is declared"
    declared = {"name": "Ri", "role": "other", "public_role": "chief engineer", "coder": "A"}
    made = client.post(address, json=declared)
    assert made.status_code == 201
    edit = client.get(f"/api/v1/edits/{made.json()['edit']}").json()
    assert edit["text"] == "Ri is enrolled; declared public role: chief engineer"
    for role in ("leader", "heir", "official"):
        made = client.post(address, json={"name": role.title(), "role": role})
        assert made.status_code == 201
        edit = client.get(f"/api/v1/edits/{made.json()['edit']}").json()
        assert edit["text"] == f"{role.title()} is enrolled; {role} of Rodong Sinmun"
