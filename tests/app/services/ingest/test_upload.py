"""What comes in is kept as it is, and named as text."""

import pytest

from app.db.tables import EditionRow
from app.errors import InvalidRequest
from app.services.catalogue.pages import find_page, page_ids


def names(home, edition_id):
    with home.database.read() as session:
        return [file.name for file in session.get_one(EditionRow, edition_id).files]


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd", "/etc/passwd", "..%2f..%2fpasswd", "a\\..\\b.png", "C:\\b.png",
        "CON", ".hidden", "\uff0e\uff0e/x", "x" * 300, "a\0b.png", "a\nb.png", "\u202egnp.exe", "",
    ],
)  # fmt: skip
def test_names_are_only_text(home, put, worker, make, name, tmp_path):
    before = {path for path in tmp_path.rglob("*") if not path.is_relative_to(home.storage.root)}
    edition = put({name: make()}).edition_id
    worker.drain()
    kept = names(home, edition)[0]
    assert 0 < len(kept) <= 255
    assert kept.isprintable()
    assert find_page(home, page_ids(home, edition)[0][1]).outcome == "done"
    after = {path for path in tmp_path.rglob("*") if not path.is_relative_to(home.storage.root)}
    assert {path for path in after - before if not path.name.startswith("test.db")} == set()
    assert all(len(sha256) == 64 for sha256 in home.storage.scans())


def test_an_edition_without_files_is_none(home, put):
    with pytest.raises(InvalidRequest):
        put({})
