"""Tries each promise of reliability on a copy of an archive, with the checks of ``make soak``."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import random
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from http.client import HTTPConnection
from pathlib import Path

import httpx2
from sqlalchemy import func, select

from presslens.app.db import schema
from presslens.app.db.tables import EditionRow, PageRow, PhotoRow, UploadFileRow
from presslens.app.drill.archive_copy import ArchiveCopy, settings_of
from presslens.app.drill.proof import NotHere, Proof
from presslens.app.drill.readers import CLIENTS, addresses, read
from presslens.app.drill.scans import damaged, hostile, protected
from presslens.app.drill.serving import PATIENCE, presslens, serving
from presslens.app.installation import Installation, init_installation, open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.preservation.backup import back_up
from presslens.app.preservation.check import ArchiveFault, check_archive
from presslens.app.preservation.restore import restore_backup
from presslens.app.services.analysis.workload import workload
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.ingest.upload import Incoming, ingest
from presslens.app.services.statistics.edition_composition import edition_composition
from presslens.pipelines.lifeline import program, running
from presslens.pipelines.scans.sandbox import Sandbox

CONNECTIONS = 200
DRIP_SECONDS = 2.0
HEADERS = b"GET /api/v1/editions HTTP/1.1\r\nHost: localhost\r\n"
BODY = (
    b"POST /api/v1/editions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n"
    b"Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n"
)
ADDRESSES = ("editions", "photos", "publications", "healthz")


def ask_among_slow(client: httpx2.Client, lasts: float) -> tuple[list[float], int]:
    """Return the seconds of each answer, and how many requests failed."""
    ended = threading.Event()
    times: list[float] = []
    failures = 0
    port = client.base_url.port or 80
    dripping = threading.Thread(target=_drip, args=(port, ended))
    dripping.start()
    until = time.monotonic() + lasts
    try:
        while time.monotonic() < until:
            for address in ADDRESSES:
                began = time.monotonic()
                failures += not client.get(f"/api/v1/{address}").is_success
                times.append(time.monotonic() - began)
            time.sleep(0.05)
    finally:
        ended.set()
        dripping.join()
    return times, failures


def _drip(port: int, ended: threading.Event) -> None:
    """Hold connections open by a byte now and then; those that the server closes, open again."""
    with ExitStack() as stack:
        slow: list[socket.socket | None] = [None] * CONNECTIONS
        while not ended.wait(DRIP_SECONDS):
            for place, connection in enumerate(slow):
                try:
                    if connection is None:
                        connection = stack.enter_context(
                            socket.create_connection(("127.0.0.1", port), timeout=10)
                        )
                        slow[place] = connection
                        connection.sendall(BODY if place % 2 else HEADERS)
                    connection.sendall(b"X")
                except OSError:
                    slow[place] = None
                    with suppress(OSError):
                        if connection is not None:
                            connection.close()


MOST_PAGES = 12
"""Pages of the edition that is analysed again, at most."""

MOST_PHOTOS = 20_000
"""Photos of an archive whose whole content is compared after its restoration; else its photos."""

KILLS = 3
AT_ONCE = 20
"""Uploads of one edition at once."""

NO_PICTURE = b"\xff\xd8\xff\xe0 no picture"
"""Begins as a JPEG does, and is none: a page that can't be analysed."""

Trial = Callable[[ArchiveCopy, Path, float], Iterator[Proof]]


def try_promises(copy: ArchiveCopy, folder: Path, seconds: float) -> Iterator[Proof]:
    """Yield what is proven of each promise, as soon as it is.

    Args:
        copy: The copy; what is tried changes it.
        folder: A folder for what is made besides.
        seconds: About what all takes together, but for what takes what it takes.
    """
    for promise, trial in TRIALS.items():
        place = folder / promise
        place.mkdir()
        try:
            yield from trial(copy, place, seconds / len(TRIALS))
        except NotHere as missing:
            yield Proof(promise, "not tried", str(missing), "", None)
        except Exception as error:
            yield Proof(promise, "broke off", f"{type(error).__name__}: {error}", "ends", False)


def _upgrade(copy: ArchiveCopy, _folder: Path, _seconds: float) -> Iterator[Proof]:
    latest = schema.revisions()[-1]
    with open_installation(copy.settings) as home:
        now = schema.current_revision(home.database)
    value = f"{copy.revision} is {now} now"
    yield Proof("R11", "tables of the copy, brought to this version", value, latest, now == latest)


def _restore(copy: ArchiveCopy, folder: Path, _seconds: float) -> Iterator[Proof]:
    """Check the copy, back it up, restore the backup; then damage three files."""
    began = time.monotonic()
    checked = check_archive(copy.settings)
    took = time.monotonic() - began
    wrong = [one for one in checked.findings if not _left_out(copy, one.fault, one.what)]
    first = f"; {wrong[0].sentence()}" if wrong else ""
    value = f"{len(wrong)} faults of {checked.files:,} files in {took:.1f} s{first}"
    yield Proof("R10", "files and rows of the copy", value, "0 faults", not wrong)
    again = settings_of(copy.settings, folder / "again")
    with open_installation(copy.settings) as home:
        back_up(home, folder / "backup.tar", now=clock.now())
        before = _content(home)
    restore_backup(again, folder / "backup.tar")
    with open_installation(again) as home:
        equal = _content(home) == before
    value = "equal" if equal else "other"
    yield Proof("R10", "content of a backup that was restored", value, "equal", equal)
    (folder / "backup.tar").unlink()
    yield _damage(again)


def _left_out(copy: ArchiveCopy, fault: ArchiveFault, key: str) -> bool:
    return fault is ArchiveFault.MISSING and key not in copy.files


def _content(home: Installation) -> str:
    with home.database.read() as session:
        photos = session.scalar(select(func.count()).select_from(PhotoRow)) or 0
        if photos > MOST_PHOTOS:
            ids = session.scalars(select(PhotoRow.id).order_by(PhotoRow.id))
            return hashlib.sha256(repr(list(ids)).encode()).hexdigest()
    return canonical_dump(home)


def _damage(settings: Settings) -> Proof:
    """Remove a scan, change one by a byte, and add one; they are all to be named."""
    root = settings.data_dir
    scans = sorted(path for path in (root / "scans").rglob("*") if path.is_file())
    if len(scans) < 2:
        raise NotHere("the archive has less than two scans")
    before = len(check_archive(settings).findings)
    scans[0].unlink()
    content = scans[1].read_bytes()
    scans[1].chmod(0o600)
    scans[1].write_bytes(bytes([content[0] ^ 1]) + content[1:])
    stray = scans[1].with_name("f" * 62)
    stray.write_bytes(b"stray")
    named = len(check_archive(settings).findings) - before
    what = "a file missing, one altered, one added"
    return Proof("R10", what, f"{named} of 3 named", "3 of 3", named == 3)


def _scans(_copy: ArchiveCopy, folder: Path, seconds: float) -> Iterator[Proof]:
    with Sandbox() as sandbox:
        yield protected(sandbox)
        yield hostile(sandbox, folder / "scan")
        yield from damaged(sandbox, folder / "scan", seconds)


def _served(copy: ArchiveCopy, _folder: Path, seconds: float) -> Iterator[Proof]:
    """Serve the copy; have clients read, dawdle and upload."""
    with serving(presslens, "/api/v1/healthz", **_variables(copy.settings)) as client:
        yield _too_large(client, copy.settings.request_bytes)
        times, failures = ask_among_slow(client, max(5.0, seconds / 4))
        value = f"{failures} of {len(times)} requests fail, {1000 * max(times):.0f} ms at most"
        what = f"beside {CONNECTIONS} slow connections"
        yield Proof("R3", what, value, "0 fail", failures == 0)
        yield _upload_at_once(copy, client)
        pages = addresses(str(client.base_url).rstrip("/"))
        met = asyncio.run(read(pages, max(5.0, seconds / 2), pause=1.0))
        what = f"{CLIENTS} readers, once a second, no worker"
        passed = met.errors == 0 and met.p95 <= 200
        yield Proof("R12", what, str(met), "p95 at most 200 ms, 0 errors", passed)


def _too_large(client: httpx2.Client, limit: int) -> Proof:
    """Say that a byte more comes than a request may have; none is sent."""
    connection = HTTPConnection("127.0.0.1", client.base_url.port, timeout=PATIENCE)
    with closing(connection):
        connection.putrequest("POST", "/api/v1/editions")
        connection.putheader("Content-Type", "multipart/form-data; boundary=b")
        connection.putheader("Content-Length", str(limit + 1))
        connection.endheaders()
        status = connection.getresponse().status
    what = f"a request of more than {limit:,} bytes"
    return Proof("R3", what, f"{status}", "413", status == httpx2.codes.REQUEST_ENTITY_TOO_LARGE)


def _upload_at_once(copy: ArchiveCopy, client: httpx2.Client) -> Proof:
    edition = _newest_edition(copy)
    form = {"publication": "Drill", "date": str(edition.day)}
    files = [("files", (name, content)) for name, content in edition.files]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(
            threads.map(
                lambda _: client.post("/api/v1/editions", data=form, files=files), range(AT_ONCE)
            )
        )
    ids = {answer.json()["id"] for answer in answers if answer.status_code == 202}
    stored = sum(answer.status_code == 202 for answer in answers)
    what = f"{AT_ONCE} uploads of the edition of {edition.day} at once"
    value = f"{stored} answered, {len(ids)} edition"
    return Proof("R6", what, value, "all, 1", (stored, len(ids)) == (AT_ONCE, 1))


@dataclass(frozen=True, slots=True)
class DrilledEdition:
    """The day of an edition, and the names and bytes of its files."""

    day: date
    files: list[tuple[str, bytes]]


def _newest_edition(copy: ArchiveCopy) -> DrilledEdition:
    """Return the newest edition of few pages whose files were copied.

    Raises:
        NotHere: There is none.
    """
    pages = select(func.count()).where(PageRow.edition_id == EditionRow.id).scalar_subquery()
    few = select(EditionRow).where(pages.between(1, MOST_PAGES))
    newest = few.order_by(EditionRow.edition_date.desc(), EditionRow.id.desc())
    with open_installation(copy.settings) as home, home.database.read() as session:
        for edition in session.scalars(newest.limit(copy.editions)):
            rows = session.scalars(
                select(UploadFileRow)
                .where(UploadFileRow.edition_id == edition.id)
                .order_by(UploadFileRow.position)
            ).all()
            paths = [home.storage.scan(row.sha256) for row in rows]
            if rows and all(path.exists() for path in paths):
                named = zip(rows, paths, strict=True)
                files = [(row.name, path.read_bytes()) for row, path in named]
                return DrilledEdition(edition.edition_date, files)
    raise NotHere(f"no edition has its scans and up to {MOST_PAGES} pages")


def _killed(copy: ArchiveCopy, folder: Path, seconds: float) -> Iterator[Proof]:
    """Analyse an edition in two new installations; in one, workers are killed."""
    edition = _newest_edition(copy)
    calm, struck = (_take_in(copy, folder / name, edition) for name in ("calm", "struck"))
    patience = max(600.0, seconds)
    began = time.monotonic()
    with _worker(calm):
        _finish(calm, patience)
    lasted = time.monotonic() - began
    chance = random.Random(29)  # noqa: S311 - repeatable, not secret
    for _ in range(KILLS):
        with _worker(struck) as process:
            time.sleep(chance.uniform(0.2, 0.9) * lasted)
            process.kill()
    with _worker(struck), _worker(struck):
        _finish(struck, patience)
    dumps = []
    for settings in (calm, struck):
        with open_installation(settings) as home:
            dumps.append(canonical_dump(home))
    equal = dumps[0] == dumps[1]
    day, value = f"the edition of {edition.day}", "equal" if equal else "other"
    yield Proof("R4", f"{day}, workers killed {KILLS} times: dump", value, "equal", equal)
    yield Proof("R5", f"{day}, two workers at the end: dump", value, "equal", equal)
    yield Proof("R7", f"{day}, analysed twice: dump", value, "equal", equal)
    with open_installation(calm) as home:
        with home.database.read() as session:
            first = session.scalars(select(EditionRow.id)).one()
        composition = edition_composition(home, first).to_json()
        waits = sum(workload(home).waiting.values())
        with _worker(calm):
            _finish(calm, patience)
            again = canonical_dump(home) == dumps[0]
    share = composition["coverage"]
    what = "an edition with a page that is no picture says its coverage"
    yield Proof("R8", what, f"{share}", "below 1", share is not None and share < 1)
    value = f"{waits} pieces of work wait, {'nothing' if again else 'something'} changes"
    yield Proof("R9", "a second night over the same", value, "0, nothing", again and not waits)


def _take_in(copy: ArchiveCopy, folder: Path, edition: DrilledEdition) -> Settings:
    settings = settings_of(copy.settings, folder)
    init_installation(settings)
    files = [*edition.files, ("drill.jpg", NO_PICTURE)]
    with open_installation(settings) as home:
        incoming = [Incoming(name, io.BytesIO(content)) for name, content in files]
        ingest(home, incoming, publication="Drill", edition_date=edition.day, now=clock.now())
    return settings


@contextmanager
def _worker(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    given = {**os.environ, **_variables(settings)}
    environment = {name: value for name, value in given.items() if value is not None}
    nowhere = subprocess.DEVNULL
    worker = running(
        program("presslens", "worker"), env=environment, stdout=nowhere, stderr=nowhere
    )
    with worker as process:
        yield process


def _finish(settings: Settings, patience: float) -> None:
    """Wait until nothing waits.

    Raises:
        TimeoutError: Something still does.
    """
    until = time.monotonic() + patience
    with open_installation(settings) as home:
        while True:
            work = workload(home)
            if not any(work.waiting.values()) and not any(work.held.values()):
                return
            if time.monotonic() > until:
                raise TimeoutError(f"work still waits after {patience:.0f} s")
            time.sleep(0.5)


def _variables(settings: Settings) -> dict[str, str | None]:
    """Return the environment of a process that works on an installation of the drill."""
    return {
        "PRESSLENS_DATA_DIR": str(settings.data_dir),
        "PRESSLENS_DATABASE_URL": settings.database_url,
        "PRESSLENS_STORE_URL": "",
        "PRESSLENS_ENGINE": settings.engine.value,
        "PRESSLENS_HOST": settings.host,
        "PRESSLENS_MIN_FREE_BYTES": "0",
        "PRESSLENS_LEASE_SECONDS": "5",
        **dict.fromkeys(
            f"PRESSLENS_{name}"
            for name in (
                "PROXIES", "REQUIRE_LOGIN", "TLS_CERTIFICATE", "TLS_KEY", "TRACES_ENDPOINT",
                "ALLOWED_HOSTS", "REQUESTS_PER_MINUTE", "PUBLIC",
            )
        ),
    }  # fmt: skip


TRIALS: dict[str, Trial] = {
    "R11": _upgrade, "R10": _restore, "R1": _scans, "R3": _served, "R4": _killed,
}  # fmt: skip
"""What is tried, by the first promise that it is about."""

PROOFS = 16
"""How many proofs all of them yield."""
