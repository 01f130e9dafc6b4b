"""The wheel holds all that runs, and runs from any folder without writing to its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("app", "models", "pipelines", "samples", "seeds")
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
        if link.name != "__pycache__":
            shutil.copy(link, folder / "source" / "presslens", follow_symlinks=False)
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    run(
        sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(folder),
        str(folder / "source"),
    )  # fmt: skip
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an environment that borrows the packages of this one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    python = str(folder / "bin" / "python")
    options = ["--quiet", "--no-deps", "--no-index", "--no-compile"]
    run(sys.executable, "-m", "pip", "--python", python, "install", *options, str(wheel))
    return site


def test_the_wheel_holds_all_files_of_the_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if name.startswith("presslens/")}
    rooms = {f"presslens/{name}" for name in tracked() - NOT_SHIPPED}
    assert names == rooms | {"presslens/__init__.py", "presslens/__main__.py"}


def test_the_wheel_takes_one_name(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"presslens"}


def contents(folder: Path) -> dict[str, int]:
    return {str(p.relative_to(folder)): p.stat().st_mtime_ns for p in folder.rglob("*")}


def test_an_installed_wheel_runs_from_any_folder(site: Path, tmp_path: Path) -> None:
    before = contents(site)
    for path in [site, *site.rglob("*")]:
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
    made = {path.name for path in folder.iterdir()} - {
        "app.py",
        "models",
        "samples",
        "seeds",
        "lab",
    }
    assert made == {"var"}
    assert run(str(site.parents[2] / "bin" / "python"), "-m", "presslens", "--version", cwd=folder)
    assert contents(site) == before
