"""Pages that say something else of themselves than their uploaders, from the scan to the reader."""

import io
from datetime import date

import numpy as np
import pytest
from PIL import Image as Pillow
from sqlalchemy import select, true, update

from presslens.app.db.folios import FolioRow
from presslens.app.db.tables import PageRow
from presslens.app.services.catalogue.folio_checks import mismatched_pages
from presslens.app.services.catalogue.pages import find_page, page_outcomes
from presslens.app.services.corrections.editions import EditionChange, change_edition
from tests.app.conftest import DAY, NOW

LETTERS = "0123456789- mnopqrstuvwxyz"


def headed(text: str) -> bytes:
    """Return a page that says of itself what the scripted reader reads: a day, a number, a name."""
    page = np.full((560, 900, 3), 250, np.uint8)
    x = 10
    for letter in text:
        width = 4 + LETTERS.index(letter)
        page[6:14, x : x + width] = (10, 10, 230)
        x += width + 4
    file = io.BytesIO()
    Pillow.fromarray(page).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def edition(home, worker, put):
    """An edition whose second page is of another day, and its third numbered otherwise."""
    pages = {
        "page_1.png": headed(f"{DAY} 1 mm"),
        "page_2.png": headed("2019-05-17 2 mm"),
        "page_3.png": headed(f"{DAY} 7 mm"),
    }
    edition = put(pages).edition_id
    worker.drain()
    return edition


def warnings(home, edition):
    return [page["mismatches"] for page in page_outcomes(home, edition)]


DOUBTS = [
    [],
    [f"the page reads 2019-05-17, this edition is of {DAY}"],
    ["the page reads number 7, it is page 3 of this edition"],
]


def test_a_page_of_another_day_is_noticed_wherever_warnings_are(home, edition, client):
    assert warnings(home, edition) == DOUBTS
    pages = page_outcomes(home, edition)
    for page, doubts in zip(pages, DOUBTS, strict=True):
        found = find_page(home, page["id"]).to_json()["warnings"]
        assert [warning for warning in found if "the page reads" in warning] == doubts
    folio = client.get(f"/api/v1/pages/{pages[1]['id']}").json()["folio"]
    assert (folio["day"], folio["number"], folio["name"]) == ("2019-05-17", 2, "mm")
    listed = client.get(f"/api/v1/editions/{edition}").json()["page_list"]
    assert [page["mismatches"] for page in listed] == DOUBTS
    assert (
        "the page reads 17 May 2019, this edition is of 16 December 2019"
        in client.get(f"/editions/{edition}").text
    )
    korean = client.get(f"/editions/{edition}", headers={"accept-language": "ko"}).text
    assert "this edition is of" not in korean
    assert "2019년 5월 17일" in korean


def test_the_night_names_the_edition_and_its_pages(home, edition):
    notes = mismatched_pages(home, true())
    assert notes == [
        f"Rodong Sinmun {DAY} (edition {edition}), page {number}: {doubts[0]}"
        for number, doubts in enumerate(DOUBTS, start=1)
        if doubts
    ]


def test_a_warning_goes_when_the_edition_is_corrected(home, edition):
    change = EditionChange(day=date(2019, 5, 17))
    change_edition(home, edition, change, coder=None, now=NOW)
    first, second, _ = warnings(home, edition)
    assert (first, second) == ([f"the page reads {DAY}, this edition is of 2019-05-17"], [])


def test_a_page_that_was_observed_before_there_were_folios_is_not_doubted(home, edition):
    with home.database.write() as session:
        for row in session.scalars(select(FolioRow)):
            session.delete(row)
    assert warnings(home, edition) == [[], [], []]
    with home.database.read() as session:
        page = session.scalars(select(PageRow.id)).first()
    assert find_page(home, page).to_json()["folio"] is None


def test_two_pages_that_read_one_other_day_are_believed_where_one_is_not(home, worker, put):
    pages = {f"page_{n}.png": headed(f"2019-05-17 {n} mm") for n in (1, 2)}
    edition = put(pages | {"page_3.png": headed(f"{DAY} 3 mm")}).edition_id
    worker.drain()
    with home.database.write() as session:
        session.execute(update(FolioRow).values(day_confidence=0.79))
    said = DOUBTS[1]
    assert warnings(home, edition) == [said, said, []]
    assert mismatched_pages(home, true()) == [
        f"Rodong Sinmun {DAY} (edition {edition}), page 1, 2: {said[0]}"
    ]
    doubted = find_page(home, page_outcomes(home, edition)[0]["id"]).to_json()
    assert said[0] in doubted["warnings"]
    assert doubted["folio"]["day_confidence"] == 0.79
    with home.database.write() as session:
        session.execute(update(FolioRow).values(day_confidence=0.6))
    assert warnings(home, edition) == [[], [], []]
