"""``presslens export`` and ``presslens import --snapshot``."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from presslens.app.cli import main

from .conftest import document, invoke, printed, refusal


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch, archive) -> Iterator[None]:
    monkeypatch.setenv("PRESSLENS_RECIPE", str(archive.settings.recipe))
    monkeypatch.setenv("PRESSLENS_DATA_DIR", str(archive.settings.data_dir))
    monkeypatch.setenv("PRESSLENS_MIN_FREE_BYTES", "0")
    yield
    structlog.reset_defaults()


FILES = {
    "csv": {"photos": 80},
    "json --from 2015-01-04": {"editions": 2},
    "parquet --to 2015-01-02": {"editions": 1},
    "parquet --table photos --edition 1": {"photos": 20},
    "coco": {"images": 20},
    "coco --photos-only --images": {"images": 20, "annotations": 80},
    "label-studio --edition 1": {"tasks": 5, "photos": 20},
    "alto": {"pages": 20, "photos": 80},
    "page --edition 1": {"pages": 5, "photos": 20},
    "mets --edition 1": {"editions": 1, "pages": 5, "photos": 20},
    "iiif --edition 1": {},
    "iiif": {},
    "snapshot --author Kim": {"photos": 80},
}


def test_files_are_written_whole(tmp_path: Path, subtests: pytest.Subtests) -> None:
    target = tmp_path / "out.bin"
    for command, rows in FILES.items():
        with subtests.test(command):
            summary = document("export", *command.split(), "--out", target)
            assert summary["sha256"] == hashlib.sha256(target.read_bytes()).hexdigest()
            assert summary["bytes"] == target.stat().st_size
            assert rows.items() <= summary["rows"].items()
            assert [path.name for path in tmp_path.iterdir()] == ["out.bin"]
    papers = ("--publication", "Minju Joson")
    assert document("export", "csv", *papers, "--out", target)["rows"]["photos"] == 40


def test_addresses_are_at_the_public_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSLENS_PUBLIC_URL", "https://press.example.org")
    target = tmp_path / "iiif.json"
    document("export", "iiif", "--out", target)
    assert '"https://press.example.org/api/v1/' in target.read_text(encoding="utf-8")
    document("export", "iiif", "--out", target, "--base-url", "https://a.example.org")
    assert "press.example.org" not in target.read_text(encoding="utf-8")


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch, archive, tmp_path: Path) -> Path:
    """Set the environment to an installation that can only be read; return its folder."""
    folder = tmp_path / "data"
    shutil.copytree(archive.settings.data_dir, folder)
    shutil.rmtree(folder / "tmp")
    (folder / "tmp").write_text("no folder: nothing can be made in it, whoever runs this")
    monkeypatch.setenv("PRESSLENS_DATA_DIR", str(folder))
    url = f"sqlite:///file:{folder}/presslens.db?mode=ro&uri=true"
    monkeypatch.setenv("PRESSLENS_DATABASE_URL", url)
    return folder


def test_an_installation_that_can_only_be_read_is_exported(tmp_path: Path, read_only: Path) -> None:
    target = tmp_path / "out.bin"
    for what in ("csv", "coco", "iiif", "snapshot"):
        printed("export", what, "--out", target)
        assert target.stat().st_size
        assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "out.bin"]
        target.unlink()


def test_what_can_only_be_read_is_named(
    tmp_path: Path,
    read_only: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("photo.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    for command in (
        ["figures", "add", "Kim", "photo.png"],
        ["import", "photo.png", "--publication", "Rodong Sinmun", "--date", "2019-12-16"],
        ["reviews", "add", "1", "children=yes", "--coder", "Kim"],
    ):
        monkeypatch.setattr("sys.argv", ["presslens", *command])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 1
        said = capsys.readouterr().err
        assert "can't be written to" in said
        assert str(read_only) in said


def test_an_option_that_no_question_takes_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["presslens", "edits", "--by", "two\nlines"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "coder: a name is one line of printable characters" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    told = refusal("export", "csv", "--out", tmp_path / "nowhere" / "out.zip")
    assert "nowhere/out.zip can't be written" in told


def test_all_tables_are_written_under_no_name_of_one(tmp_path: Path) -> None:
    for kind, name in (("csv", "x.csv"), ("json", "x.ndjson"), ("parquet", "x.parquet")):
        told = invoke("export", kind, "--out", tmp_path / name, code=2).stderr
        assert f"{name} would be a ZIP file" in " ".join(told.replace("│", "").split())
    assert list(tmp_path.iterdir()) == []


def test_a_file_stays_when_there_is_nothing_to_export(tmp_path: Path) -> None:
    target = tmp_path / "out.zip"
    for command in ("csv --table faces", "iiif --edition 99", "iiif --edition 1 --publication x",
                    "snapshot --publication none"):  # fmt: skip
        invoke("export", *command.split(), "--out", target, code=1)
        assert list(tmp_path.iterdir()) == []
    target.write_text("a good file")
    nobody = "there is no newspaper 'Nobody'; there are: Minju Joson, Rodong Sinmun"
    for what in ("csv", "coco"):
        for option, message in (("--edition 99", "there is no such edition"),
                                ("--publication Nobody", nobody)):  # fmt: skip
            assert refusal("export", what, *option.split(), "--out", target) == message
            assert target.read_text() == "a good file"


def test_a_snapshot_goes_into_another_installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "snapshot.zip"
    assert "detections" in printed("export", "snapshot", "--out", path)
    for folder in ("text", "json"):
        monkeypatch.setenv("PRESSLENS_DATA_DIR", str(tmp_path / folder))
        printed("init")
        if folder == "json":
            assert document("import", "--snapshot", path)["added"]["photos"] == 80
        else:
            told = printed("import", "--snapshot", path)
            assert "80 added, 0 passed over" in told
            assert "Content sha256" in told
    assert "`presslens init`" in refusal("import", "--snapshot", path)
    invoke("import", "--snapshot", path, "--date", "2019-12-16", code=2)
    invoke("import", code=2)
