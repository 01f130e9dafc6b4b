"""The drill at length: an archive is backed up while rows are written, checked, and restored."""

from __future__ import annotations

import hashlib
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from presslens.app.db.publications import publication_named
from presslens.app.db.tables import EditionRow, UploadFileRow
from presslens.app.drill.proof import Proof
from presslens.app.installation import Installation, init_installation, open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.preservation.backup import back_up
from presslens.app.preservation.check import check_archive
from presslens.app.preservation.restore import restore_backup
from presslens.app.services.exports.canonical_dump import canonical_dump

FILES = 100_000
PACE = 400
"""Files a second of the time that is given."""
WHOLE = 125.0  # for 50,000 files
FILE_BYTES = 20_000
CHECK_SECONDS = 600.0
SHARE = 2.0


def check(seconds: float) -> Iterator[Proof]:
    """Time a backup, a check and a restoration of as many files as the time is for."""
    count = min(FILES, int(seconds * PACE))
    with tempfile.TemporaryDirectory(prefix="presslens-drill-") as folder:
        settings = Settings(data_dir=Path(folder) / "data", database_url="", min_free_bytes=0)
        init_installation(settings)
        with open_installation(settings) as home:
            fill(home, count)
            ended = threading.Event()
            writer = threading.Thread(target=_write, args=(home, ended))
            writer.start()
            target = Path(folder) / "backup.tar"
            backed, took = _timed(lambda: back_up(home, target, now=clock.now()))
            ended.set()
            writer.join()
            yield _proof("back up while rows are written", count, took, not backed.missing)
            dump = canonical_dump(home)
            back_up(home, target, now=clock.now())
        report, took = _timed(lambda: check_archive(settings))
        rate = count / took
        good = not report.findings and FILES / rate <= CHECK_SECONDS
        yield Proof("R10", "check", f"{rate:,.0f} files/s", f"{FILES:,} in 10 min", good)
        again = Settings(data_dir=Path(folder) / "again", database_url="", min_free_bytes=0)
        _, took = _timed(lambda: restore_backup(again, target))
        with open_installation(again) as home:
            equal = canonical_dump(home) == dump
        yield _proof("restore, equal dump", count, took, equal)


def fill(home: Installation, count: int) -> None:
    """Store so many files, and name them as uploads of one edition."""
    dice = random.Random(7)  # noqa: S311 - repeatable, not secret
    with home.database.write() as session:
        edition = EditionRow(
            publication_id=publication_named(session, "Drill"),
            edition_date=date(2020, 1, 1),
            content_key="0" * 64,
            created_at=clock.now(),
            unpacked_at=clock.now(),
        )
        session.add(edition)
        session.flush()
        for position in range(count):
            content = dice.randbytes(FILE_BYTES)
            sha256 = hashlib.sha256(content).hexdigest()
            path = home.storage.scan(sha256)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
            session.add(
                UploadFileRow(
                    edition_id=edition.id, position=position, sha256=sha256,
                    size=FILE_BYTES, name=f"{position}.jpg", unpacked=True,
                )
            )  # fmt: skip


def _write(home: Installation, ended: threading.Event) -> None:
    number = 0
    while not ended.wait(0.02):
        with home.database.write() as session:
            publication_named(session, f"Drill {(number := number + 1)}")


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    began = time.monotonic()
    return work(), time.monotonic() - began


def _proof(what: str, count: int, took: float, passed: bool) -> Proof:
    return Proof("R10", what, f"{count:,} files in {took:.1f} s", "all", passed)
