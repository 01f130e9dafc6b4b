"""A snapshot goes into an empty installation, and gives the same answers there."""

import csv
import hashlib
import io
import json
import zipfile

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from presslens.app.db.claims import ClaimRow, EventRow
from presslens.app.db.figures import FigureRow
from presslens.app.db.queries import EditionScope
from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.db.tables import (
    EditionRow,
    FaceRow,
    InterpretationRow,
    LabelRow,
    PageRow,
    PhotoRow,
    PublicationRow,
)
from presslens.app.main import create_app
from presslens.app.platform.errors import Conflict, InvalidRequest
from presslens.app.services.analysis.interpret import stale_pages
from presslens.app.services.catalogue.photo_address import PhotoAddress, find_address
from presslens.app.services.catalogue.publications import list_publications, newspaper_named
from presslens.app.services.corrections.newspapers import (
    NewspaperChanges,
    add_newspaper,
    change_newspaper,
)
from presslens.app.services.corrections.photos import draw_photo, move_photo, remove_photo
from presslens.app.services.corrections.undo import undo_edit
from presslens.app.services.edits.listing import EditFilter, iterate_edits
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.exports.snapshot.restore import restore
from presslens.app.services.exports.snapshot.write import export_snapshot
from presslens.app.services.figures.figures import add_figure, add_references
from presslens.app.services.ingest.upload import Incoming
from presslens.app.services.pictures.pictures import masthead_of_file, masthead_picture
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.statistics.stored_summary import stored_summary
from presslens.models.geometry import Box

EVERYTHING = EditionScope()


@pytest.fixture(scope="session")
def snapshot(archive, tmp_path_factory):
    return snapshot_of(archive, tmp_path_factory.mktemp("snapshot") / "first")


def snapshot_of(home, folder, scope=EVERYTHING):
    folder.mkdir()
    return export_snapshot(home, scope, folder).path


def asked(home, *addresses):
    with TestClient(create_app(home.settings), base_url="http://localhost") as client:
        answers = [client.get(f"/api/v1{address}") for address in addresses]
    assert {answer.status_code for answer in answers} == {200}
    return [answer.content for answer in answers]


ADDRESSES = (
    "/photos.csv", "/editions.csv", "/editions/1/composition", "/editions/2/composition",
    "/exports/csv?table=edition_summary", "/exports/csv?table=edition_share",
    "/exports/csv?table=reviews", "/edits?limit=200", "/exports/csv?table=settled_answers",
    "/exports/csv?table=claims", "/stats?metric=people&by=month", "/exports/coco",
)  # fmt: skip


@pytest.mark.both_databases
def test_everything_answers_as_before(archive, home, snapshot, tmp_path):
    restored = restore(home, snapshot)
    assert not any(n for name, n in restored.passed_over.items() if name != "recipes")
    assert restored.added["photos"] == 80
    assert asked(archive, *ADDRESSES) == asked(home, *ADDRESSES)
    again = snapshot_of(home, tmp_path / "again")
    assert again.read_bytes() == snapshot.read_bytes()


@pytest.mark.parametrize("address", ["/claims.csv?versions=true", "/events.csv"])
def test_claims_and_events_are_the_same_but_for_their_ids(archive, home, snapshot, address):
    restore(home, snapshot)

    def content(data):
        rows = list(csv.DictReader(io.StringIO(data.decode())))
        return sorted(str({**row, "id": ""}) for row in rows)

    here, there = (content(*asked(one, address)) for one in (home, archive))
    assert len(here) > 10
    assert here == there


def test_there_is_no_picture_and_no_new_reading(home, snapshot):
    restore(home, snapshot)
    with TestClient(create_app(home.settings), base_url="http://localhost") as client:
        page = client.get("/api/v1/pages/1")
        picture = client.get("/api/v1/pages/1/image")
    assert (page.status_code, picture.status_code) == (200, 404)
    assert "no picture of this page" in picture.json()["detail"]
    with home.database.read() as session:
        assert session.scalars(stale_pages(session, home.recipe)).all() == []
        assert session.scalar(select(func.count()).select_from(FaceRow)) == 0


def counts(home):
    with home.database.read() as session:
        return [
            session.scalar(select(func.count()).select_from(table))
            for table in (
                PublicationRow,
                EditionRow,
                PageRow,
                PhotoRow,
                InterpretationRow,
                FigureRow,
                LabelRow,
            )
        ]


def test_a_second_time_is_refused(home, snapshot):
    restore(home, snapshot)
    before = counts(home)
    with pytest.raises(Conflict, match=r"has editions of its own.*`presslens init`"):
        restore(home, snapshot)
    assert counts(home) == before


@pytest.mark.parametrize("own", ["edition", "figure", "claim", "event"])
def test_a_filled_installation_is_refused(home, put, scans, snapshot, now, own):
    if own == "edition":
        put(scans)
    else:
        with home.database.write() as session:
            session.add(own_row(own, now))
    before = counts(home)
    with pytest.raises(Conflict, match=f"has {own}s of its own"):
        restore(home, snapshot)
    assert counts(home) == before


def own_row(what, now):
    if what == "figure":
        return FigureRow(name="Kim", created_at=now)
    if what == "event":
        return EventRow(event_date=now.date(), title="Parade", source="KCNA")
    return ClaimRow(
        key="six pages", statement="Six pages", rule="pages = 6", publication="Rodong Sinmun",
        first_date=now.date(), last_date=now.date(), source="", created_at=now,
    )  # fmt: skip


def test_a_part_of_an_archive_goes_in_with_its_ids(archive, home, tmp_path):
    part = snapshot_of(archive, tmp_path / "part", EditionScope(publication="Minju Joson"))
    restored = restore(home, part)
    assert restored.added["editions"] == 2
    (here,), (there,) = (
        asked(one, "/photos.csv?publication=Minju Joson") for one in (home, archive)
    )
    assert here == there
    again = snapshot_of(home, tmp_path / "again", EditionScope(publication="Minju Joson"))
    with zipfile.ZipFile(part) as first, zipfile.ZipFile(again) as second:
        for name in ("pages.csv", "photos.csv", "sightings.csv", "claims.csv", "events.csv"):
            assert first.read(name) == second.read(name)


def test_a_scan_that_two_pages_print_is_stored_once(home, worker, put, scans, elsewhere, tmp_path):
    for publication in ("Minju Joson", "Rodong Sinmun"):
        put(scans, publication=publication)
    worker.drain()
    path = snapshot_of(home, tmp_path / "first")
    with elsewhere() as target:
        restored = restore(target, path)
        assert (restored.added["photos"], restored.passed_over["photos"]) == (3, 3)
        again = snapshot_of(target, tmp_path / "again")
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.both_databases
def test_newspapers_come_with_their_names_in_place_of_seeded_ones(
    home, worker, put, make, elsewhere, now, tmp_path
):

    kim = add_figure(home, "Kim", now=now)
    reference = Incoming("a.png", io.BytesIO(make(faces=1, tint=9)))
    add_references(home, kim, [reference], now=now)
    edition = put({"a.png": make([(20, 20, 150, 120), (170, 20, 300, 160)])}).edition_id
    worker.drain()
    paper = newspaper_named(home, "Rodong Sinmun").id
    given = {"name": "로동신문", "aliases": ["The Workers’ Newspaper"], "weekdays": [1, 7]}
    masthead = masthead_of_file(home, io.BytesIO(make(persons=1)))
    given["masthead_sha256"] = masthead
    named = change_newspaper(home, paper, NewspaperChanges(given), coder="Ann", now=now)
    with home.database.read() as session:
        photo, other = session.scalars(select(PhotoRow.id).order_by(PhotoRow.id))
    removal = remove_photo(home, other, coder="Ann", now=now).edit_id
    review_photo(home, NewReview(photo, "Ann", {"children": True}), now=now)
    path = snapshot_of(home, tmp_path / "first")
    with elsewhere() as target:
        add_newspaper(target, "Minju Choson", coder=None, now=now)
        restore(target, path)
        found = {one.publication: one for one in list_publications(target)}
        assert masthead_picture(target, found["로동신문"].id)[0] == masthead
        log = {edit.id: edit for edit in iterate_edits(target, EditFilter())}
        theirs = {edit.id: edit for edit in iterate_edits(home, EditFilter())}
        for number, edit in theirs.items():
            assert (log[number].coder, log[number].text) == (edit.coder, edit.text)
        assert {edit.text for edit in log.values()} > {edit.text for edit in theirs.values()}
        with pytest.raises(Conflict, match="restored from a snapshot"):
            undo_edit(target, named, coder="Ben", now=now)
        with pytest.raises(Conflict, match="draw the photo anew"):
            undo_edit(target, removal, coder="Ben", now=now)
        assert settled(target) == 1
        undo_edit(target, max(theirs), coder="Ben", now=now)
        assert settled(target) == 0
        known, summary = canonical_dump(target), stored_summary(target, edition)
        assert summary["leader_photos"] == 0  # of whom the snapshot has no reference
        made = draw_photo(target, 1, Box(30, 250, 200, 400), coder="Ben", now=now)
        drawn = stored_summary(target, edition)
        assert (drawn["photos"], drawn["leader_photos"]) == (2, 0)
        undo_edit(target, made.edit_id, coder="Ben", now=now)
        assert (canonical_dump(target), stored_summary(target, edition)) == (known, summary)
    assert found.keys() == {"로동신문", "Minju Choson"}
    restored = found["로동신문"]
    assert restored.aliases == ["Rodong Sinmun", "The Workers’ Newspaper"]
    assert (restored.weekdays, restored.editions) == ([1, 7], 1)


def test_a_restored_photo_keeps_its_address(home, worker, put, make, elsewhere, now, tmp_path):
    put({"a.png": make([(20, 20, 150, 120)])})
    worker.drain()
    with home.database.read() as session:
        photo = session.scalars(select(PhotoRow.id)).one()
    moved = move_photo(home, photo, Box(25, 20, 155, 120), coder="Ann", now=now).made
    assert moved != (photo,)
    path = snapshot_of(home, tmp_path / "first")
    with elsewhere() as target:
        restore(target, path)
        for address in (photo, *moved):
            assert find_address(target, address) == PhotoAddress(moved[0], photo)


@pytest.mark.both_databases
def test_what_is_uploaded_afterwards_gets_a_free_id(home, snapshot):
    restore(home, snapshot)
    with home.database.write() as session:
        row = PublicationRow(name="Pyongyang Sinmun")
        session.add(row)
        session.flush()
        assert row.id is not None


def settled(home):
    with home.database.read() as session:
        return session.scalar(select(func.count()).select_from(SettledAnswerRow))


def repacked(path, target, change):
    """Write a changed snapshot with new hashes, so that these do not reveal the change."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    manifest = json.loads(files["manifest.json"])
    for entry in manifest["files"]:
        if entry["name"] in files:
            content = files[entry["name"]]
            entry["sha256"] = hashlib.sha256(content).hexdigest()
            entry["bytes"] = len(content)
    lines = sorted(
        f"{e['sha256']}  {e['name']}\n" for e in manifest["files"] if e["rows"] is not None
    )
    manifest["content_sha256"] = hashlib.sha256("".join(lines).encode()).hexdigest()
    files.setdefault("manifest.json", b"")
    if files["manifest.json"]:
        files["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target


def cell(table, column, value, row=0):
    """Return a change of one cell."""

    def change(files):
        rows = list(csv.DictReader(io.StringIO(files[f"{table}.csv"].decode(), newline="")))
        rows[row][column] = value
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
        files[f"{table}.csv"] = out.getvalue().encode()

    return change


def edit_manifest(**values):
    def change(files):
        files["manifest.json"] = json.dumps(json.loads(files["manifest.json"]) | values).encode()

    return change


BAD_CELLS = [
    ("photos", "x0", "nan", "must be a number"),
    ("photos", "x0", "1e999", "must be a number"),
    ("photos", "x0", "", "missing"),
    ("photos", "score", "1.5", "above 1"),
    ("photos", "focus", "nobody", "one of"),
    ("photos", "page_id", "999", "page 999"),
    ("photos", "photo_id", "2147483648", "too large"),
    ("photos", "photo_id", "2", "contradict"),
    ("photos", "recipe", "0" * 64, "another recipe"),
    ("photos", "focus_reasons", '[["a"]]', "reasons"),
    ("photos", "focus_reasons", "[" * 100_000, "focus_reasons"),
    ("photos", "lead", "yes", "true or false"),
    ("photos", "date", "16.12.2019", "YYYY-MM-DD"),
    ("pages", "scan_sha256", "../../../../etc/passwd", "64 hexadecimal"),
    ("pages", "scan_sha256", "", "scan is missing"),
    ("pages", "width", "", "size"),
    ("pages", "outcome", "", "not analysed"),
    ("pages", "edition_id", "77", "edition 77"),
    ("editions", "publication", "Other", "not in publications"),
    ("editions", "content_key", "a" * 63 + "g", "64 hexadecimal"),
    ("editions", "received_at", "2026-01-02T03:04:05", "time zone"),
    ("publications", "publication", "x" * 300, "longer than 255"),
    ("labels", "photo_id", "4000", "photo 4000"),
    (
        "subjects",
        "places",
        '[[1, "2", 3, 4]]',
        r"places: .* at \[0\]\[1\]: Input should be a valid number",
    ),
    ("sightings", "figure_id", "9", "figure 9"),
    ("edition_summary", "page_types", "[]", "should be an object"),
    ("own_labels", "version", "0" * 64, "version names"),
    ("own_labels", "coefficients", '["a"]', "no numbers"),
    ("recipes", "rules", "{}", "other rules"),
    ("reviews", "coder", "a\0b", "NUL"),
    ("samples", "coders", "{}", "coders: .* valid array"),
    ("sample_items", "sample_id", "99", "sample 99"),
    ("sampled_photos", "item_id", "99", "item 99"),
    ("sample_editions", "sizes", '["a"]', r"at \[0\]: Input should be a valid integer"),
    ("edits", "text", '{"template": "%(a)999s", "values": {"a": "x"}}', "sentence"),
    ("edits", "text", '{"template": "%(a)s", "values": {"a": "\\ud800"}}', "sentence"),
    ("reviews", "edit_id", "999", "edit 999"),
]


def test_bad_values_are_refused_whole(home, snapshot, tmp_path, subtests):
    before = counts(home)
    for table, column, value, message in BAD_CELLS:
        with subtests.test(table=table, column=column, value=value):
            bad = repacked(snapshot, tmp_path / "bad.zip", cell(table, column, value))
            with pytest.raises(InvalidRequest, match=message):
                restore(home, bad)
            assert counts(home) == before


def drop(name):
    return lambda files: files.pop(name)


def add(name, content=b"x"):
    return lambda files: files.update({name: content})


def change_list(change):
    def changed(files):
        manifest = json.loads(files["manifest.json"])
        change(files, manifest["files"])
        files["manifest.json"] = json.dumps(manifest).encode()

    return changed


@change_list
def without_events(files, listed):
    del files["events.csv"]
    listed[:] = [entry for entry in listed if entry["name"] != "events.csv"]


@change_list
def with_another_table(files, listed):
    files["more.csv"] = b"x"
    listed.append({"name": "more.csv", "rows": 0})


BAD_FILES = [
    (without_events, r"has no events\.csv"),
    (with_another_table, r"not read: more\.csv"),
    (drop("photos.csv"), "other files"),
    (drop("manifest.json"), "no manifest"),
    (add("extra.csv"), "other files"),
    (add("../evil.csv"), "leads out"),
    (add("/etc/evil"), "leads out"),
    (add("deep/evil.csv"), "other files"),
    (edit_manifest(version=1), "version 1"),
    (edit_manifest(format="other"), "not one of Presslens"),
    (edit_manifest(editions=-1), "can't be read"),
    (edit_manifest(surprise=1), "can't be read"),
    (edit_manifest(recipe="0" * 64), "PRESSLENS_RECIPE"),
    (add("photos.csv", b"\xff\xfe"), "can't be read"),
    (add("photos.csv", b"photo_id\r\n1\r\n"), "other columns"),
    (add("events.csv", b'"'), "can't be read"),
]


@pytest.mark.both_databases
def test_bad_archives_are_refused_whole(home, snapshot, tmp_path, subtests):
    before = counts(home)
    for change, message in BAD_FILES:

        def changed(files, change=change):
            if "manifest.json" in files:
                change(files)

        with subtests.test(message):
            with pytest.raises(InvalidRequest, match=message):
                restore(home, packed(snapshot, tmp_path, changed))
            assert counts(home) == before


def packed(snapshot, tmp_path, change):
    with zipfile.ZipFile(snapshot) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    if "manifest.json" in files:
        return repacked(snapshot, tmp_path / "bad.zip", change)
    target = tmp_path / "bad.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target


def test_lying_hashes_and_sizes_are_found(home, snapshot, tmp_path):
    target = tmp_path / "bad.zip"
    with zipfile.ZipFile(snapshot) as archive, zipfile.ZipFile(target, "w") as out:
        for name in archive.namelist():
            content = archive.read(name)
            out.writestr(name, content + b"\r\n" if name == "claims.csv" else content)
    with pytest.raises(InvalidRequest, match=r"claims\.csv is not the file"):
        restore(home, target)


def test_rows_that_are_cut_off_are_missed(home, snapshot, tmp_path):
    def cut(files):
        files["events.csv"] = b"\n".join(files["events.csv"].split(b"\n")[:-2]) + b"\n"

    with pytest.raises(InvalidRequest, match="another number of rows"):
        restore(home, repacked(snapshot, tmp_path / "bad.zip", cut))


def test_what_is_no_zip_is_refused(home, tmp_path):
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(InvalidRequest, match="not a ZIP"):
        restore(home, tmp_path / "x.zip")


@pytest.mark.parametrize(
    ("scope", "message"),
    [
        (EditionScope(publication="none"), "no such editions"),
        (EditionScope(edition=99), "no such editions"),
    ],
)
def test_a_snapshot_of_nothing_is_refused(archive, tmp_path, scope, message):
    with pytest.raises(InvalidRequest, match=message):
        export_snapshot(archive, scope, tmp_path)


def test_a_snapshot_of_unfinished_editions_is_refused(home, put, scans, tmp_path):
    put(scans)
    with pytest.raises(InvalidRequest, match="of 1 edition 1 still wait"):
        export_snapshot(home, EditionScope(), tmp_path)
