"""The page of the labels: their accuracy, and what to answer about next."""

import re

from .conftest import shown

HTML = {"accept": "text/html"}


def test_labels_are_listed_made_and_taught(client, worker, upload, scans):
    upload(scans)
    worker.drain()
    text = shown(client, "/labels")
    assert "plant interior" in text
    made = client.post("/api/v1/labels", json={"name": "ribbon", "coder": "A"})
    assert (made.status_code, made.json()["name"]) == (201, "ribbon")
    page = shown(client, "/labels?name=ribbon")
    assert "it is not learnt yet" in page
    assert 'href="/gallery?about=label%3Aribbon"' in page
    gallery = shown(client, "/gallery?about=label:ribbon")
    assert '<option value="label:ribbon" selected>' in gallery
    assert re.search(r'<details class="answering[^>]* open', gallery)
    photo = client.get("/api/v1/photos").json()["photos"][0]["id"]
    assert 'data-measure="label:ribbon"' in shown(client, f"/photos/{photo}")
    alike = shown(client, f"/gallery?like={photo}&about=label:ribbon")
    assert '<option value="label:ribbon" selected>' in alike
    assert "Answer for all that match" not in alike
    assert "Learn it from the answers" in page
    assert "People have answered about it for 0 photos." in page
    refused = client.post("/api/v1/labels/ribbon/learn")
    assert (refused.status_code, "0 photos with it" in refused.json()["detail"]) == (409, True)
    photo = client.get("/api/v1/photos").json()["photos"][0]["id"]
    told = {"coder": "A", "answers": {"label:ribbon": True}}
    assert client.post(f"/api/v1/photos/{photo}/reviews", json=told).status_code == 201
    listed = {one["name"]: one for one in client.get("/labels.json").json()["labels"]}
    assert (listed["ribbon"]["examples"], listed["ribbon"]["taught"]) == (1, True)
    assert client.get("/api/v1/labels/ribbon/borderline").json()["photos"] == []
    assert client.get("/labels?name=nothing", headers=HTML).status_code == 404
