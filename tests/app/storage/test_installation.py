"""An installation whose scans are in a bucket does all that one with a folder does."""

import io
import shutil
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus

import pytest
from PIL import Image as Pillow

import presslens.app.installation
from presslens.app.installation import init_installation, open_installation, tidying
from presslens.app.month.make import month_settings
from presslens.app.platform import clock
from presslens.app.platform.errors import StoreMissing
from presslens.app.preservation.backup import back_up
from presslens.app.preservation.check import ArchiveFault, check_archive
from presslens.app.preservation.repair import repair_archive
from presslens.app.preservation.restore import restore_backup
from presslens.app.services.analysis.readiness import check_readiness
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.figures.erasure import remove_figure, sweep_discarded
from presslens.app.services.figures.figures import add_figure, add_references
from presslens.app.services.ingest.upload import Incoming
from presslens.app.sizing.measurement import new_installation
from presslens.app.storage.storage import scan_key

from ..conftest import settings_of
from ..test_server import await_that


@pytest.fixture
def settings(database_url, tmp_path, in_bucket):
    """Return the settings of an installation whose scans are in a bucket."""
    return in_bucket(settings_of(database_url, tmp_path / "data"))


@pytest.fixture
def analysed(home, put, scans, worker):
    """Return the installation with an analysed edition of three pages."""
    put(scans)
    worker.drain()
    return home


@contextmanager
def another_machine(home, folder):
    """Open the same installation with nothing but the settings."""
    settings = home.settings.model_copy(update={"data_dir": folder})
    with open_installation(settings) as other:
        yield other


def keys(home):
    return [*home.storage.keys("scans"), *home.storage.keys("views")]


def files_of(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


@contextmanager
def away(service):
    service.stop()
    try:
        yield
    finally:
        service.start()


def test_pages_are_observed_shown_and_dumped_as_with_a_folder(
    analysed, client, tmp_path, put, scans, engine
):
    stored = keys(analysed)
    assert [key.partition("/")[0] for key in stored] == ["scans"] * 3 + ["views"] * 3
    assert not (analysed.settings.data_dir / "scans").exists()
    with another_machine(analysed, tmp_path / "other") as other:
        assert canonical_dump(other) == canonical_dump(analysed)
    shutil.rmtree(analysed.settings.data_dir / "cache")
    for path in (
        "pages/1/image",
        "pages/1/image?width=160",
        "photos/1/image",
        "iiif/1/full/max/0/default.jpg",
    ):
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == HTTPStatus.OK, path
        assert Pillow.open(io.BytesIO(answer.content)).format == "JPEG"
    assert not put(scans).created


@pytest.mark.sqlite_alone
def test_an_outage_of_the_service_is_one_of_the_installation(
    analysed, client, service, worker, put, make, monkeypatch
):
    put({"late.png": make(tint=9)}, mode="add")
    with away(service):
        analysed.storage._marked_at.clear()
        shutil.rmtree(analysed.settings.data_dir / "cache")
        problems = [problem.kind.value for problem in check_readiness(analysed).problems]
        assert "store_missing" in problems
        for answer in (
            client.get("/api/v1/pages/1/image"),
            client.post("/api/v1/editions", data={"publication": "P", "date": "2019-12-17"},
                        files={"files": ("a.png", make(tint=3))}),
        ):  # fmt: skip
            assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
            assert answer.headers["Retry-After"]
        runs = iter(range(2))

        def wait(_):
            if next(runs, None) is None:
                worker.tools.stop.set()

        monkeypatch.setattr(worker.tools.stop, "wait", wait)
        worker.run()
    worker.tools.stop.clear()
    monkeypatch.undo()
    worker.drain()
    assert len(list(analysed.storage.keys("views"))) == 4
    assert worker.outcomes["failed"] == 0
    assert client.get("/api/v1/pages/1/image").status_code == HTTPStatus.OK


@pytest.mark.sqlite_alone
def test_what_is_wrong_with_a_bucket_is_found_and_repaired(analysed, tmp_path):
    settings, storage = analysed.settings, analysed.storage
    assert check_archive(settings).findings == []
    first, second, _, view, lost, _ = keys(analysed)
    stray = scan_key("0" * 64)
    storage.bucket.write(first, b"altered")
    storage.bucket.delete(second)
    storage.bucket.delete(view)
    storage.bucket.write(lost, b"altered")
    storage.bucket.write(stray, b"stray")
    report = check_archive(settings)
    faults = {finding.what: finding.fault for finding in report.findings}
    expected = {
        first: ArchiveFault.ALTERED,
        second: ArchiveFault.MISSING,
        view: ArchiveFault.MISSING,
        lost: ArchiveFault.ALTERED,
        stray: ArchiveFault.STRAY,
    }
    assert {what: faults.get(what) for what in expected} == expected
    assert stray not in repair_archive(settings, report)  # it may belong to an upload


@pytest.mark.sqlite_alone
@pytest.mark.parametrize("to_bucket", [False, True], ids=["to a folder", "to a bucket"])
def test_backups_move_scans_between_buckets_and_folders(analysed, tmp_path, in_bucket, to_bucket):
    target = tmp_path / "backup"
    made = back_up(analysed, target, now=clock.now(), is_folder=True)
    assert (made.copied, made.missing, made.altered) == (6, [], [])
    assert back_up(analysed, target, now=clock.now()).copied == 0
    settings = settings_of(f"sqlite:///{tmp_path}/restored.db", tmp_path / "restored")
    if to_bucket:
        settings = in_bucket(settings)
    restore_backup(settings, target)
    with open_installation(settings) as restored:
        assert keys(restored) == keys(analysed)
        assert canonical_dump(restored) == canonical_dump(analysed)
    assert check_archive(settings).findings == []


@pytest.mark.sqlite_alone
def test_an_erased_photo_leaves_every_machine(home, make, worker, tmp_path, monkeypatch):
    monkeypatch.setattr(presslens.app.installation, "TIDYING_SECONDS", 0.01)
    figure = add_figure(home, "Kim", now=clock.now())
    add_references(home, figure, [Incoming("a.png", io.BytesIO(make(faces=1)))], now=clock.now())
    worker.drain()
    (sha256,) = home.storage.scans()
    with another_machine(home, tmp_path / "other") as other:
        with other.storage.open_scan(sha256):
            other.derivatives.put(sha256, "small.jpg", lambda path: path.write_bytes(b"small"))
        remove_figure(home, figure, now=clock.now())
        assert sweep_discarded(home, now=clock.now() + timedelta(hours=2)) == 1
        with tidying(other):
            await_that(lambda: not files_of(tmp_path / "other"))
    assert keys(home) == []


@pytest.mark.sqlite_alone
def test_a_machine_that_sees_no_store_begins_nothing(settings, home, put, scans):
    url = f"{settings.store_url}/elsewhere"
    other = settings.model_copy(update={"store_url": url})
    with pytest.raises(StoreMissing), open_installation(other):
        pass
    put(scans)
    with pytest.raises(StoreMissing):  # its files are somewhere: no new store is made
        init_installation(other)
    home.storage.bucket.delete(".presslens")
    with pytest.raises(StoreMissing), open_installation(settings):
        pass


@pytest.mark.sqlite_alone
def test_what_is_made_beside_an_installation_leaves_its_bucket_alone(settings, home, tmp_path):
    before = list(home.storage.bucket.keys(""))
    with new_installation(settings) as measured:
        assert measured.storage.objects is None
    assert month_settings(settings, tmp_path).store_url == ""
    assert list(home.storage.bucket.keys("")) == before
