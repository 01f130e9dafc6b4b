"""How pages are cited: by an address that lasts, or by none; and for reference managers."""

import contextlib
import html
import re
from datetime import date

import bibtexparser
import pytest
import rispy
from fastapi.testclient import TestClient

from presslens.app.main import create_app
from presslens.app.platform import clock

from .conftest import shown

PAGES = (
    "/editions/1", "/timeline?metric=children", "/method", "/labels",
    "/gallery?subject=people", "/export?subject=people",
    "/claims/test?rule=photos+%3E+1&publication=Rodong+Sinmun&from=2019-12-16",
)  # fmt: skip
LOOPBACK = ("127.0.0.1", "localhost", "testserver", "http://")


@contextlib.contextmanager
def cited_as(settings, **stated):
    with TestClient(
        create_app(settings.model_copy(update=stated)), base_url="http://127.0.0.1:8000"
    ) as client:
        yield client


def sentence(page):
    return page.partition('<p class="cite">')[2].partition("</p>")[0]


def test_no_page_cites_the_address_that_only_its_own_machine_knows(settings, edition):
    with cited_as(settings) as client:
        for address in PAGES:
            page = shown(client, address)
            assert sentence(page).startswith("Presslens: "), address
            assert not any(place in sentence(page) for place in LOOPBACK), address
            assert "PRESSLENS_PUBLIC_URL" not in page, "that is not for readers"
        assert "set <code>PRESSLENS_PUBLIC_URL</code>" in shown(client, "/runs?lang=en")
        chart = client.get("/api/v1/stats.vl.json?metric=photos").json()
        assert not any(place in "".join(chart["title"]["text"]) for place in LOOPBACK)
        assert "127.0.0.1" not in client.get("/export.json").json()["citation"]


@pytest.mark.parametrize("address", PAGES)
def test_a_page_cites_the_lasting_address_and_the_deposit(settings, edition, address):
    stated = {"public_url": "https://press.example.org", "doi": "10.5281/zenodo.1234"}
    with cited_as(settings, **stated) as client:
        page = shown(client, f"{address}{'&' if '?' in address else '?'}lang=en")
        path, _, query = address.partition("?")
        query = f"?{query}" if query else ""
        asked = f"https://press.example.org{path}{query}".replace("&", "&amp;")
        assert f"{asked} https://doi.org/10.5281/zenodo.1234 (seen on" in sentence(page)
        assert "PRESSLENS_PUBLIC_URL" not in shown(client, "/runs")
        bib, ris, csl = (
            client.get(f"{path}.{ending}{query}") for ending in ("bib", "ris", "csl.json")
        )
    (entry,) = bibtexparser.parse_string(bib.text).entries
    (reference,) = rispy.loads(ris.text)
    (item,) = csl.json()
    assert entry["url"] == item["URL"] == f"https://press.example.org{path}{query}"
    assert entry["doi"] == reference["doi"] == item["DOI"] == "10.5281/zenodo.1234"
    assert reference["title"] == item["title"]
    assert bib.headers["content-type"].startswith("application/x-bibtex")
    assert f'download="{entry.key}.bib"' in page


def test_an_edition_is_cited_by_its_newspaper_day_and_numbers(client, edition):
    page = shown(client, "/editions/1")
    assert sentence(page).startswith(
        "Presslens: Rodong Sinmun, 16 December 2019: composition by photographs, 3 of 3 pages,"
        " 3 photos. Measured by the method "
    )
    (item,) = client.get("/editions/1.csl.json").json()
    assert item["id"].endswith("rodong-sinmun-2019-12-16-1")
    korean = shown(client, "/editions/1?lang=ko")
    assert "노동신문, 2019년 12월 16일: 사진 구성, 3면 중 3면" in sentence(korean)
    (item,) = client.get("/editions/1.csl.json?lang=ko").json()
    assert item["language"] == "ko"
    assert item["id"].endswith("rodong-sinmun-2019-12-16-1")


def test_no_two_pages_have_the_same_key(client, edition):
    others = ("/timeline?metric=people", "/timeline?metric=children&from=2019-12-01")
    entries = (
        client.get(f"{path}.bib{mark}{query}").text.partition(",")[0]
        for path, mark, query in (page.partition("?") for page in (*PAGES, *others))
    )
    assert len(set(entries)) == len(PAGES) + len(others)


def test_a_comparison_is_cited_once_there_are_sides(client, home, add_summary):
    assert client.get("/compare.bib").status_code == 404
    for name in ("Minju", "Rodong"):
        add_summary(date(2026, 1, 2), publication=name)
    (item,) = client.get("/compare.csl.json").json()
    assert item["title"] == "Minju – Rodong"


def test_a_claim_is_cited_by_its_statement(client, edition):
    claim = client.get("/api/v1/claims").json()["claims"][0]
    assert claim["statement"].rstrip(".") in client.get(f"/claims/{claim['id']}.bib").text


def test_a_question_is_cited_with_what_was_registered_and_shown_with_its_chart(client, edition):
    asked = {"q": "Were there more than 100 photos on 16 December?"}
    address = client.post("/ask", data=asked, follow_redirects=False).headers["location"]
    client.post(address, data={"action": "register"})
    (note,) = (one["note"] for one in client.get(f"{address}.csl.json").json())
    claim = address.replace("/ask/", "/claims/")
    sha256 = client.get(f"/api/v1{claim}").json()["frozen_sha256"]
    registered = rf"registered [\d-]{{10}}, when its answer was known, sha256 {sha256}"
    assert re.match(rf"verdict: false; {registered}; numbers by Presslens under recipe \w+$", note)
    today = clock.now().date()
    for page in (shown(client, address), shown(client, claim)):
        drawn = re.search(r'src="(/timeline\.svg\?[^"]*claim=\d+[^"]*)"', page)
        assert drawn
        picture = client.get(html.unescape(drawn[1]))
        assert picture.status_code == 200
        assert "the number of photos was higher than 100: false" in picture.text
        assert "what is claimed: 100" in picture.text
        said = sentence(page)
        when = f"registered {today:%Y-%m-%d}, when its answer was known"
        assert f"Verdict: false; {when}, sha256 {sha256}. Meas" in said
        assert "In an archive without a public address: whoever keeps it finds" in said
        assert "We asked whether" in page
