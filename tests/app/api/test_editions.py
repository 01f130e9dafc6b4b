"""Uploading editions and reading what became of them, over HTTP."""

import json
import re

import pytest

pytestmark = pytest.mark.both_at_length

EDITIONS = "/api/v1/editions"


def test_the_whole_road(client, worker, upload, scans):
    answer = upload(scans)
    assert answer.status_code == 202
    queued = answer.json()
    assert queued["status"] == "queued"
    assert answer.headers["location"] == f"{EDITIONS}/{queued['id']}" == queued["address"]

    worker.drain()

    edition = client.get(queued["address"]).json()
    assert edition["status"] == "done"
    assert edition["pages"] == edition["pages_finished"] == 3
    assert edition["outcomes"] == {"done": 2, "empty": 1}
    pages = [client.get(page["address"]).json() for page in edition["page_list"]]
    assert [page["source"] for page in pages] == list(scans)
    assert [page["outcome"] for page in pages] == ["done", "done", "empty"]
    assert [len(page["photos"]) for page in pages] == [1, 2, 0]
    assert pages[0]["photos"][0]["box"] == pytest.approx([40, 40, 200, 160], abs=2)
    assert pages[0]["photos"][0]["subjects"]["people"] == {"probability": 0.9, "count": 2}
    composition = client.get(f"{queued['address']}/composition").json()
    assert (composition["pages"], composition["photos"], composition["coverage"]) == (3, 3, 1.0)
    assert composition["shares"]["people"]["n"] == 3
    assert composition["recipe"] == edition["recipe"] == pages[0]["recipe"]


def test_the_same_bytes_are_the_same_edition(client, worker, upload, scans):
    first = upload(scans).json()
    worker.drain()
    second = upload({f"other_{name}": data for name, data in scans.items()}).json()
    assert (second["id"], second["created"], second["status"]) == (first["id"], False, "done")
    assert upload(scans, day="2019-12-17").json()["id"] != first["id"]
    other = upload(scans, publication="Minju Joson").json()
    assert other["id"] != first["id"]
    assert (first["similar"], other["similar"], first["notes"]) == ([], [], [])
    (note,) = other["notes"]
    assert note.startswith("3 of 3 files are in edition 1 too, Rodong Sinmun of 16 December 2019")
    form = {"publication": "minju joson", "date": "2019-12-18"}
    files = [("files", (name, data)) for name, data in scans.items()]
    asked = client.post("/upload", data=form, files=files)
    assert asked.status_code == 409
    assert "Did you mean:" in asked.text
    assert 'name="new_newspaper"' in asked.text
    spelled = upload(scans, publication="minju joson").json()
    assert (spelled["similar"], spelled["created"]) == (["Minju Joson"], True)
    turned = dict(reversed(scans.items()))
    assert upload(turned).status_code == 409
    assert upload(turned, mode="replace").json()["id"] != first["id"]


def test_bad_files_become_pages_with_a_reason(client, worker, upload, scans):
    files = {"a.jpg": b"only text", "b.png": b"", **scans, "c.jpg": b"\xff\xd8\xff\xe0 broken"}
    address = upload(files).json()["address"]
    worker.drain()
    edition = client.get(address).json()
    assert edition["status"] == "done"
    pages = [client.get(page["address"]).json() for page in edition["page_list"]]
    assert [page["outcome"] for page in pages] == [
        "rejected", "rejected", "done", "done", "empty", "rejected"
    ]  # fmt: skip
    assert [page["reason"].split(":")[0] for page in pages if "reason" in page] == [
        "unknown_format", "empty_file", "corrupt"
    ]  # fmt: skip
    composition = client.get(f"{address}/composition").json()
    assert (composition["pages"], composition["pages_seen"]) == (6, 3)
    assert composition["coverage"] == 0.5


def test_no_edition_is_made_of_files_that_are_no_scans(client, home, upload):
    """Neither it nor its newspaper, and nothing of them is stored."""
    files = {"note.txt": b"nothing but text", "a.jpg": b"", "b.jpg": b"GIF89a, in truth"}
    for code, spoken in (("en", "whatever its name"), ("ko", "이름과 달리")):
        client.headers["Accept-Language"] = code
        answer = upload(files, publication="Nodong")
        assert answer.status_code == 422
        assert [one["field"] for one in answer.json()["errors"]] == list(files)
        assert spoken in answer.json()["errors"][0]["message"]
        assert "note.txt" in answer.json()["detail"]
    form = {"publication": "Nodong", "date": "2019-12-16", "new_newspaper": "true"}
    sent = [("files", (name, data)) for name, data in files.items()]
    page = client.post("/upload", data=form, files=sent)
    assert (page.status_code, "<code>b.jpg</code>" in page.text) == (422, True)
    assert client.get(EDITIONS).json()["editions"] == []
    papers = client.get("/api/v1/publications").json()["publications"]
    assert "Nodong" not in [one["name"] for one in papers]
    assert list(home.storage.scans()) == []


def test_an_edition_without_a_readable_page_is_offered_for_deletion(client, worker, upload):
    """With the newspaper that its upload has made."""
    sent = upload({"fake.jpg": b"\xff\xd8\xff\xe0 broken"}, publication="Nodong").json()
    worker.drain()
    edition = client.get(sent["address"]).json()
    assert (edition["status"], edition["readable_pages"]) == ("failed", 0)
    page = client.get(f"/editions/{sent['id']}").text
    assert page.count("data-delete=") == 2
    assert page.index("data-delete=") < page.index('id="change"')
    assert client.delete(sent["address"]).status_code == 204
    papers = client.get("/api/v1/publications").json()["publications"]
    assert "Nodong" not in [one["name"] for one in papers]


def test_an_edition_of_bad_files_has_failed(client, worker, upload):
    address = upload({"a.jpg": b"only text", "b.pdf": b"%PDF-1.7 broken"}).json()["address"]
    worker.drain()
    edition = client.get(address).json()
    assert edition["status"] == "failed"
    assert edition["outcomes"] == {"rejected": 2}
    assert client.get(f"{address}/composition").json()["photos_per_page"] is None
    events = client.get(f"{address}/events", headers={"Accept-Language": "ko"}).text
    (line,) = [one for one in events.splitlines() if one.startswith("data: ")]
    reasons = [page["reason"] for page in json.loads(line.removeprefix("data: "))["page_list"]]
    assert [bool(re.search("[가-힣]", one)) for one in reasons] == [True, True], reasons


def test_progress_is_sent_until_the_end(client, worker, upload, scans):
    address = upload(scans).json()["address"]
    worker.drain()
    answer = client.get(f"{address}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    line = next(line for line in answer.text.splitlines() if line.startswith("data: "))
    assert json.loads(line.removeprefix("data: "))["status"] == "done"


def test_the_list_is_filtered_and_goes_on(client, upload, scans):
    days = ["2019-12-14", "2019-12-16", "2019-12-15"]
    for day in days:
        upload(scans, day=day)
    upload(scans, publication="Minju Joson", day="2019-12-20")
    chosen = {"publication": "Rodong Sinmun", "limit": 2}
    first = client.get(EDITIONS, params=chosen).json()
    assert [edition["date"] for edition in first["editions"]] == ["2019-12-16", "2019-12-15"]
    second = client.get(EDITIONS, params={**chosen, "cursor": first["next"]}).json()
    assert [edition["date"] for edition in second["editions"]] == ["2019-12-14"]
    assert second["next"] is None
    some = client.get(EDITIONS, params={"from": "2019-12-15", "to": "2019-12-19"}).json()
    assert [edition["date"] for edition in some["editions"]] == ["2019-12-16", "2019-12-15"]


@pytest.mark.parametrize(
    ("path", "headers"), [(f"{EDITIONS}.csv", {}), (EDITIONS, {"Accept": "text/csv"})]
)
def test_the_list_is_a_table_that_no_spreadsheet_calculates(client, upload, scans, path, headers):
    upload(scans, publication="=HYPERLINK()")
    answer = client.get(path, headers=headers)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.splitlines()[1].split(",")[1] == "'=HYPERLINK()"


def test_a_composition_counts_the_photos_of_each_enrolled_figure(
    client, worker, upload, scans, make
):
    for name, role in (("Ri", "official"), ("Kim", "leader")):
        figure = client.post("/api/v1/figures", json={"name": name, "role": role}).json()
        photos = [("files", ("a.png", make(faces=1, tint=len(name))))]
        client.post(f"/api/v1/figures/{figure['id']}/references", files=photos)
    client.post("/api/v1/figures", json={"name": "Pak", "role": "official"})
    address = upload(scans).json()["address"]
    worker.drain()
    composition = client.get(f"{address}/composition").json()
    kim, ri = composition["figures"]
    assert list(composition["figures_not_known"]) == ["Pak"]
    assert (kim["name"], kim["role"], ri["name"], ri["role"]) == ("Kim", "leader", "Ri", "official")
    once, never = {"sure": 1, "unsure": 0}, {"sure": 0, "unsure": 0}
    assert kim["photos"] == kim["front_page"] == kim["lead_photos"] == once
    assert kim["share"]["machine"] == pytest.approx(0.8 / 3, abs=1e-4)
    assert (kim["share"]["n"], ri["share"]["n"]) == (3, 3)
    assert ri["share"]["machine"] == pytest.approx(0.125 / 3, abs=1e-4)
    assert ri["photos"] == never
    assert kim["companions"] == {}


def test_what_waits_is_not_taken_for_nothing(client, upload, scans):
    composition = client.get(f"{upload(scans).json()['address']}/composition").json()
    assert composition["coverage"] is None
    assert composition["shares"]["people"]["share"] is None
