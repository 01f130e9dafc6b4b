import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PIL import Image as Pillow
from sqlalchemy import select, update

from presslens.app.db.session import Database
from presslens.app.db.tables import CaptionRow, OutcomeRow, PublicationRow
from presslens.app.platform.settings import Settings
from presslens.models.captions.reader import caption_reader
from presslens.models.geometry import Box
from presslens.models.recipe import CaptionRules
from presslens.models.scripted import BlockReader
from presslens.models.vocabulary import Image, NotRead, Transcript

from .conftest import document, invoke, printed, refusal

pytestmark = pytest.mark.usefixtures("installed")


@pytest.fixture
def scans(tmp_path: Path, draw_page: Callable[..., Image]) -> Path:
    folder = tmp_path / "scans"
    folder.mkdir()
    for name, bottom in (("page_2.png", 150), ("page_10.png", 170)):
        page = draw_page((20, 30, 180, 150), (220, 30, 380, bottom))
        Pillow.fromarray(page).save(folder / name)
    return folder


def test_analyze_writes_the_document_in_page_order(scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "out" / "result.json"
    told = document("analyze", scans, "--date", "2025-12-16", "--out", out)
    assert told == json.loads(out.read_text())
    assert [page["source"] for page in told["pages"]] == ["page_2.png", "page_10.png"]
    assert told["edition"] == {"publication": None, "date": "2025-12-16", "pages": 2}
    assert told["composition"]["photos"] == 4


def test_analyze_writes_a_page_for_each_page_and_photo(
    scans: Path, tmp_path: Path, draw_page: Callable[..., Image]
) -> None:
    Pillow.fromarray(draw_page().swapaxes(0, 1)).save(scans / "page_11.png")
    folder = tmp_path / "report"
    printed("analyze", scans, "--report", folder)
    assert (folder / "index.html").is_file()
    assert len(list((folder / "pages").glob("*.html"))) == 7
    warning = "the image is wider than high"
    warned = [warning in (folder / f"pages/page-{n}.html").read_text() for n in (1, 2, 3)]
    assert warned == [False, False, True]


def test_a_report_of_photos_speaks_of_no_page(scans: Path, tmp_path: Path) -> None:
    folder = tmp_path / "report"
    printed("analyze", scans, "--as-photos", "--report", folder)
    files = [folder / "index.html", *sorted((folder / "pages").glob("*.html"))]
    texts = [re.sub(r"<[^>]*>", " ", file.read_text()) for file in files]
    assert len(texts) == 5
    for text in texts:
        assert re.search(r"Photo 2\b", text) or "page_2.png" in text
        said = re.search(r".*(\bPages?\b|\bp\. |\bfold\b|of the page|newspaper is|`).*", text)
        assert said is None, said[0]
    assert "<code>presslens figures add</code>" in files[0].read_text()
    invoke("analyze", scans, "--as-photos", "--page-numbers", "1,2", code=2)
    invoke("analyze", scans, "--as-photos", "--pages-expected", "4", code=2)


def test_analyze_says_which_references_are_poor(
    scans: Path, tmp_path: Path, draw_page: Callable[..., Image]
) -> None:
    folder = tmp_path / "kim"
    folder.mkdir()
    for name, faces in (("a.png", [(40, 60, 70, 100)]), ("b.png", [])):
        Pillow.fromarray(draw_page((0, 0, 400, 560), faces=faces)).save(folder / name)
    told = invoke("analyze", scans, "--leader", f"Kim={folder}").stderr
    assert "Kim: b.png: no_face: " in told
    assert "a.png" not in told


def test_a_refused_file_is_named_and_the_rest_is_analysed(scans: Path, tmp_path: Path) -> None:
    (scans / "page_3.jpg").write_text("not a picture")
    out = tmp_path / "result.json"
    assert "page_3.jpg" in invoke("analyze", scans, "--out", out, code=1).stderr
    outcomes = [page["outcome"] for page in json.loads(out.read_text())["pages"]]
    assert outcomes == ["done", "rejected", "done"]


def test_what_can_not_be_analysed_is_said(tmp_path: Path, subtests: pytest.Subtests) -> None:
    (tmp_path / "empty").mkdir()
    out = tmp_path / "out.json"
    told = refusal("analyze", tmp_path / "empty", "--out", out)
    assert told == f"there are no scans in {tmp_path / 'empty'}"
    assert not out.exists()
    for command in (
        "analyze no-such-folder", "analyze . --leader nobody", "analyze . --date yesterday",
        "models train nothing", "nightly --inbox no-such-folder",
    ):  # fmt: skip
        with subtests.test(command):
            invoke(*command.split(), code=2)


def test_a_night_imports_and_analyses_once(scans: Path, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    scans.rename(inbox / "Daily_2025-12-16")
    first, second = (document("nightly", "--inbox", inbox) for _ in range(2))
    assert first["pages"] == {"done": 2}
    assert (second["imported"], second["pages"]) == ([], {})
    assert "imported 0 editions; 1 was known" in printed("nightly", "--inbox", inbox)


def test_the_recipe_is_shown_with_its_hash() -> None:
    shown = document("recipes", "show")
    assert len(shown["id"]) == 64
    assert shown["recipe"]["name"] == "scripted"


@pytest.mark.long
def test_photos_are_measured_on_composed_pages_alone_where_no_data_is(
    tmp_path: Path, draw_page: Callable[..., Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    def prepared(folder: Path, **_told: object) -> Path:
        edition = folder / "pages" / "clean" / "special-1"
        edition.mkdir(parents=True)
        Pillow.fromarray(draw_page((20, 30, 180, 150))).save(edition / "page_01.png")
        page = {"file": "page_01.png", "photos": [], "distractors": [{"box": [20, 30, 180, 150]}]}
        told = {"condition": "clean", "kind": "special"}
        (edition / "truth.json").write_text(json.dumps({"edition": told, "pages": [page]}))
        return folder / "pages"

    monkeypatch.setattr("presslens.lab.evaluation_pages.prepare_pages", prepared)
    out = tmp_path / "out"
    asked = ["--data", tmp_path / "none", "--out", out, "--folder", tmp_path]
    told = printed("models", "evaluate", *asked)
    assert "1 of 1" in told
    assert "the data differ" in told
    assert not out.exists()
    assert (tmp_path / "errors" / "clean.jpg").is_file()


@pytest.fixture
def unread(captioned_page: bytes, tmp_path: Path) -> Database:
    """An archive whose captions are not read."""
    folder = tmp_path / "inbox" / "Daily_2025-12-16"
    folder.mkdir(parents=True)
    (folder / "page_1.png").write_bytes(captioned_page)
    printed("nightly", "--inbox", folder.parent)
    database = Database(Settings().database_url)
    with database.write() as session:
        session.execute(update(CaptionRow).values(text=None))
        for table in (PublicationRow, OutcomeRow):
            session.execute(update(table).values(languages=["ko"]))
    return database


def test_captions_are_read_later_unless_their_scan_is_gone(unread: Database) -> None:
    told = document("captions")
    assert {name: told[name] for name in ("pages", "read", "unread", "lost")} == {
        "pages": 1, "read": 1, "unread": 0, "lost": {},
    }  # fmt: skip
    assert (told["no_language"], told["why_not"]) == (0, None)
    with unread.write() as session:
        assert session.scalars(select(CaptionRow.text)).one() == "abcd"
    assert "no caption waits" in printed("captions")
    with unread.write() as session:
        session.execute(update(CaptionRow).values(text=None))
    for scan in (Settings().data_dir / "scans").glob("*/*"):
        scan.unlink()
    assert "page_1.png" in invoke("captions", code=1).stderr
    with unread.write() as session:
        for table in (PublicationRow, OutcomeRow):
            session.execute(update(table).values(languages=None))
    assert "presslens publications set" in " ".join(invoke("captions").stderr.split())
    unread.close()


def test_without_a_reader_the_command_says_what_to_install(
    unread: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    reader = caption_reader(CaptionRules(letter_height=36, timeout_s=9, sure=0.5))
    monkeypatch.setattr("presslens.models.loading.load_captions", lambda _recipe: reader)
    done = invoke("captions", "--json", code=1)
    said = " ".join(done.stderr.split())
    assert "apt install tesseract-ocr" in said
    assert "presslens[captions]" in said
    assert json.loads(done.stdout)["why_not"] == reader.why_not(["ko"])
    unread.close()


def test_analyze_says_when_captions_are_not_read(
    captioned_page: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "page.png").write_bytes(captioned_page)
    for reason, said in (("failed", "took too long"), ("unsure", "too little confidence")):
        nothing = Transcript(not_read=NotRead(reason))
        monkeypatch.setattr(BlockReader, "read", lambda *_, read=nothing: read)
        done = invoke("analyze", tmp_path / "page.png", "--json")
        caption = json.loads(done.stdout)["pages"][0]["photos"][0]["caption"]
        assert (caption["text"], caption["not_read"]) == (None, reason)
        assert said in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("options", "languages"),
    [
        ((), []),
        (("--language", "ko"), ["ko"]),
        (("--language", "per", "--language", "en"), ["fa", "en"]),
        (("--publication", "로동신문"), ["ko"]),
        (("--publication", "Daily"), []),
        (("--publication", "로동신문", "--language", "en"), ["en"]),
        (("--publication", "Evening Courier"), ["fa", "en"]),
    ],
)
def test_analyze_reads_in_the_language_that_is_said_or_that_of_the_newspaper(
    captioned_page: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    languages: list[str],
) -> None:
    def read(self: object, page: Image, box: Box, languages: Sequence[str]) -> Transcript:
        return Transcript(text="+".join(languages))

    monkeypatch.setattr(BlockReader, "read", read)
    (tmp_path / "page.png").write_bytes(captioned_page)
    with Database(Settings().database_url).write() as session:
        session.add(PublicationRow(name="Evening Courier", languages=["fa", "en"]))
    told = document("analyze", tmp_path / "page.png", *options)
    assert told["pages"][0]["photos"][0]["caption"]["text"] == "+".join(languages)


def test_analyze_refuses_what_is_no_language(tmp_path: Path) -> None:
    refused = invoke("analyze", tmp_path, "--language", "qqq", code=2)
    assert "no language" in " ".join(refused.stderr.split())


def test_a_language_that_nothing_reads_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    told = invoke("analyze", tmp_path / "empty", "--language", "klingon", code=1).stderr
    assert "Tesseract does not read tlh" in told


SWALLOWING = """
import time
print("importing", flush=True)
try:
    time.sleep(60)
except BaseException:
    pass
"""
STARTING = """
import time
import presslens.app.cli
presslens.app.cli.cli = lambda: __import__("swallowing")
presslens.app.cli.main()
time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_not_lost_in_a_library_that_is_imported(
    tmp_path: Path, number: signal.Signals
) -> None:
    (tmp_path / "swallowing.py").write_text(SWALLOWING)
    command = [sys.executable, "-c", STARTING]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as program:
        try:
            assert program.stdout is not None
            assert program.stdout.readline() == "importing\n"
            program.send_signal(number)
            assert program.wait(50) == 128 + number
        finally:
            program.kill()
