"""One folder that can't be used never keeps the others out."""

import json
import os
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from presslens.app.platform.errors import BeingRemoved, NoDatabase
from presslens.app.services.ingest.import_records import take_each
from presslens.app.services.ingest.inbox import import_inbox, preview_inbox
from presslens.app.services.ingest.inbox_editions import InboxEdition, find_editions
from presslens.app.services.ingest.tree import walk_editions
from presslens.pipelines.scans.scan import ReadingFailed, RejectReason, ScanRejected

from ....library import Issue, deliver_mets, draw_page, manifest, mets

ONE = Issue(captions=("One",))
NOBODY = 65534


@pytest.fixture
def inbox(tmp_path):
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


@contextmanager
def reader_without_rights():
    """Read as somebody to whom modes apply: they don't to root."""
    ours = os.geteuid()
    if ours == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(ours)


def deep(text, levels):
    return "[" * levels + text + "]" * levels


@pytest.mark.sqlite_alone
def test_hostile_descriptions_keep_no_other_edition_out(home, inbox, now):
    document = manifest(ONE, "https://library.example")
    texts = {
        "address": mets(ONE, {"Images": "x"}).replace("file://x", "http://[x/1.png"),
        "number": mets(ONE, {"Images": "/1.png"}).replace('BEL="1"', f'BEL="{"9" * 5000}"'),
        "label": json.dumps(document | {"label": "LABEL"}).replace('"LABEL"', deep('"x"', 5000)),
        "id": json.dumps(document | {"id": "LABEL"}).replace('"LABEL"', deep('"x"', 900)),
        "rights": json.dumps(document | {"rights": "\ud800\u0000" + "long " * 2000}),
        "service": json.dumps(document).replace("https://library.example/image", "http://[x"),
        "large": "",
    }  # fmt: skip
    for name, text in texts.items():
        folder = inbox / f"Bad {name}_2020-01-02"
        draw_page(folder / "1.png", seed=len(name))
        (folder / ("mets.xml" if text.startswith("<") else "manifest.json")).write_text(text)
    with (inbox / "Bad large_2020-01-02/manifest.json").open("wb") as sparse:
        sparse.write(json.dumps(document).encode())
        sparse.truncate(20 * 2**30)
    deliver_mets(inbox / "Courier_1939-05-13", ONE)
    preview, _ = preview_inbox(home, inbox, now=now)
    done = import_inbox(home, inbox, now=now)
    assert preview.skipped == done.skipped
    assert preview.new == done.new == ("Courier_1939-05-13",)
    assert set(done.skipped) == {f"Bad {name}_2020-01-02" for name in texts}
    for name, reason in (
        ("address", "is of 1939-05-13"),
        ("number", "is of 1939-05-13"),
        ("label", "this is no JSON"),
        ("id", "is of 1939-05-13"),
        ("rights", "is of 1939-05-13"),
        ("service", "is of 1939-05-13"),
        ("large", "the manifest is too large"),
    ):
        assert reason in done.skipped[f"Bad {name}_2020-01-02"], name


def test_folders_that_can_not_be_read_are_named(inbox, monkeypatch, subtests):
    for name, mode, locked in (
        ("A_2020-01-01", 0o000, "inner"),
        ("B_2020-01-01", 0o444, "."),
        ("C_2020-01-01", 0o755, "."),
    ):
        draw_page(inbox / name / "1.png", seed=ord(name[0]))
        (inbox / name / "inner").mkdir()
        (inbox / name / locked).chmod(mode)
    denied = dict.fromkeys(("A_2020-01-01", "B_2020-01-01"), "it can't be read: Permission denied")
    monkeypatch.chdir(inbox)  # only root may enter the folders above
    inbox.chmod(0o755)
    try:
        with reader_without_rights():
            with subtests.test("inbox"):
                found = find_editions(Path())
                assert [one.name for one in found.editions] == ["C_2020-01-01"]
                assert found.skipped == denied
            with subtests.test("tree"):
                listings = list(walk_editions(Path()))
                editions = [one.name for listing in listings for one in listing.editions]
                assert editions == ["C_2020-01-01"]
                assert denied == {k: v for one in listings for k, v in one.skipped.items()}
    finally:
        (inbox / "A_2020-01-01/inner").chmod(0o755)
        (inbox / "B_2020-01-01").chmod(0o755)


def test_an_edition_is_skipped_for_any_error_and_an_outage_ends_the_import(subtests):
    editions = [InboxEdition(name, name, None, ()) for name in ("bad", "good")]

    def fail_with(error):
        def take(edition):
            if edition.name == "bad":
                raise error
            return "imported"

        return take

    for error, reason in (
        (ReadingFailed("the reader was lost"), "the reader was lost"),
        (ScanRejected("a.zip", RejectReason.CORRUPT, "broken"), "a.zip: broken (corrupt)"),
        (MemoryError(), "it can't be taken in, see the log: MemoryError"),
        (RecursionError(), "it can't be taken in, see the log: RecursionError"),
    ):
        with subtests.test(reason):
            assert take_each(editions, fail_with(error)) == (["good"], 0, {"bad": reason}, {})
    with subtests.test("bytes that are being removed come with the next run"):
        reason = "the same bytes are removed at this moment; put them again"
        taken = take_each(editions, fail_with(BeingRemoved(reason)))
        assert taken == (["good"], 0, {}, {"bad": reason})
    for outage in (NoDatabase("away"), OperationalError("", {}, Exception())):
        with subtests.test(type(outage).__name__), pytest.raises(type(outage)):
            take_each(editions, fail_with(outage))
