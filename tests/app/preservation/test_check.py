"""A check names everything that is missing, altered or stray, and nothing else."""

import hashlib
import os
import random

import pytest
from sqlalchemy import text

from presslens.app.db.tables import UploadFileRow
from presslens.app.installation import open_installation
from presslens.app.platform.settings import Settings
from presslens.app.preservation.check import ArchiveFault, check_archive
from presslens.app.preservation.repair import repair_archive
from presslens.app.storage.storage import STRAYS
from presslens.pipelines.view import is_intact

from ..conftest import RECIPE


def found(settings, *faults):
    return [one.what for one in check_archive(settings).findings if one.fault in faults]


def test_all_is_well(full):
    report = check_archive(full.settings)
    assert report.findings == []
    views = [p for p in (full.storage.root / "views").rglob("*") if p.is_file()]
    assert report.files == len(list(full.storage.scans())) + len(views) > 8
    assert (report.unsealed, report.bytes > 5_000) == (0, True)
    assert all(is_intact(view) for view in views)


@pytest.mark.sqlite_alone
def test_a_hundred_of_a_hundred_faults_of_each_kind_are_named(home):
    """A hundred scans missing, a hundred altered by a bit, a hundred strays, of 400 files."""
    dice = random.Random(5)
    with home.database.write() as session:
        session.execute(
            text(
                "INSERT INTO edition (id, publication_id, edition_date, content_key, created_at)"
                " SELECT 1, min(id), '2020-01-01', 'k', '2020-01-01' FROM publication"
            )
        )
        hashes = []
        for number in range(300):
            content = dice.randbytes(200 + number)
            hashes.append(hashlib.sha256(content).hexdigest())
            path = home.storage.scan(hashes[-1])
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
            session.add(
                UploadFileRow(
                    edition_id=1, position=number, sha256=hashes[-1], size=1, name=str(number)
                )
            )
    missing, altered = hashes[:100], hashes[100:200]
    for sha256 in missing:
        home.storage.scan(sha256).unlink()
    for sha256 in altered:
        path = home.storage.scan(sha256)
        content = bytearray(path.read_bytes())
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        path.write_bytes(content)
    strays = []
    for number in range(100):
        kind = ("scans", "views")[number % 2]
        known = hashes[200 + number]
        name = dice.choice(
            (
                f"ab/{number:062x}",
                f"cd/{number:062x}-0-0123456789abcdef.jpg",
                f"{number}.txt",
                f"{known[:2]}/{known[2:]}-0-0123456789abcdef.jpg.7.part",
            )
        )
        path = home.storage.root / kind / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"stray")
        strays.append(str(path.relative_to(home.storage.root)))

    def names(hashes):
        return sorted(f"scans/{sha256[:2]}/{sha256[2:]}" for sha256 in hashes)

    assert sorted(found(home.settings, ArchiveFault.MISSING)) == names(missing)
    assert sorted(found(home.settings, ArchiveFault.ALTERED)) == names(altered)
    assert sorted(found(home.settings, ArchiveFault.STRAY)) == sorted(strays)
    assert len(set(strays)) == 100


def test_a_hundred_of_a_hundred_flipped_bits_of_views_are_named(full):
    view = next(p for p in sorted((full.storage.root / "views").rglob("*.jpg")))
    good, dice = view.read_bytes(), random.Random(6)
    named = 0
    for _ in range(100):
        content = bytearray(good)
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        view.write_bytes(content)
        named += is_intact(view) is False
    for size in (0, 1, 100, len(good) - 100, len(good) - 1):
        view.write_bytes(good[:size])
        named += is_intact(view) is False
    assert named == 105
    assert found(full.settings, ArchiveFault.ALTERED) == [str(view.relative_to(full.storage.root))]
    before = good.rpartition(b"\nsha256 ")[0]  # as versions before wrote them
    view.write_bytes(before)
    report = check_archive(full.settings)
    assert (report.findings, report.unsealed) == ([], 1)


def test_each_file_is_said_what_it_is(full):
    for path in (full.storage.root / "scans").rglob("*"):
        if path.is_file():
            path.unlink()
    for path in (full.storage.root / "views").rglob("*.jpg"):
        path.unlink()
    details = {one.detail.rstrip("0123456789 ") for one in check_archive(full.settings).findings}
    assert details == {
        "an upload of edition", "an upload of edition 2, in the trash", "a reference of figure",
        "the picture of an upload of edition",
        "the picture of an upload of edition 2, in the trash",
    }  # fmt: skip


def test_rows_that_refer_to_nothing_are_named(full_on):
    full = full_on
    sqlite, lost = full.database.engine.dialect.name == "sqlite", set()
    with full.database.engine.connect() as connection:
        if sqlite:
            connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
        else:
            connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text("UPDATE sighting SET figure_id = 77"))
        for table in ("review", "page"):
            scan = connection.scalar(text(f"SELECT max(scan_id) FROM {table}"))
            of_scan = connection.execute(text(f"SELECT id FROM {table} WHERE scan_id = {scan}"))
            lost |= {f"{table} {row.id}" for row in of_scan}
            outcome = connection.scalar(text(f"SELECT id FROM outcome WHERE scan_id = {scan}"))
            lost.add(f"outcome {outcome}")
            connection.execute(text(f"DELETE FROM scan WHERE id = {scan}"))
        connection.commit()
    full.database.engine.dispose()
    (sightings,) = [
        one for one in check_archive(full.settings).findings if one.what.startswith("sighting")
    ]
    assert sightings.fault is ArchiveFault.ROW
    assert sightings.detail == "1 rows refer to no figure by figure_id"
    named = [one.partition(" ") for one in found(full.settings, ArchiveFault.ROW)]
    assert lost < {f"{table} {row}" for table, _, rows in named for row in rows.split(", ")}


def test_an_unmarked_store_an_older_schema_and_weights_are_named(full, tmp_path):
    (full.storage.root / ".presslens").unlink()
    assert found(full.settings, ArchiveFault.STORE) == [str(full.storage.root)]
    with full.database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0012'"))
    assert found(full.settings, ArchiveFault.SCHEMA) == ["the tables"]
    nowhere = Settings(data_dir=tmp_path / "nowhere", recipe=RECIPE)
    assert [one.fault for one in check_archive(nowhere).findings] == [
        ArchiveFault.STORE,
        ArchiveFault.SCHEMA,
    ]
    assert not (tmp_path / "nowhere").exists()
    real = Settings(data_dir=tmp_path / "nowhere", weights_dir=tmp_path / "none")
    weights = found(real, ArchiveFault.WEIGHTS)
    assert len(weights) >= 2


def test_a_damaged_database_is_named(full):
    file = full.storage.root / "presslens.db"
    content = bytearray(file.read_bytes())
    full.database.close()
    content[4096 * 30 : 4096 * 40] = bytes(4096 * 10)
    file.write_bytes(content)
    assert found(full.settings, ArchiveFault.DATABASE)


def test_a_repair_makes_views_again_moves_old_strays_and_touches_nothing_else(full):
    root = full.storage.root
    views = sorted(path for path in (root / "views").rglob("*.jpg"))
    before = {path: path.read_bytes() for path in views}
    views[0].unlink()
    views[1].write_bytes(b"spoilt")
    old, new = root / "scans" / "ab" / ("0" * 62), root / "views" / "new.part"
    for path in (old, new):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"stray")
    os.utime(old, (0, 0))
    lost = next(iter(full.storage.scans()))
    kept = full.storage.scan(lost)
    report = check_archive(full.settings)
    repaired = repair_archive(full.settings, report)
    assert sorted(repaired) == sorted(str(p.relative_to(root)) for p in (old, *views[:2]))
    assert {path: path.read_bytes() for path in views} == before
    assert (root / STRAYS / old.relative_to(root)).read_bytes() == b"stray"
    assert found(full.settings, ArchiveFault.STRAY) == ["views/new.part"]
    new.unlink()
    kept.unlink()
    assert repair_archive(full.settings, check_archive(full.settings)) == []
    assert found(full.settings, *ArchiveFault) == [f"scans/{lost[:2]}/{lost[2:]}"]
    with open_installation(full.settings) as home:
        assert home.storage.marked
