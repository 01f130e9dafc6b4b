"""No cell of any CSV begins as a formula does, and our own import reads back what was quoted."""

import csv
import io
import re
import zipfile

import pytest
from sqlalchemy import select, true, update

from presslens.app.db.claims import ClaimRow, EventRow
from presslens.app.db.edits import EditRow
from presslens.app.db.page_reviews import PageReviewRow
from presslens.app.db.reviews import ReviewRow
from presslens.app.db.tables import CaptionRow
from presslens.app.services.reviews.csv_import import import_reviews
from presslens.lab.bench import specimens

from .conftest import NOW

BEGIN = ("=", "+", "-", "@", "\t", "\r")
FORMULAS = [f"{begin}cmd|' /C calc'!A{number}" for number, begin in enumerate(BEGIN)]
WRITTEN = (
    ClaimRow.statement, ClaimRow.note, EventRow.title, EventRow.place, EventRow.source,
    ReviewRow.note, PageReviewRow.note, CaptionRow.text, EditRow.coder,
)  # fmt: skip
ID = re.compile(r"{\w+}")
NEEDED = {
    "/stats": "metric=people",
    "/stats/changes": "metric=people&publication=Rodong Sinmun",
    "/stats/compare": "a_to=2015-01-02&b_from=2015-01-03",
    "/stats/multiverse": "metric=people",
    "/stats/photos": "metric=people",
    "/stats/trend": "metric=photos&publication=Rodong Sinmun",
    "/baseline": "edition=1",
}
ONE_RECIPE = "/recipes/compare.csv"
"""Compares two recipes, by numbers; an archive of specimens has one."""


@pytest.fixture
def formulas(home):
    """Fill an archive, whose texts begin as formulas do."""
    specimens.fill(home, 3, photos=3)


def write(home, first):
    """Have each column say one of the formulas in turn."""
    with home.database.write() as session:
        for number, column in enumerate(WRITTEN, first):
            text = FORMULAS[number % len(FORMULAS)]
            # Events of a day have other titles.
            where = EventRow.id == 1 if column.class_ is EventRow else true()
            session.execute(update(column.class_).where(where).values({column.key: text}))


def tables(client):
    """Yield each CSV that the API writes, by its address."""
    for path in client.get("/openapi.json").json()["paths"]:
        short = path.removeprefix("/api/v1").removesuffix(".csv")
        asked = f"{ID.sub('1', path)}?{NEEDED.get(short, '')}"
        if path.endswith(ONE_RECIPE) or not path.endswith(
            (".csv", "/exports/csv", "/exports/photos")
        ):
            continue
        answer = client.get(asked)
        assert answer.status_code == 200, (asked, answer.text)
        if answer.headers["content-type"].startswith("text/csv"):
            yield path, answer.text
        elif answer.headers["content-type"] == "application/zip":
            with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
                for name in files.namelist():
                    if name.endswith(".csv"):
                        yield f"{path} {name}", files.read(name).decode()


def is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True


@pytest.mark.sqlite_alone
@pytest.mark.parametrize(
    "first", [0, *(pytest.param(n, marks=pytest.mark.long) for n in range(1, len(FORMULAS)))]
)
def test_no_cell_is_a_formula(client, home, formulas, subtests, first):
    write(home, first)
    quoted, seen = set(), set()
    for name, table in tables(client):
        seen.add(name)
        cells = [cell for row in csv.reader(io.StringIO(table, newline="")) for cell in row]
        quoted |= {text for text in FORMULAS if f"'{text}" in cells}
        begun = [cell for cell in cells if cell.startswith(BEGIN) and not is_number(cell)]
        with subtests.test(msg=name):
            assert begun == []
    assert len(seen) > 40
    assert quoted == set(FORMULAS)


@pytest.mark.parametrize("text", [*FORMULAS, "'=quoted", "''tis", "'tis"])
def test_what_was_quoted_is_read_back(client, home, formulas, text):
    with home.database.write() as session:
        session.execute(update(ReviewRow).values(note=text))
    exported = client.get("/api/v1/reviews.csv").text
    read = import_reviews(home, io.StringIO(exported, newline=""), now=NOW)
    with home.database.read() as session:
        notes = select(ReviewRow.note, ReviewRow.coder).where(ReviewRow.id.in_(read.reviews))
        rows = session.execute(notes).all()
    assert {row.note for row in rows} == {text}
    assert {row.coder for row in rows} == {"A", "-B"}
