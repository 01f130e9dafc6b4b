"""The page of data protection, in both languages, with its twins, linked from every page."""

import io

from presslens.app.services.figures.figures import enrol_figure
from presslens.app.services.ingest.upload import Incoming

from ..conftest import NOW
from .conftest import shown

HTML = {"accept": "text/html"}


def test_the_page_says_what_is_stored_and_how_it_is_erased(client, home, worker, make):
    photos = [Incoming("a.png", io.BytesIO(make(faces=1)))]
    enrol_figure(home, "Kim", photos, public_role="head of state", coder="Anna", now=NOW)
    worker.drain()
    page = shown(client, "/privacy")
    assert "presslens privacy erase figure" in page
    assert "head of state" in page
    assert "The name of 1 coder is stored." in page
    assert "Anna" not in page
    assert "Embeddings are not encrypted" in page
    document = client.get("/privacy.json").json()
    assert document["coders"] == 1
    assert document["references"] == {
        "faces": 1, "children": 0, "embeddings": 1, "embeddings_of_children": 0,
    }  # fmt: skip
    assert "Kim,embeddings,1" in client.get("/privacy.csv").text
    assert 'href="/privacy"' in shown(client, "/method")
    korean = client.get("/privacy", headers=HTML | {"accept-language": "ko"}).text
    assert "개인정보 보호" in korean
    assert "공적 인물만" in korean
