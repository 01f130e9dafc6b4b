"""A copy has what the archive has, is bounded, and leaves the archive as it is."""

import shutil

import pytest

from presslens.app.db import schema
from presslens.app.drill import archive_copy
from presslens.app.drill.archive_copy import copy_archive
from presslens.app.installation import open_installation
from presslens.app.platform.errors import DiskFull
from presslens.app.preservation.check import ArchiveFault, check_archive
from presslens.app.services.exports.canonical_dump import canonical_dump


def test_a_copy_has_the_rows_and_files_of_the_archive(full_on, tmp_path):
    before = canonical_dump(full_on)
    copy = copy_archive(full_on.settings, tmp_path / "copy")
    assert canonical_dump(full_on) == before
    assert (copy.editions, copy.of, copy.revision) == (1, 1, schema.revisions()[-1])
    with open_installation(copy.settings) as home:
        assert home.database.engine.dialect.name == "sqlite"
        assert canonical_dump(home) == before
    missing = {one.what for one in check_archive(copy.settings).findings}
    assert not missing & copy.files


def test_of_a_large_archive_the_newest_editions_are_copied(full, tmp_path):
    copy = copy_archive(full.settings, tmp_path / "copy", most=-1)
    assert (copy.editions, copy.of, copy.files) == (0, 1, frozenset())
    findings = check_archive(copy.settings).findings
    assert {one.fault for one in findings} == {ArchiveFault.MISSING}


def test_without_room_nothing_is_copied(full, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(archive_copy.shutil, "disk_usage", lambda _: usage._replace(free=10_000))
    with pytest.raises(DiskFull, match="the drill needs"):
        copy_archive(full.settings, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
