"""The IIIF Image API, held against the validator of the IIIF community at level 2."""

import io
import socket
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files

import numpy as np
import pytest
import uvicorn
from fastapi.testclient import TestClient
from PIL import Image

from presslens.app.main import create_app
from presslens.app.services.catalogue.pages import page_ids
from presslens.pipelines.view import write_view

from ..first_states import made_once

ORIGIN = {"Origin": "https://viewer.example", "Sec-Fetch-Site": "cross-site"}


@pytest.fixture
@made_once
def page(home, upload, worker, make):
    """Return the address of the picture of a page of 700 × 1100 pixels."""
    edition = upload({"a.png": make([(40, 40, 200, 160)], size=(700, 1100))}).json()
    worker.drain()
    ((_, page),) = page_ids(home, edition["id"])
    return f"/api/v1/iiif/{page}"


@pytest.fixture
def served(settings, home, upload, worker):
    """Serve the picture of the validator over HTTP; return address and identifier of it."""
    picture = files("iiif_validator").joinpath("validation_image.png").read_bytes()
    edition = upload({"squares.png": picture}).json()["id"]
    worker.drain()
    ((_, page),) = page_ids(home, edition)
    app = create_app(settings.model_copy(update={"public": True}))
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1/iiif", str(page)
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def validated(address, identifier):
    """Yield (test, result) of each test of the validator that level 2 asks for, or that is claimed.

    Its own runner needs Python 3.12, and its tests don't.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from iiif_validator.tests import test as validator
    server = validator.TargetServer(address, identifier, validator.IIIFVersion.V3)
    features = server.feature_set()
    claimed = {*features.extra_features, *features.extra_formats, *features.extra_qualities}
    for test in validator.get_tests(server.version):
        level = test.compliance_level
        level = level[server.version] if isinstance(level, dict) else level
        names = test.extra_name or []
        names = {names} if isinstance(names, str) else set(names)
        if level <= validator.ComplianceLevel.LEVEL_2 or names & claimed or "Caching" in test.name:
            results = test.run(server)
            yield from (
                (test.name, one) for one in (results if isinstance(results, list) else [results])
            )


def test_the_validator_finds_level_2(served):
    results = list(validated(*served))
    assert [(name, one) for name, one in results if not one.success] == []
    assert len({name for name, _ in results}) >= 25


def test_the_information_is_what_a_viewer_needs(client, page):
    answer = client.get(f"{page}/info.json")
    assert answer.headers["content-type"] == "application/json"
    info = answer.json()
    assert info["id"] == f"http://localhost{page}"
    assert (info["width"], info["height"], info["profile"]) == (700, 1100, "level2")
    assert info["tiles"] == [{"width": 512, "height": 512, "scaleFactors": [1, 2, 4]}]
    assert info["sizes"][0] == {"width": 175, "height": 275}
    for size in info["sizes"]:
        part = client.get(f"{page}/full/{size['width']},{size['height']}/0/default.jpg")
        assert opened(part).size == (size["width"], size["height"])
    ld = client.get(f"{page}/info.json", headers={"Accept": "application/ld+json"})
    assert ld.headers["content-type"].startswith("application/ld+json;profile=")
    assert ld.headers["etag"] != answer.headers["etag"]
    moved = client.get(page, follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (303, f"{info['id']}/info.json")


def opened(answer):
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(answer.content))


def test_pictures_show_their_part_of_the_page(client, page):
    def colour(part, at):
        return opened(client.get(f"{page}/{part}")).convert("RGB").getpixel(at)

    paper, photo = (255, 255, 255), (90, 100, 110)
    assert near(colour("0,0,400,400/max/0/default.png", (100, 100)), photo)
    assert near(colour("0,0,400,400/max/0/default.png", (300, 100)), paper)
    assert near(colour("0,0,400,400/40,40/!0/default.jpg", (29, 10)), photo)
    assert near(colour("0,0,400,400/40,40/!0/default.jpg", (10, 10)), paper)
    assert near(colour("0,0,400,400/40,40/90/default.jpg", (29, 10)), photo)
    assert near(colour("0,0,400,400/40,40/180/default.jpg", (29, 29)), photo)
    assert near(colour("0,0,400,400/40,40/270/default.jpg", (10, 29)), photo)
    assert colour("0,0,400,400/40,40/0/bitonal.png", (10, 10)) == (0, 0, 0)
    assert opened(client.get(f"{page}/square/100,/90/gray.jpg")).mode == "L"


def near(one, other):
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) < 8


def test_a_browser_is_not_sent_a_picture_twice(client, page):
    first = client.get(f"{page}/0,0,512,512/512,512/0/default.jpg")
    assert first.headers["link"] == (
        f'<http://localhost{page}/0,0,512,512/max/0/default.jpg>;rel="canonical",'
        '<http://iiif.io/api/image/3/level2.json>;rel="profile"'
    )
    tag = first.headers["etag"]
    again = client.get(str(first.url), headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = client.get(f"{page}/0,0,512,512/511,511/0/default.jpg", headers={"If-None-Match": tag})
    assert other.status_code == 200


def test_errors_have_the_statuses_of_the_specification(client, page, subtests):
    for part, status in {
        "info.json?x=1": 422, "full/max/0/default.jpg": 200, "full/full/0/default.jpg": 400,
        "full/701,/0/default.jpg": 400, "full/^701,/0/default.jpg": 501,
        "full/max/45/default.jpg": 501, "full/max/0/default.gif": 501,
        "full/max/0/default.exe": 400, "full/max/0/best.jpg": 400,
        "700,0,1,1/max/0/default.jpg": 400, "full/max/0": 404,
    }.items():  # fmt: skip
        with subtests.test(part):
            assert client.get(f"{page}/{part}").status_code == status


def test_other_sites_may_read_only_what_is_public(client, settings, page):
    address = f"{page}/full/10,/0/default.jpg"
    assert client.get(address, headers=ORIGIN).status_code == 403
    public = create_app(settings.model_copy(update={"public": True}))
    with TestClient(public, base_url="http://localhost") as other:
        for method in ("GET", "HEAD", "OPTIONS"):
            answer = other.request(method, address, headers=ORIGIN)
            assert answer.is_success
            assert answer.headers["access-control-allow-origin"] == "*"
            assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert other.request("HEAD", address).content == b""


def test_tiles_that_are_asked_for_at_once_are_cut_once(client, home, page, monkeypatch):
    made = []
    put = home.derivatives.__class__.put

    def counted(self, sha256, name, write):
        made.append(name)
        return put(self, sha256, name, write)

    monkeypatch.setattr(home.derivatives.__class__, "put", counted)
    parts = [f"0,{512 * i},512,{76 if i == 2 else 512}" for i in range(3)] * 4
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda part: client.get(f"{page}/{part}/max/0/default.jpg"), parts))
    assert [answer.status_code for answer in answers] == [200] * 12
    assert len({answer.content for answer in answers}) == 3
    assert len(made) == 1


def test_a_page_of_many_pixels_is_served_in_parts(client, home, page):
    large = np.full((6000, 6000, 3), 200, np.uint8)
    (view,) = (home.storage.root / "views").rglob("*.jpg")
    write_view(large, view)
    info = client.get(f"{page}/info.json").json()
    assert (info["width"], info["maxArea"]) == (6000, 16_000_000)
    whole = opened(client.get(f"{page}/full/max/0/default.jpg")).size
    assert whole == (4000, 4000)
    assert client.get(f"{page}/full/4001,4001/0/default.jpg").status_code == 400
    thin = opened(client.get(f"{page}/full/1,6000/0/default.jpg"))
    assert thin.size == (1, 6000)
