"""Enrolling figures re-interprets what was seen before, without pixels."""

FIGURES = "/api/v1/figures"


def references(client, figure, **files):
    uploads = [("files", (name, data)) for name, data in files.items()]
    return client.post(f"{FIGURES}/{figure['id']}/references", files=uploads)


def test_a_later_figure_is_found_in_earlier_photos(client, worker, engine, upload, scans, make):
    address = upload(scans).json()["address"]
    worker.drain()
    shares = client.get(f"{address}/composition").json()["shares"]
    assert shares["leader"]["decided"] == 0
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
    assert client.post(FIGURES, json={"name": "Kim"}).json() == first.json()
    for _ in range(2):
        answer = references(client, first.json(), photo=make(faces=1))
    assert len(answer.json()["references"]) == 1
