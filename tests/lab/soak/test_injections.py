"""Text is text wherever it is given: it is neither run, nor opened, nor shown as markup."""

from urllib.parse import urljoin, urlsplit

import pytest
from sqlalchemy import func, select

from presslens.app.db.tables import METADATA
from presslens.lab.bench import specimens
from presslens.lab.soak.injections import (
    PAYLOADS,
    StringPlace,
    inject,
    injections_of,
    page_routes,
    places,
)

EACH = 1
"""Payloads of each place, which take turns; the long check sends all."""

OUTSIDE = (
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
    "https://evil.example", "http:evil.example", "https:evil.example", "javascript:alert(1)",
    "data:text/html,x", "/%09/evil.example", "/\n/evil.example", " //evil.example", "evil.example",
    "/\\/evil.example", "//evil.example/%2f..", "/../\\evil.example", "\t//evil.example",
    "//localhost@evil.example", "/\r\n/evil.example",
)  # fmt: skip


@pytest.fixture
def filled(home):
    """Fill the archive of a test with specimens."""
    specimens.fill(home, 2, photos=2)


def rows(home):
    """Return the number of rows of each table."""
    with home.database.read() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in METADATA.sorted_tables
        }


def test_payloads_do_nothing_at_any_place(client, home, filled, tmp_path):
    found = list(places(client.get("/openapi.json").json(), page_routes()))
    assert len(found) > 500
    assert len(set(PAYLOADS)) == 60
    reading = [place for place in found if place.method == "GET"]
    before, beside = rows(home), set(tmp_path.iterdir())
    assert list(inject(client, injections_of(reading, EACH))) == []
    assert rows(home) == before
    changing = [place for place in found if place.method != "GET"]
    assert list(inject(client, injections_of(changing, EACH))) == []
    # Page 1 is taken out by its own DELETE, whoever is said to do so, and kept as a removed one.
    assert {name for name, count in rows(home).items() if count < before[name]} <= {"page"}
    assert set(tmp_path.iterdir()) == beside
    stored = home.storage.root
    assert not [path for path in stored.rglob("*") if not path.resolve().is_relative_to(stored)]


def test_every_payload_meets_the_search_of_photos(client, home, filled):
    names = ("publication", "figure", "label", "text", "cursor")
    asked = (
        (StringPlace("GET", "/api/v1/photos", name=name), payload)
        for name in names
        for payload in PAYLOADS
    )
    before = rows(home)
    assert list(inject(client, asked)) == []
    assert rows(home) == before


def test_what_a_payload_would_bring_about_is_noticed(client, monkeypatch):
    monkeypatch.setattr("presslens.lab.soak.injections.EFFECTS", ("presslens",))
    noticed = inject(client, [(StringPlace("GET", "/", name="lang"), "en")])
    assert list(noticed) == ["GET / lang(): 'en': it holds 'presslens'"]


def test_an_error_of_the_server_is_noticed(client, home):
    with home.database.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE edit RENAME TO gone")
    noticed = list(inject(client, [(StringPlace("GET", "/edits", name="coder"), "A")]))
    assert noticed == ["GET /edits coder(): 'A': 500"]


def test_a_format_in_a_word_is_only_text(client):
    page = client.get("/edits", params={"target": "100%s", "lang": "ko"})
    assert page.status_code == 200
    assert "100%s" in page.text


@pytest.mark.parametrize("address", OUTSIDE)
def test_no_redirect_leaves_the_site(client, address):
    answer = client.post("/preferences", data={"back": address}, follow_redirects=False)
    assert answer.status_code == 303
    # Browsers take out tabs and line ends, and read backslashes as slashes.
    led = answer.headers["location"].translate({9: None, 10: None, 13: None, 92: "/"})
    assert urlsplit(urljoin("http://localhost/", led)).netloc == "localhost"
