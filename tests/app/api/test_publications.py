"""Newspapers over HTTP: names, merging, mastheads, and filters that know all names."""

import io

from PIL import Image as Pillow

from ..answers import csv_rows

API = "/api/v1/publications"


def test_two_spellings_are_merged_and_parted(client, upload, worker, scans, make):
    upload(scans)
    upload({"b.png": make(tint=9)}, publication="rodong sinmun", day="2019-12-17")
    worker.drain()
    before = client.get(API).json()["publications"]
    papers = {one["name"]: one for one in before}
    old, new = papers["rodong sinmun"], papers["Rodong Sinmun"]
    assert old["similar"] == [new["id"]]
    assert new["aliases"] == ["Nodong Sinmun", "勞動新聞", "노동신문", "로동신문"]
    photos = {name: len(client.get("/api/v1/photos", params={"publication": name})
                        .json()["photos"]) for name in papers}  # fmt: skip
    address = f"{API}/{new['id']}"
    taken = client.patch(address, json={"name": "rodong sinmun"})
    assert (taken.status_code, "merge" in taken.json()["detail"]) == (409, True)
    plan = client.get(f"{address}/merge", params={"from": old["id"]}).json()
    assert (len(plan["editions"]), plan["conflicts"]) == (1, [])
    done = client.post(f"{address}/merge", json={"from": old["id"], "coder": "A"}).json()
    assert (done["editions"], done["merged"]["names"]) == (2, ["rodong sinmun"])
    for name in papers:
        found = client.get("/api/v1/photos", params={"publication": name}).json()["photos"]
        assert len(found) == sum(photos.values())
        assert {one["publication"] for one in found} == {"Rodong Sinmun"}
        facets = client.get("/api/v1/photos/facets", params={"publication": name}).json()
        assert facets["facets"]["publication"][-1]["chosen"]
    assert client.post(f"/api/v1/edits/{done['edit']}/undo").status_code == 200
    assert client.get(API).json()["publications"] == before
    (row,) = (row for row in csv_rows(client.get(f"{API}.csv"))
              if row["name"] == "Rodong Sinmun")  # fmt: skip
    assert row["aliases"].startswith("Nodong Sinmun; ")


def test_a_newspaper_is_described(client, upload):
    added = client.post(API, json={"name": "Minju Choson", "kind": "state", "coder": "A"})
    assert added.status_code == 201
    address = added.headers["Location"]
    assert added.json()["kind"] == "state"
    given = {"aliases": ["민주조선"], "usual_pages": 4, "weekdays": [1, 2, 3, 4, 5, 6],
             "languages": ["ko", "en"], "country": "KP"}  # fmt: skip
    changed = client.patch(address, json=given).json()
    assert changed.items() >= {**given, "publication": "Minju Choson"}.items()
    assert client.patch(address, json=given).json()["edit"] is None
    assert client.patch(address, json={"usual_pages": None}).json()["usual_pages"] is None
    edits = client.get("/api/v1/edits", params={"target": "publication"}).json()["edits"]
    assert [one["coder"] for one in edits] == ["unnamed", "unnamed", "A"]
    for wrong in {"weekdays": [0]}, {"languages": ["Klingonish"]}, {"kind": "large"}:
        assert client.patch(address, json=wrong).status_code == 422
    assert client.get(f"{API}/99").status_code == 404
    assert client.get(f"{API}/99/validity").status_code == 404


def test_a_newspaper_has_the_numbers_of_libraries(client):
    given = {
        "name": "The Times",
        "identifiers": ["https://portal.issn.org/resource/ISSN/0140-0460"],
    }
    added = client.post(API, json=given)
    address = added.headers["Location"]
    (issn,) = added.json()["identifiers"]
    assert issn == {
        "scheme": "issn", "value": "0140-0460",
        "address": "https://portal.issn.org/resource/ISSN/0140-0460",
    }  # fmt: skip
    taken = client.post(API, json={"name": "Other", "identifiers": ["issn:0140-0460"]})
    assert (taken.status_code, "merge" in taken.json()["detail"]) == (409, True)
    changed = client.patch(address, json={"identifiers": ["issn:0140-0460", "ark:/12148/cb3"]})
    assert client.patch(address, json={"identifiers": ["times"]}).status_code == 422
    rows = {row["name"]: row["identifiers"] for row in csv_rows(client.get(f"{API}.csv"))}
    assert rows["The Times"] == "issn:0140-0460 ark:/12148/cb3"
    assert client.post(f"/api/v1/edits/{changed.json()['edit']}/undo").status_code == 200
    assert client.get(address).json()["identifiers"] == [issn]


def test_a_newspaper_says_which_of_its_numbers_are_valid(client, upload, worker, make):
    upload({"a.png": make(persons=1)})
    worker.drain()
    (edition,) = client.get("/api/v1/editions").json()["editions"]
    (paper,) = (one for one in client.get(API).json()["publications"] if one["editions"])
    found = client.get(f"{API}/{paper['id']}/validity").json()
    states = {one["measure"]: (one["state"], one["offered"]) for one in found["measures"]}
    assert states["photos"] == ("valid", True)
    assert states["children"] == ("to be checked", True)
    composition = client.get(f"/api/v1/editions/{edition['id']}/composition").json()
    assert composition["shares"]["children"]["validity"] == "to be checked"
    rows = csv_rows(client.get("/api/v1/stats.csv", params={"metric": "children"}))
    assert {row["validity"] for row in rows} == {"to be checked"}


def test_misspelt_newspapers_are_said(client, upload, scans):
    upload(scans)
    for path, query in (
        ("photos", {"publication": "Rodong Sinmum"}),
        ("photos/facets", {"publication": "Rodong Sinmum"}),
        ("exports/csv", {"publication": "Rodong Sinmum"}),
        ("stats/compare", {"a_publication": "Rodong Sinmum", "b_to": "2019-01-01"}),
        ("stats", {"publication": "Rodong Sinmum", "metric": "photos"}),
    ):
        answer = client.get(f"/api/v1/{path}", params=query)
        assert answer.status_code == 422, path
        assert "did you mean Rodong Sinmun?" in answer.json()["detail"]


def test_a_masthead_is_given_or_cut_from_a_page(client, upload, worker, scans, make):
    upload(scans)
    worker.drain()
    page = client.get("/api/v1/editions/1").json()["page_list"][0]["id"]
    paper = client.get("/api/v1/editions/1").json()["publication"]
    (state,) = client.get(API, params={"publication": paper}).json()["publications"]
    address = f"{API}/{state['id']}/masthead"
    assert client.get(f"{address}.jpg").status_code == 404
    box = {"page": page, "box": [0, 0, 200, 50], "coder": "A"}
    cut = client.put(address, json=box).json()
    assert cut["masthead"] == f"{address}.jpg"
    assert Pillow.open(io.BytesIO(client.get(cut["masthead"]).content)).size == (200, 50)
    png = {"content-type": "image/png"}
    given = client.put(address, content=make(size=(1280, 200)), headers=png).json()
    assert Pillow.open(io.BytesIO(client.get(given["masthead"]).content)).size == (640, 100)
    client.post(f"/api/v1/edits/{given['edit']}/undo")
    assert Pillow.open(io.BytesIO(client.get(cut["masthead"]).content)).size == (200, 50)
    assert client.put(address, content=b"%PDF-1.4", headers=png).status_code == 422
    assert client.put(address, json={"page": page, "box": [0]}).status_code == 422
    assert client.put(address, json={**box, "box": [9000, 0, 9100, 9]}).status_code == 422
    assert client.delete(address).json()["masthead"] is None
