"""The page on the architecture names what there is, and no modules import in a circle."""

import ast
import re
from collections.abc import Collection
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "explanation" / "architecture.md").read_text()
PACKAGES = ("app", "lab", "models", "pipelines", "presslens", "samples")


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_the_rooms_are_those_of_the_tree() -> None:
    listed = re.findall(r"^\| `([\w/]+)` \| \S", section("The rooms"), re.MULTILINE)
    folders = {
        str(path.parent.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("__init__.py")
    }
    assert sorted(listed) == sorted(folders)


def test_every_place_that_is_named_exists() -> None:
    places = re.findall(r"`((?:app|docs|lab|models|pipelines|samples|seeds|tests)/[\w/.]*)`", PAGE)
    assert len(places) > 40
    assert [place for place in places if not (ROOT / place).exists()] == []


def test_the_glossary_is_made_of_words_that_the_program_uses() -> None:
    words = re.findall(r"\*\*([^*]+)\*\*", section("Glossary"))
    source = " ".join(p.read_text() for name in PACKAGES for p in (ROOT / name).rglob("*.py"))
    text = re.sub(r"[_\s]+", " ", source).casefold()
    assert [word for word in words if word.casefold() not in text] == []


def imports(name: str, path: Path, modules: Collection[str]) -> set[str]:
    """Return the modules that a module imports: in functions and for types alone, too."""
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} has a relative import, which is not followed here"
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            imported |= {name if name in modules else str(node.module) for name in inner}
    return imported & set(modules)


def test_no_modules_import_each_other_in_a_circle() -> None:
    paths = {
        ".".join(("presslens", *path.relative_to(ROOT).with_suffix("").parts))
        .removeprefix("presslens." if package == "presslens" else "")
        .removesuffix(".__init__"): path
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
    }
    graph = {name: imports(name, path, paths) for name, path in paths.items()}
    assert sum(map(len, graph.values())) > len(graph)
    circle: list[str] = []
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = error.args[1]
    assert circle == []
