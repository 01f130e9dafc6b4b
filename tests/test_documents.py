"""What the documents tell people to type can be typed: commands, options, files and links exist."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from presslens.app.cli import cli

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`((?:[A-Z_]+=\S+ )?(?:\.venv/bin/)?presslens [^`]+)`")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(#[^)\s]*)?\)")
PROGRAMS = ("presslens", ".venv/bin/presslens")
ENDS = {"|", ">", "&&", "||", ";", "#"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def commands(text: str) -> Iterator[list[str]]:
    """Yield the arguments of each call of the program in a document."""
    blocks = [body.replace("\\\n", " ") for _, body in BLOCK.findall(text)]
    outside = " ".join(BLOCK.sub("", text).split())
    lines = [line for body in blocks for line in body.splitlines()] + SPAN.findall(outside)
    for line in lines:
        line = line.replace("…", "X").strip()
        if "presslens " not in line:
            continue
        try:
            words = shlex.split(line, comments=True)
        except ValueError:  # prose in a block of output
            continue
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            words.pop(0)
        if words and words[0] in PROGRAMS:
            rest = words[1:]
            ends = [i for i, word in enumerate(rest) if word in ENDS]
            yield rest[: ends[0]] if ends else rest


def wrong(arguments: list[str]) -> str | None:
    """Return what is wrong with the arguments of a call; None if nothing is."""
    group = typer.main.get_command(cli)
    context = typer.Context(group)
    words = list(arguments)
    while isinstance(group, TyperGroup) and words and re.fullmatch(r"[a-z][a-z-]*", words[0]):
        try:
            _, command, words = group.resolve_command(context, words)
        except Exception as error:
            return str(error)
        group, context = command, typer.Context(command, parent=context)
    known = {option for p in group.params for option in (*p.opts, *p.secondary_opts)}
    known |= {"--help", "--version"}
    given = {word.partition("=")[0] for word in words if word.startswith("--")}
    return f"no option {', '.join(sorted(given - known))}" if given - known else None


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_commands_in_documents_exist_with_their_options(path: Path) -> None:
    faults = {}
    for arguments in commands(path.read_text(encoding="utf-8")):
        fault = wrong(arguments)
        if fault:
            faults[" ".join(arguments)] = fault
    assert faults == {}


def test_commands_are_found_in_documents_at_all() -> None:
    found = [a for path in DOCUMENTS for a in commands(path.read_text(encoding="utf-8"))]
    assert len(found) > 50
    assert wrong(["stats", "show", "children", "--bye", "month"]) == "no option --bye"
    assert "statz" in (wrong(["statz"]) or "")


def anchors(path: Path) -> set[str]:
    """Return the anchors of the headings of a document, as forges make them."""
    heads = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", head.strip().lower()) for head in heads)
    return {"#" + head.replace(" ", "-") for head in plain}


@pytest.mark.parametrize("path", [*DOCUMENTS, ROOT / "CHANGELOG.md"], ids=name)
def test_links_in_documents_lead_somewhere(path: Path) -> None:
    broken = []
    for target, anchor in LINK.findall(path.read_text(encoding="utf-8")):
        file = (path.parent / target).resolve() if target else path
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            broken.append(target + anchor)
    assert broken == []


def test_the_index_leads_to_every_document() -> None:
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / target).resolve() for target, _ in LINK.findall(index.read_text())}
    assert set(DOCUMENTS) - {ROOT / "README.md", index} - linked == set()
