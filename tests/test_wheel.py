"""The wheel holds all that runs, and runs from any folder without writing to its own."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Callable, Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import pytest
from packaging.markers import Marker

from presslens.models.vocabulary import Image

ROOT = Path(__file__).parent.parent
ROOMS = ("app", "models", "pipelines", "presslens", "samples", "seeds")
NOT_SHIPPED = {"samples/.gitignore"}


def run(*command: str, **options: object) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def tracked() -> set[str]:
    """Return the files of the packages that git knows."""
    command = ["git", "-C", str(ROOT), "ls-files", "--", *ROOMS]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("this copy is not a git checkout")
    return {name for name in listed.stdout.splitlines() if (ROOT / name).is_file()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of what git knows, and return its path."""
    folder = tmp_path_factory.mktemp("wheel")
    (folder / "source" / "presslens").mkdir(parents=True)
    for name in [*tracked(), "LICENSE", "README.md", "pyproject.toml"]:
        target = folder / "source" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    for link in (ROOT / "presslens").iterdir():
        if link.is_symlink():
            shutil.copy(link, folder / "source" / "presslens", follow_symlinks=False)
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    run(
        sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(folder),
        str(folder / "source"),
    )  # fmt: skip
    (built,) = folder.glob("*.whl")
    return built


def locked(file: str) -> Iterator[Distribution]:
    """Yield the installed packages of a file of ``requirements/``, for this Python alone."""
    for line in (ROOT / "requirements" / file).read_text().splitlines():
        asked, _, marker = line.removesuffix(" \\").partition(" ; ")
        if "==" in asked and (not marker or Marker(marker).evaluate()):
            yield distribution(asked.partition("==")[0])


@pytest.fixture(scope="module")
def site(wheel: Path) -> Iterator[Path]:
    """Install the wheel beside what ``make demo`` installs, without tests, torch and training.

    The files are links to those of this environment: there, for a link must stay on its disk.
    """
    with TemporaryDirectory(prefix="plain-", dir=sys.prefix) as folder:
        venv.create(folder, with_pip=False)
        (site,) = Path(folder).glob("lib/python*/site-packages")
        for package in locked("run.txt"):
            for name in {file.parts[0] for file in package.files or ()} - {"..", "__pycache__"}:
                there, here = Path(str(package.locate_file(name))), site / name
                if there.is_dir():
                    shutil.copytree(there, here, copy_function=os.link, dirs_exist_ok=True)
                else:
                    os.link(there, here)
        python = str(Path(folder) / "bin" / "python")
        options = ["--quiet", "--no-deps", "--no-index", "--no-compile"]
        run(sys.executable, "-m", "pip", "--python", python, "install", *options, str(wheel))
        yield site


def test_the_wheel_holds_all_files_of_the_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if name.startswith("presslens/")}
    assert names == {
        name if name.startswith("presslens/") else f"presslens/{name}"
        for name in tracked() - NOT_SHIPPED
    }


def test_the_wheel_takes_one_name(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"presslens"}


def test_what_the_wheel_holds_is_the_program(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    there = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    where = "from presslens.app import cli; print(cli.__file__, flush=True); cli.main()"
    told = run(sys.executable, "-P", "-c", where, "--version", cwd=tmp_path, env=there)
    file, version = told.splitlines()
    assert Path(file).is_relative_to(tmp_path / "site")
    assert version == f"presslens {project['version']}"


def contents(folder: Path) -> dict[str, int]:
    return {str(p.relative_to(folder)): p.stat().st_mtime_ns for p in folder.rglob("*")}


@pytest.mark.long
def test_an_installed_wheel_runs_from_any_folder(site: Path, tmp_path: Path) -> None:
    before = contents(site)
    for path in [site, *(site / "presslens").rglob("*")]:
        path.chmod(path.stat().st_mode & ~0o222)  # which does not stop root: see below
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PRESSLENS", "PYTHON"))}
    environment |= {
        "PRESSLENS_CACHE_DIR": str(tmp_path / "cache"),
        "PRESSLENS_MIN_FREE_BYTES": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    folder = tmp_path / "anywhere"
    for name in ("models", "samples", "seeds", "lab"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text("raise RuntimeError(__file__)")
    (folder / "app.py").write_text("raise RuntimeError(__file__)")
    theirs = {path.name for path in folder.iterdir()}

    def presslens(*arguments: str) -> str:
        program = site.parents[2] / "bin" / "presslens"
        return run(str(program), *arguments, cwd=folder, env=environment)

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert presslens("--version") == f"presslens {project['version']}\n"
    assert "is an installation now" in presslens("init")
    assert json.loads(presslens("claims", "--json"))
    weights = json.loads(presslens("models", "list", "--json"))
    assert {w["state"] for w in weights if not w["package"]} == {"ok"}
    assert {w["state"] for w in weights if w["package"]} == {"ModelUnavailable"}
    assert {path.name for path in folder.iterdir()} - theirs == {"var"}
    python = str(site.parents[2] / "bin" / "python")
    assert run(python, "-m", "presslens", "--version", cwd=folder, env=environment)
    assert contents(site) == before


EVERYTHING = """
import importlib, pkgutil, sys
import presslens
for module in pkgutil.walk_packages(presslens.__path__, "presslens."):
    if not module.name.endswith("__main__") and ".migrations." not in module.name:
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as error:  # of the extras that name a server or a cluster
            if error.name.partition(".")[0] not in {"opentelemetry", "psycopg", "ray", "s3fs"}:
                raise
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


@pytest.mark.long
def test_everything_is_imported_without_training_and_tests(site: Path, tmp_path: Path) -> None:
    python = str(site.parents[2] / "bin" / "python")
    names = set(run(python, "-P", "-c", EVERYTHING, cwd=tmp_path).split())
    assert {"presslens", "sklearn", "fastapi"} <= names
    assert names.isdisjoint({"torch", "torchvision", "ultralytics", "pytest", "matplotlib"})


@pytest.mark.long
@pytest.mark.weights
def test_a_page_is_analysed_without_training(
    site: Path, tmp_path: Path, draw_page: Callable[..., Image]
) -> None:
    scan, out = tmp_path / "1.png", tmp_path / "result.json"
    photo = (300, 400, 1100, 1000)
    cv2.imwrite(str(scan), draw_page(photo, size=(1400, 2000))[..., ::-1])
    run(str(site.parents[2] / "bin" / "presslens"), "analyze", str(scan), "--out", str(out))
    (page,) = json.loads(out.read_text())["pages"]
    assert page["photos"]


@pytest.mark.long
def test_the_laboratory_says_that_it_comes_with_the_repository(site: Path) -> None:
    program = str(site.parents[2] / "bin" / "presslens")
    for command in (("models", "train", "persons"), ("stats", "bench")):
        done = subprocess.run([program, *command], capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert f"{command[1]} comes with the repository of Presslens" in done.stderr
