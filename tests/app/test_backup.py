from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from app.backup import back_up
from app.errors import InvalidRequest
from app.installation import Installation, init_installation, open_installation
from app.services.exports.canonical_dump import canonical_dump
from app.services.ingest.upload import Incoming, ingest
from app.services.ingest.upload_mode import UploadMode
from app.settings import Settings

from .conftest import DAY, NOW, RECIPE


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(data_dir=tmp_path / "data", recipe=RECIPE, min_free_bytes=0)
    init_installation(settings)
    return settings


def upload(home: Installation, content: bytes) -> str:
    ingest(
        home,
        [Incoming("page.jpg", BytesIO(content))],
        publication="Sample",
        edition_date=DAY,
        now=NOW,
        mode=UploadMode.SEPARATE,
    )
    return next(iter(reversed(list(home.storage.scans()))))


def test_a_backup_is_an_installation_with_the_same_content(
    settings: Settings, tmp_path: Path
) -> None:
    with open_installation(settings) as home:
        upload(home, b"one")
        done = back_up(home, tmp_path / "copy")
        content = canonical_dump(home)
        scans = list(home.storage.scans())
    assert (done.copied, done.kept, done.deleted) == (1, 0, 0)
    elsewhere = Settings(data_dir=tmp_path / "copy", recipe=RECIPE, min_free_bytes=0)
    with open_installation(elsewhere) as copy:
        assert canonical_dump(copy) == content
        assert list(copy.storage.scans()) == scans
        copy.storage.check()


def test_a_second_backup_copies_what_is_new_and_deletes_what_was_erased(
    settings: Settings, tmp_path: Path
) -> None:
    with open_installation(settings) as home:
        upload(home, b"one")
        back_up(home, tmp_path / "copy")
        (erased,) = home.storage.scans()
        home.storage.remove(erased, unless_put_after=float("inf"))
        upload(home, b"two")
        upload(home, b"three")
        done = back_up(home, tmp_path / "copy")
        scans = list(home.storage.scans())
    assert (done.copied, done.kept, done.deleted) == (2, 0, 1)
    kept = Settings(data_dir=tmp_path / "copy", recipe=RECIPE, min_free_bytes=0)
    with open_installation(kept) as copy:
        assert list(copy.storage.scans()) == scans
        assert erased not in scans


def test_a_folder_that_holds_something_else_is_left_alone(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "mine.txt").write_text("mine")
    with open_installation(settings) as home:
        with pytest.raises(InvalidRequest, match="holds something else"):
            back_up(home, tmp_path / "photos")
        for within in (tmp_path / "data" / "copy", tmp_path):
            with pytest.raises(InvalidRequest, match="in one another"):
                back_up(home, within)
    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["mine.txt"]
