"""``presslens export`` and ``presslens import --snapshot``."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from presslens.app.cli import cli, main
from presslens.app.platform.errors import Conflict, InvalidRequest

runner = CliRunner()


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch, archive) -> Iterator[None]:
    monkeypatch.setenv("PRESSLENS_RECIPE", str(archive.settings.recipe))
    monkeypatch.setenv("PRESSLENS_DATA_DIR", str(archive.settings.data_dir))
    monkeypatch.setenv("PRESSLENS_MIN_FREE_BYTES", "0")
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("command", "rows"),
    [
        (["csv"], {"photos": 80}),
        (["csv", "--publication", "Minju Joson"], {"photos": 40}),
        (["json", "--from", "2015-01-04"], {"editions": 2}),
        (["parquet", "--to", "2015-01-02"], {"editions": 1}),
        (["parquet", "--table", "photos", "--edition", "1"], {"photos": 20}),
        (["coco"], {"images": 20}),
        (["coco", "--photos-only", "--images"], {"images": 20, "annotations": 80}),
        (["label-studio", "--edition", "1"], {"tasks": 5, "photos": 20}),
        (["alto"], {"pages": 20, "photos": 80}),
        (["page", "--edition", "1"], {"pages": 5, "photos": 20}),
        (["iiif", "--edition", "1"], {}),
        (["iiif"], {}),
        (["snapshot", "--author", "Kim Researcher"], {"photos": 80}),
    ],
)
def test_files_are_written_whole(tmp_path: Path, command: list[str], rows: dict[str, int]) -> None:
    target = tmp_path / "out.bin"
    done = runner.invoke(cli, ["export", *command, "--out", str(target), "--json"])
    assert done.exit_code == 0, done.output
    summary = json.loads(done.stdout)
    assert summary["sha256"] == hashlib.sha256(target.read_bytes()).hexdigest()
    assert summary["bytes"] == target.stat().st_size
    assert rows.items() <= summary["rows"].items()
    assert [path.name for path in tmp_path.iterdir()] == ["out.bin"]


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


@pytest.mark.parametrize("what", ["csv", "coco", "iiif", "snapshot"])
def test_an_installation_that_can_only_be_read_is_exported(
    tmp_path: Path, read_only: Path, what: str
) -> None:
    target = tmp_path / "out.bin"
    done = runner.invoke(cli, ["export", what, "--out", str(target)])
    assert done.exit_code == 0, done.output
    assert target.stat().st_size
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "out.bin"]


@pytest.mark.parametrize(
    "command",
    [
        ["figures", "add", "Kim", "photo.png"],
        ["import", "photo.png", "--publication", "Rodong Sinmun", "--date", "2019-12-16"],
        ["reviews", "add", "1", "children=yes", "--coder", "Kim"],
    ],
)
def test_what_can_only_be_read_is_named(
    tmp_path: Path,
    read_only: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("photo.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    monkeypatch.setattr("sys.argv", ["presslens", *command])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    printed = capsys.readouterr().err
    assert "can't be written to" in printed
    assert str(read_only) in printed


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    target = tmp_path / "nowhere" / "out.zip"
    done = runner.invoke(cli, ["export", "csv", "--out", str(target)])
    assert isinstance(done.exception, InvalidRequest)
    assert "nowhere/out.zip can't be written" in str(done.exception)


@pytest.mark.parametrize(
    "command",
    [
        ["csv", "--table", "faces"],
        ["iiif", "--edition", "99"],
        ["iiif", "--edition", "1", "--publication", "x"],
        ["snapshot", "--publication", "none"],
    ],
)
def test_nothing_is_written_when_something_is_wrong(tmp_path: Path, command: list[str]) -> None:
    done = runner.invoke(cli, ["export", *command, "--out", str(tmp_path / "out.bin")])
    assert done.exit_code == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (["--edition", "99"], "there is no such edition"),
        (
            ["--publication", "Nobody"],
            "there is no newspaper 'Nobody'; there are: Minju Joson, Rodong Sinmun",
        ),
    ],
)
@pytest.mark.parametrize("what", ["csv", "coco"])
def test_a_file_stays_when_there_is_nothing_to_export(
    tmp_path: Path, what: str, option: list[str], message: str
) -> None:
    target = tmp_path / "out.zip"
    target.write_text("a good file")
    done = runner.invoke(cli, ["export", what, *option, "--out", str(target)])
    assert str(done.exception) == message
    assert target.read_text() == "a good file"


@pytest.mark.parametrize("as_json", [[], ["--json"]], ids=["text", "json"])
def test_a_snapshot_goes_into_another_installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_json: list[str]
) -> None:
    path = tmp_path / "snapshot.zip"
    table = runner.invoke(cli, ["export", "snapshot", "--out", str(path)])
    assert table.exit_code == 0
    assert "detections" in table.stdout
    monkeypatch.setenv("PRESSLENS_DATA_DIR", str(tmp_path / "other"))
    assert runner.invoke(cli, ["init"]).exit_code == 0
    done = runner.invoke(cli, ["import", "--snapshot", str(path), *as_json])
    assert done.exit_code == 0, done.output
    if as_json:
        assert json.loads(done.stdout)["added"]["photos"] == 80
    else:
        assert "80 added, 0 passed over" in done.stdout
        assert "Content sha256" in done.stdout
    again = runner.invoke(cli, ["import", "--snapshot", str(path)])
    assert isinstance(again.exception, Conflict)
    assert "`presslens init`" in str(again.exception)
    assert (
        runner.invoke(cli, ["import", "--snapshot", str(path), "--date", "2019-12-16"]).exit_code
        == 2
    )
    assert runner.invoke(cli, ["import"]).exit_code == 2
