"""The search: what words find, in either language, and what they don't."""

from datetime import date

from presslens.app.platform import clock
from presslens.app.services.claims.claims import NewClaim, add_claim

from .conftest import shown


def test_words_find_days_newspapers_photos_claims_and_pages(
    client, home, worker, put, captioned_page
):
    client.post("/api/v1/figures", json={"name": "Kim", "role": "leader"}).raise_for_status()
    edition = put({"page_1.png": captioned_page}).edition_id
    worker.drain()
    photo = client.get("/api/v1/photos?text=abcd").json()["photos"][0]
    paper, day = photo["publication"], date.fromisoformat(photo["date"])
    for of in ("Another", paper):
        claim = NewClaim(f"The {of} had two pages.", "pages = 2", of, day, day)
        add_claim(home, claim, now=clock.now())

    def found(text, **query):
        answer = client.get("/search.json", params={"q": text, **query}).json()
        return {group["kind"]: group["hits"] for group in answer["groups"]}

    assert [one["address"] for one in found(day)["days"]] == [f"/editions/{edition}"]
    assert "/api/v1/pages/" in found(day)["days"][0]["picture"]
    assert found(paper[:4].upper())["newspapers"][0]["title"] == paper
    for text, title in (("ABC", "abcd"), ("yzyz", "zyzyzy")):
        hit = found(text)["photos"][0]
        assert hit["title"] == title
        assert hit["address"].startswith("/photos/")
    claims = found("two pages")["claims"]
    assert [one["title"].split()[1] for one in claims][:2] == [paper.split()[0], "Another"]
    assert found("intervals")["help"][0]["address"] == "/method#intervals"
    assert found("어린이")["subjects"] == found("children")["subjects"]
    assert found("내보내기")["help"][0]["address"] == "/export"
    assert found("sample")["help"][0]["address"] == "/review/new"
    assert found("지도자", lang="ko")["figures"][0]["detail"] == "지도자"
    assert found("children", lang="ko")["subjects"][0]["title"] == "사진: 어린이"
    assert found("") == found("   ") == found("no such thing") == {}
    assert len(found("e", most=1)["help"]) == 1
    page = shown(client, f"/search?q={day}")
    assert f'href="/editions/{edition}"' in page
    assert "Nothing was found." in shown(client, "/search?q=no+such+thing")
    assert "&lt;b&gt;" in shown(client, "/search?q=<b>")
    assert client.get(f"/search.csv?q={day}").text.startswith("kind,title,detail,address")
    for text in ("\0a", "a" * 201):  # SQLite ends a text at NUL, so that it would find everything
        assert client.get("/search.json", params={"q": text}).status_code == 422
