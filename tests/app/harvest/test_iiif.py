"""Editions are fetched from a library's server, whatever it answers."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from presslens.app.harvest.iiif import Harvest
from presslens.app.harvest.polite_client import Manners, PoliteClient
from presslens.pipelines.archives.library_folder import READERS, described_edition
from presslens.pipelines.scans.sandbox import Sandbox

from ...library import Issue, manifest
from .library_server import Answer, library_server

AGENT = "Presslens/test (someone@example.org)"
MANNERS = ("pause", "most_bytes", "hosts", "longest")
FOLDER = "Evening Courier_1939-05-13"


def picture(seed=0):
    """Return a small JPEG."""
    noise = np.random.default_rng(seed).integers(0, 255, (80, 60, 3), np.uint8)
    return bytes(cv2.imencode(".jpg", noise)[1])


@pytest.fixture(scope="module")
def running():
    with library_server() as server:
        yield server


@pytest.fixture
def server(running):
    """A library with an issue of two pages, in Presentation 3."""
    running.answers.clear()
    running.asked.clear()
    running.agents.clear()
    running.put("/manifest", manifest(Issue(), running.base))
    for number in (1, 2):
        running.put(f"/image/{number:04d}/full/max/0/default.jpg", picture(number))
    return running


def fetch(server, out, path="/manifest", **options):
    """Fetch, and return how long the client would have slept."""
    slept = []
    given = {key: options.pop(key) for key in MANNERS if key in options}
    manners = Manners(AGENT, **{"pause": 0.0, **given})
    options.setdefault("file_bytes", 10**6)
    source = path if "://" in path or Path(path).is_file() else server.base + path
    with PoliteClient(manners, wait=slept.append) as client:
        return Harvest(client, out, **options).run(source), slept


def test_an_issue_becomes_a_folder_that_import_takes(server, tmp_path):
    done, _ = fetch(server, tmp_path)
    assert done.is_whole
    assert [(one.folder, one.pages, one.fetched) for one in done.issues] == [(FOLDER, 2, 2)]
    folder = tmp_path / FOLDER
    names = sorted(path.name for path in folder.iterdir())
    assert names == [
        ".fetched.jsonl", ".source", "0001.jpg", "0002.jpg", "canvases.json", "manifest.json",
        "rights.txt",
    ]  # fmt: skip
    assert (folder / "0002.jpg").read_bytes() == picture(2)
    assert "A library" in (folder / "rights.txt").read_text()
    assert server.agents == {AGENT}
    with Sandbox(modules=READERS) as sandbox:
        edition = described_edition(folder, sandbox)
    assert [(page.number, page.image.name) for page in edition.pages] == [
        (1, "0001.jpg"),
        (2, "0002.jpg"),
    ]


def test_what_is_there_is_not_fetched_again(server, tmp_path):
    fetch(server, tmp_path)
    server.asked.clear()
    (tmp_path / FOLDER / "0002.jpg").write_bytes(b"broken")
    done, _ = fetch(server, tmp_path)
    assert [(one.fetched, one.already) for one in done.issues] == [(1, 1)]
    assert server.asked == {"/manifest": 1, "/image/0002/full/max/0/default.jpg": 1}
    assert (tmp_path / FOLDER / "0002.jpg").read_bytes() == picture(2)


def test_an_edition_is_not_complete_before_its_last_image(server, tmp_path):
    server.put("/image/0002/full/max/0/default.jpg", Answer(status=404))
    done, _ = fetch(server, tmp_path)
    assert not done.is_whole
    assert list(done.issues[0].failed) == [f"{server.base}/canvas/2"]
    names = {path.name for path in (tmp_path / FOLDER).iterdir()}
    assert "manifest.json.part" in names
    assert not names & {"manifest.json", "0002.part"}
    done, _ = fetch(server, tmp_path, accept_missing=True)
    assert (done.is_whole, done.issues[0].accepted) == (True, True)
    with Sandbox(modules=READERS) as sandbox:
        edition = described_edition(tmp_path / FOLDER, sandbox)
    assert (len(edition.pages), edition.pages_described) == (1, 2)
    server.put("/image/0002/full/max/0/default.jpg", picture(2))
    done, _ = fetch(server, tmp_path)
    assert done.is_whole
    assert not (tmp_path / FOLDER / "manifest.json.part").exists()


def test_requests_come_slowly_and_a_busy_server_is_left_alone(server, tmp_path):
    image = "/image/0001/full/max/0/default.jpg"
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    server.put(
        image,
        Answer(status=429, headers={"retry-after": "7"}),
        Answer(status=503, headers={"retry-after": later}),
        Answer(status=500),
        picture(1),
    )
    done, slept = fetch(server, tmp_path, pause=1.0)
    assert done.is_whole
    assert server.asked[image] == 4
    expected = [1.0, 7.0, 90.0, 4.0, 1.0]
    assert len(slept) == len(expected)
    for told, wished in zip(slept, expected, strict=True):
        assert wished - 2.5 < told <= wished


def test_what_fails_for_good_is_not_asked_for_ever(server, tmp_path, subtests):
    image = "/image/0001/full/max/0/default.jpg"
    for case, answer, asked, reason in (
        ("busy for good", Answer(status=503), 5, "answers 503, 5 times"),
        ("gone", Answer(status=410), 1, "answers 410"),
        ("too patient", Answer(status=429, headers={"retry-after": "99999"}), 1, "patience"),
        ("cut off for good", Answer(picture(1), cut=100), 5, "5 times"),
        ("a web page", Answer(b"<html>please log in</html>"), 1, "is no image"),
        ("cut off, and no length said", Answer(picture(1)[:-100]), 1, "the image is cut off"),
        ("too large", Answer(b"\xff\xd8\xff" + bytes(2 * 10**6)), 1, "more than 1,000,000 bytes"),
    ):
        with subtests.test(case):
            server.asked.clear()
            server.put(image, answer)
            done, _ = fetch(server, tmp_path / case)
            assert reason in done.issues[0].failed[f"{server.base}/canvas/1"]
            assert server.asked[image] == asked
            assert (done.issues[0].fetched, done.issues[0].pages) == (1, 2)


def test_a_connection_that_is_cut_is_made_again(server, tmp_path):
    server.put("/image/0001/full/max/0/default.jpg", Answer(picture(1), cut=100), picture(1))
    server.put("/manifest", Answer(b"{" * 200, cut=50), manifest(Issue(), server.base))
    done, _ = fetch(server, tmp_path)
    assert done.is_whole
    assert (tmp_path / FOLDER / "0001.jpg").read_bytes() == picture(1)


def test_redirects_stay_with_their_host_unless_another_is_allowed(server, tmp_path, subtests):
    image = "/image/0001/full/max/0/default.jpg"
    server.put("/moved.jpg", picture(1))
    other = server.base.replace("127.0.0.1", "localhost")
    host = other.removeprefix("http://")
    for case, location, hosts, reason in (
        ("same host", "/moved.jpg", (), None),
        ("other host", f"{other}/moved.jpg", (), f"another host, {host}: --allow-host {host}"),
        ("other host, allowed", f"{other}/moved.jpg", (host,), None),
        ("a file", "file:///etc/passwd", (), "no http or https address"),
        ("no address", "http://[x/", (), "is no address"),
        ("in a circle", image, (), "more than 5 redirects"),
    ):
        with subtests.test(case):
            server.put(image, Answer(status=302, headers={"location": location}))
            done, _ = fetch(server, tmp_path / case, hosts=hosts)
            failed = done.issues[0].failed.get(f"{server.base}/canvas/1")
            assert (failed is None) if reason is None else (reason in (failed or ""))


def test_a_collection_gives_a_folder_an_issue(server, tmp_path):
    days = [datetime(1939, 5, day, tzinfo=UTC).date() for day in (13, 14, 14)]
    parts = []
    for place, day in enumerate(days):
        document = manifest(Issue(day=day, captions=("One",)), server.base)
        document["id"] = f"{server.base}/issue/{place}"
        server.put(f"/issue/{place}", document)
        parts.append({"id": document["id"], "type": "Manifest", "label": {"en": [str(day)]}})
    parts += [{"id": f"{server.base}/years", "type": "Collection"}]
    parts += [{"id": f"{server.base}/gone", "type": "Manifest"}]
    context = "http://iiif.io/api/presentation/3/context.json"
    collection = {"@context": context, "id": f"{server.base}/years", "type": "Collection"}
    server.put("/years", {**collection, "label": {"en": ["Courier"]}, "items": parts})
    done, _ = fetch(server, tmp_path, "/years")
    folders = [one.folder for one in done.issues]
    assert folders[:2] == ["Evening Courier_1939-05-13", "Evening Courier_1939-05-14"]
    assert folders[2].startswith("Evening Courier_1939-05-14 ")
    assert done.failed == {f"{server.base}/gone": f"{server.base}/gone: the server answers 404"}
    assert all((tmp_path / folder / "manifest.json").is_file() for folder in folders)
    again, _ = fetch(server, tmp_path, "/years")
    assert [one.folder for one in again.issues] == folders
    assert sum(one.fetched for one in again.issues) == 0


def test_version_2_a_width_and_an_image_without_a_service(server, tmp_path):
    server.put("/image/0001/full/30,/0/default.jpg", picture(5))
    server.put("/image/0001/full/full/0/default.jpg", picture(6))
    one = Issue(captions=("One",))
    for name, service, width, seed in (("wide", True, 30, 5), ("full", True, None, 6),
                                       ("bare", False, 30, 6)):  # fmt: skip
        document = tmp_path / f"{name}.json"
        document.write_text(json.dumps(manifest(one, server.base, version=2, service=service)))
        host = server.base.removeprefix("http://")
        done, _ = fetch(server, tmp_path / name, str(document), width=width, hosts=(host,))
        assert done.is_whole
        assert (tmp_path / name / FOLDER / "0001.jpg").read_bytes() == picture(seed)


def test_no_more_comes_than_is_wanted(server, tmp_path):
    size = len(json.dumps(manifest(Issue(), server.base))) + len(picture(1)) + 100
    done, _ = fetch(server, tmp_path, most_bytes=size)
    assert done.stopped == f"{size:,} bytes are fetched, which is all"
    assert (done.issues[0].fetched, done.is_whole) == (1, False)
    rest, _ = fetch(server, tmp_path)
    assert (rest.issues[0].fetched, rest.issues[0].already) == (1, 1)


def test_what_is_no_manifest_is_refused(server, tmp_path, subtests):
    for case, body, reason in (
        ("html", b"<html></html>", "this is no JSON"),
        ("deep", b"[" * 100_000, "this is no JSON"),
        ("other", b'{"type": "Canvas"}', "neither a IIIF manifest nor a collection"),
        ("empty", b'{"type": "Manifest"}', "it lists neither pages nor editions"),
    ):
        with subtests.test(case):
            server.put("/manifest", body)
            done, _ = fetch(server, tmp_path)
            assert reason in done.failed[f"{server.base}/manifest"]
    assert (
        "no http or https"
        in fetch(server, tmp_path, "ftp://127.0.0.1/x")[0].failed["ftp://127.0.0.1/x"]
    )


def test_a_page_that_a_library_adds_takes_no_other_pages_place(server, tmp_path):
    fetch(server, tmp_path)
    document = manifest(Issue(captions=("New", "One", "Two"), numbers=(3, 1, 2)), server.base)
    server.put("/manifest", document)
    server.put("/image/0003/full/max/0/default.jpg", picture(3))
    done, _ = fetch(server, tmp_path)
    assert [(one.fetched, one.already) for one in done.issues] == [(1, 2)]
    with Sandbox(modules=READERS) as sandbox:
        edition = described_edition(tmp_path / FOLDER, sandbox)
    assert [page.image.read_bytes() for page in edition.pages] == [picture(n) for n in (3, 1, 2)]


def test_another_width_is_fetched_and_what_the_journal_can_not_mean_is_passed_over(
    server, tmp_path
):
    server.put("/manifest", manifest(Issue(captions=("One",)), server.base))
    server.put("/image/0001/full/200,/0/default.jpg", picture(9))
    fetch(server, tmp_path, width=200)
    image = tmp_path / FOLDER / "0001.jpg"
    assert image.read_bytes() == picture(9)
    with (tmp_path / FOLDER / ".fetched.jsonl").open("ab") as journal:
        wrong = {"canvas": ["x"], "address": "", "file": 5, "size": 1, "sha256": ""}
        journal.write(b"\xff\xfe\n" + json.dumps(wrong).encode() + b"\n" + b"[" * 9999 + b"\n")
    for fetched in (1, 0):
        done, _ = fetch(server, tmp_path)
        assert (done.issues[0].fetched, image.read_bytes()) == (fetched, picture(1))


def test_issues_without_an_id_get_a_folder_each(server, tmp_path):
    document = manifest(Issue(captions=("One",)), server.base) | {"id": ""}
    for path in ("/a", "/b"):
        server.put(path, document)
    folders = [fetch(server, tmp_path, path)[0].issues[0].folder for path in ("/a", "/b", "/a")]
    assert folders[0] == folders[2] == FOLDER
    assert folders[1].startswith(f"{FOLDER} ")


def test_pages_that_can_not_be_told_apart_are_refused(server, tmp_path, subtests):
    for case, ids in (("repeated", ("x", "x")), ("empty", ("x", ""))):
        with subtests.test(case):
            document = manifest(Issue(), server.base)
            for canvas, name in zip(document["items"], ids, strict=True):
                canvas["id"] = name
            server.put("/manifest", document)
            done, _ = fetch(server, tmp_path)
            assert "have no id, or several have the same" in done.failed[f"{server.base}/manifest"]
            assert list(tmp_path.iterdir()) == []


def test_a_collection_reads_no_file_and_a_bad_part_keeps_no_other_out(
    server, tmp_path, monkeypatch
):
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps(manifest(Issue(), server.base)))
    bad = [
        str(secret),
        "/dev/zero",
        "http://[x",
        "http://a\0b/",
        "http://a\r\nb/",
        "http://\ud800/",
    ]
    items = [{"id": one, "type": "Manifest"} for one in (*bad, f"{server.base}/manifest")]
    document = {"@context": "http://iiif.io/api/presentation/3/context.json", "items": items}
    server.put("/all", document | {"type": "Collection"})
    done, slept = fetch(server, tmp_path / "out", "/all")
    assert [one.folder for one in done.issues] == [FOLDER]
    assert len(done.failed) == len(bad)
    assert all("is no" in reason for reason in done.failed.values())
    assert slept == []
    monkeypatch.setattr("presslens.app.harvest.iiif.MOST_PARTS", 3)
    done, _ = fetch(server, tmp_path / "few", "/all")
    assert "more than 3 manifests" in done.failed[f"{server.base}/all"]
    assert not done.is_whole


def test_a_manifest_asks_nothing_in_this_machines_network(server, tmp_path, subtests):
    inside = server.base.replace("127.0.0.1", "localhost")
    other = inside.removeprefix("http://")
    for case, base, hosts, fetched in (
        ("another name", inside, (), 0),
        ("an address", "http://[::ffff:127.0.0.1]:1", (), 0),
        ("named by the person", inside, (other,), 1),
    ):
        with subtests.test(case):
            server.put("/manifest", manifest(Issue(captions=("One",)), base))
            server.asked.clear()
            done, _ = fetch(server, tmp_path / case, hosts=hosts)
            assert (done.issues[0].fetched, sum(server.asked.values())) == (fetched, 1 + fetched)
            failed = done.issues[0].failed.values()
            assert all("is in the network of this machine: --allow-host" in one for one in failed)


def test_an_answer_that_takes_too_long_has_failed(server, tmp_path):
    done, _ = fetch(server, tmp_path, longest=-1.0)
    assert "takes more than -1 seconds" in done.failed[f"{server.base}/manifest"]


def test_the_name_of_a_folder_fits_whatever_its_letters(server, tmp_path):
    server.put(
        "/manifest", manifest(Issue(title="\U0001f5de" * 90, captions=("One",)), server.base)
    )
    done, _ = fetch(server, tmp_path)
    assert done.is_whole
    assert done.issues[0].folder.endswith("_1939-05-13")


def test_texts_that_no_file_or_database_takes_are_mended(server, tmp_path):
    document = manifest(Issue(captions=("One",)), server.base)
    document["label"] = {"en": ["Cou\ud800rier\x00/../x, 1939-05-13"]}
    document["requiredStatement"]["value"] = {"en": ["A\udfff library\x07"]}
    document["id"] += "\ud800"
    server.put("/manifest", document)
    done, _ = fetch(server, tmp_path)
    assert done.is_whole
    folder = tmp_path / done.issues[0].folder
    assert folder.parent == tmp_path
    assert folder.name == "Cou\N{REPLACEMENT CHARACTER}rier\N{REPLACEMENT CHARACTER}..x_1939-05-13"
    assert "A\N{REPLACEMENT CHARACTER} library" in (folder / "rights.txt").read_text()
