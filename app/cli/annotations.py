"""``presslens reviews import-…``: what people have corrected in another tool, as reviews."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from presslens.app.cli.command import Printed, command, opened
from presslens.app.cli.console import Aside, Careful
from presslens.app.platform import clock
from presslens.app.platform.text import LONGEST_NAME, one_line
from presslens.app.services.annotations.annotated import AnnotationFile
from presslens.app.services.annotations.coco import read_coco
from presslens.app.services.annotations.label_studio import read_label_studio
from presslens.app.services.corrections.annotations import AnnotationImport, import_annotations
from presslens.pipelines.counted import counted

MOST_SHOWN = 20
"""Problems that are listed; ``--json`` has all of them."""

FileArgument = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="The file that the tool has exported.")
]
YesOption = Annotated[
    bool, typer.Option("--yes", help="Store it; without, it is only said what would change.")
]


@command()
def import_coco(
    file: FileArgument,
    coder: Annotated[str, typer.Option(help="Who has corrected it.")],
    exported: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="The file that the tool was given."),
    ] = None,
    yes: YesOption = False,
) -> Printed:
    """Take in COCO JSON that was corrected in CVAT, FiftyOne or another tool, as reviews."""
    annotated = read_coco(
        file.read_bytes(),
        coder=one_line(coder, "a coder's name", LONGEST_NAME),
        exported=None if exported is None else exported.read_bytes(),
    )
    return _take_in(annotated, yes=yes)


@command()
def import_label_studio(
    file: FileArgument,
    coder: Annotated[
        str | None, typer.Option(help="Who has annotated it, if that was one person.")
    ] = None,
    annotator: Annotated[
        list[str] | None,
        typer.Option(help="ID=NAME or E-MAIL=NAME: the name of one who has annotated."),
    ] = None,
    yes: YesOption = False,
) -> Printed:
    """Take in what people have corrected in Label Studio, exported as JSON, as reviews."""
    names = dict(_named(text) for text in annotator or ())
    annotated = read_label_studio(file.read_bytes(), names=names, coder=coder)
    return _take_in(annotated, yes=yes)


def _named(text: str) -> tuple[str, str]:
    who, _, name = text.partition("=")
    if not who or not name:
        raise typer.BadParameter(f"{text!r} is not ID=NAME", param_hint="--annotator")
    return who, name


def _take_in(annotated: AnnotationFile, *, yes: bool) -> Printed:
    with opened("comparing", kept="nothing is changed") as home:
        result = import_annotations(home, annotated, apply=yes, now=clock.now())
    yield result
    yield from _taken(result)


def _taken(result: AnnotationImport) -> Printed:
    counts = result.counts
    yield f"{counted(result.pages, 'page')} compared, by {escape(', '.join(result.coders)) or '–'}"
    for kind, what in (
        ("added", "drawn: missed before"),
        ("moved", "with another box"),
        ("removed", "removed: no photos"),
        ("answered", "answered about"),
    ):
        yield f"{counted(counts[kind], 'photo'):>16} {what}"
    yield f"{counted(counts['checked'], 'page'):>16} looked through"
    yield f"{counted(result.unchanged, 'photo'):>16} as before, which is no statement"
    for number, what in (
        (counted(result.left, "photo"), "drawn here and not in the file: left as before"),
        (counted(result.imported_before, "page"), "imported before"),
        (counted(result.skipped, "task"), "skipped or not annotated"),
        (counted(result.not_read, "annotation"), "of what can't be corrected here"),
    ):
        if not number.startswith("0 "):
            yield f"{number:>16} {what}"
    for problem in result.problems[:MOST_SHOWN]:
        yield escape(f"not taken in: {problem}")
    if len(result.problems) > MOST_SHOWN:
        yield f"and {len(result.problems) - MOST_SHOWN} more, which --json lists"
    if not result.pages and not result.imported_before and result.skipped:
        yield Careful("nobody has annotated any of it: is this the file that the tool was given?")
    if not result.applied:
        yield Aside("nothing is changed yet: --yes stores it")
    elif result.edit is None:
        yield Aside("there was nothing to change")
    else:
        yield Aside(f"stored; `presslens edits undo {result.edit}` takes all of it back")
