"""A backup that somebody made to do harm restores nothing, and is refused by a reason."""

import hashlib
import io
import json
import shutil
import sqlite3
import tarfile
from contextlib import closing

import pytest

from presslens.app.installation import open_installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.settings import Settings
from presslens.app.preservation.backup import back_up
from presslens.app.preservation.manifest import DATABASE, MANIFEST, copy_and_hash
from presslens.app.preservation.restore import restore_backup

from ..conftest import NOW, RECIPE


@pytest.fixture
def target(tmp_path):
    return Settings(data_dir=tmp_path / "target", recipe=RECIPE, min_free_bytes=0)


@pytest.fixture
def backup(full, tmp_path):
    """The folder of a good backup."""
    back_up(full, tmp_path / "backup", now=NOW, is_folder=True)
    return tmp_path / "backup"


def refused(settings, source):
    """Return why a backup is refused; nothing of it is left."""
    with pytest.raises(InvalidRequest) as said:
        restore_backup(settings, source)
    left = [file.name for file in settings.data_dir.rglob("*") if file.is_file()]
    assert left in ([], [".presslens"])
    return str(said.value)


def list_again(backup):
    """Let the manifest of a backup say the size and the hash that its database has."""
    content = (backup / DATABASE).read_bytes()
    manifest = json.loads((backup / MANIFEST).read_text())
    entry = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    manifest["files"][DATABASE] = entry
    (backup / MANIFEST).write_text(json.dumps(manifest))


def test_no_more_of_a_file_is_read_than_the_manifest_says(tmp_path):
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size=-1):
            self.given += size
            return b"\0" * size

    endless, copy = Endless(), io.BytesIO()
    assert copy_and_hash(endless, copy, most=5).size == len(copy.getvalue()) == endless.given == 6
    assert copy_and_hash(io.BytesIO(b"12345"), most=5) == copy_and_hash(io.BytesIO(b"12345"))


def test_a_compressed_backup_is_not_unpacked(backup, target, tmp_path):
    for kind in ("gz", "xz"):
        packed = tmp_path / f"b.tar.{kind}"
        with tarfile.open(packed, f"w:{kind}") as tar:
            tar.add(backup, ".")
        assert f"b.tar.{kind} is no backup of Presslens: it can't be" in refused(target, packed)
    packed.write_bytes(packed.read_bytes()[:-1000])
    assert "uncompressed TAR" in refused(target, packed)


def test_only_whole_files_of_a_tar_count(backup, target, tmp_path):
    for number, path in enumerate((MANIFEST, DATABASE)):
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE):
            file = tmp_path / f"{number}{kind.decode()}.tar"
            with tarfile.open(file, "w") as tar:
                for name in (MANIFEST, DATABASE):
                    if name != path:
                        tar.add(backup / name, name)
                member = tarfile.TarInfo(path)
                member.type, member.linkname = kind, path
                tar.addfile(member)
            assert ("no backup of", f"{path} is missing")[number] in refused(target, file)


def test_headers_that_name_headers_have_an_end(target, tmp_path):
    member = tarfile.TarInfo("././@LongLink")
    member.type, member.size = tarfile.GNUTYPE_LONGNAME, 1
    block = member.tobuf(tarfile.GNU_FORMAT) + b"a".ljust(tarfile.BLOCKSIZE, b"\0")
    (tmp_path / "deep.tar").write_bytes(block * 5000)
    assert "deep.tar is no backup" in refused(target, tmp_path / "deep.tar")


def test_what_no_migration_makes_is_refused_by_name(backup, target, tmp_path, subtests):
    back = "CREATE TRIGGER back AFTER DELETE ON login BEGIN INSERT INTO login SELECT old.*; END"
    assert sqlite3.complete_statement(back + ";")
    cases = {
        "trigger back": [back.replace("SELECT old.*", "(id) VALUES (old.id)")],
        "view seen": ["CREATE VIEW seen AS SELECT * FROM account"],
        "table more (is too much)": ["CREATE TABLE more (id INTEGER)"],
        "index ix_more (is too much)": ["CREATE INDEX ix_more ON login (account_id)"],
        "table login (has more TEXT)": ["ALTER TABLE login ADD COLUMN more TEXT"],
        "table caption (is missing)": ["DROP TABLE caption"],
        "trigger back; view login": [
            "ALTER TABLE login RENAME TO more",
            "CREATE VIEW login AS SELECT * FROM more",
            "CREATE TRIGGER back INSTEAD OF DELETE ON login BEGIN SELECT 1; END",
        ],
    }
    for number, (what, statements) in enumerate(cases.items()):
        with subtests.test(msg=what):
            bad = tmp_path / f"bad-{number}"
            shutil.copytree(backup, bad)
            with closing(sqlite3.connect(bad / DATABASE)) as connection:
                for statement in statements:
                    connection.execute(statement)
                connection.commit()
            list_again(bad)
            assert refused(target, bad).endswith(f"not as Presslens makes it: {what}")


def test_statistics_of_sqlite_are_no_harm(backup, target):
    with closing(sqlite3.connect(backup / DATABASE)) as connection:
        connection.execute("ANALYZE")
        connection.commit()
    list_again(backup)
    assert restore_backup(target, backup).files > 8
    with open_installation(target) as home, home.database.read() as session:
        assert session.connection().exec_driver_sql("PRAGMA trusted_schema").scalar() == 0


def test_a_database_that_is_none_is_refused(backup, target):
    good = (backup / DATABASE).read_bytes()
    for content in (b"x" * 10_000, good[:100] + b"\xff" * (len(good) - 100), good[:5000]):
        (backup / DATABASE).write_bytes(content)
        list_again(backup)
        assert f"{DATABASE} can't be used as a database (" in refused(target, backup)
    (backup / DATABASE).write_bytes(good)
    list_again(backup)
    assert restore_backup(target, backup).files > 8
