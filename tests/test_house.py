"""The rules of the house that no linter holds."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("app", "lab", "models", "pipelines", "presslens", "samples")
LONGEST = 500
"""Lines of a file."""

VAGUE = {"utils", "util", "helpers", "helper", "core", "common", "misc", "manager", "base"}

# Written in pieces, so that this file does not name what it looks for.
MACHINES = re.compile(r"(?<![\w.])/(?:" + "|".join(["work", "tmp/w", "root", "home"]) + r")/[\w.-]")


def tracked(*patterns: str) -> list[Path]:
    """Files that git knows, or, in an unpacked copy without git, those of the packages."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--", *patterns]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("this copy is not a git checkout")
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def test_nothing_lies_about() -> None:
    tops = {name(path).partition("/")[0] for path in tracked()}
    folders = {*PACKAGES, "seeds", "tests", "docs", "deploy", "requirements", ".ci"}
    files = {
        "README.md",
        "CHANGELOG.md",
        "CITATION.cff",
        "SECURITY.md",
        "LICENSE",
        "Makefile",
        "pyproject.toml",
    }
    assert tops == folders | files | {".gitignore", ".dockerignore"}


def test_no_file_is_too_long() -> None:
    lines = {name(path): len(path.read_text().splitlines()) for path in [*SOURCES, *TESTS]}
    assert {file: length for file, length in lines.items() if length > LONGEST} == {}


def test_every_module_says_what_it_is_and_no_class_name_occurs_twice() -> None:
    silent: list[str] = []
    places: dict[str, list[str]] = {}
    for path in SOURCES:
        module = ast.parse(path.read_text())
        first = (ast.get_docstring(module) or "").partition("\n")[0]
        silent += [] if first.endswith((".", ":")) else [name(path)]
        for node in ast.walk(module):
            # What is written from the API's description has its names.
            if isinstance(node, ast.ClassDef) and not path.stem.startswith("results_"):
                places.setdefault(node.name, []).append(name(path))
    assert silent == []
    assert {what: files for what, files in places.items() if len(files) > 1} == {}


def test_every_folder_is_a_package() -> None:
    folders = {path.parent for path in SOURCES if "migrations" not in path.parts}
    assert [name(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_modules_are_named_after_what_they_hold() -> None:
    assert [name(path) for path in SOURCES if path.stem in VAGUE] == []


def test_tests_mirror_the_tree() -> None:
    apart = {Path("guard"), Path("journeys")}  # of the suite, and of all pages together
    folders = {path.parent.relative_to(ROOT / "tests") for path in TESTS} - apart
    assert [str(folder) for folder in folders if not (ROOT / folder).is_dir()] == []


def test_no_tracked_file_names_a_path_of_somebody_s_machine() -> None:
    found = []
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content:
            found += [name(path)] if MACHINES.search(content.decode("utf-8", "replace")) else []
    assert found == []


def test_nothing_that_is_built_or_learned_elsewhere_is_tracked() -> None:
    paths = [name(path) for path in tracked()]
    assert [p for p in paths if p.startswith(("var/", ".venv/"))] == []
    assert [p for p in paths if p.endswith((".pyc", ".pt", ".pth", ".dat", ".db"))] == []
    assert [p for p in paths if (ROOT / p).stat().st_size > 20 * 2**20] == []


def test_the_licence_is_one_and_the_same() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["license"] == "AGPL-3.0-or-later"
    text = (ROOT / "LICENSE").read_text()
    assert "GNU AFFERO GENERAL PUBLIC LICENSE" in text
    assert "Version 3" in text
