"""``presslens reviews import-…``: what people have corrected in another tool, as reviews."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from presslens.app.cli.console import emit_json, say, tell, warn
from presslens.app.cli.options import JsonOption
from presslens.app.cli.progress import progress
from presslens.app.installation import open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
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


def import_coco(
    file: FileArgument,
    coder: Annotated[str, typer.Option(help="Who has corrected it.")],
    exported: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="The file that the tool was given."),
    ] = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Take in COCO JSON that was corrected in CVAT, FiftyOne or another tool, as reviews."""
    annotated = read_coco(
        file.read_bytes(),
        coder=one_line(coder, "a coder's name", LONGEST_NAME),
        exported=None if exported is None else exported.read_bytes(),
    )
    _take_in(annotated, yes=yes, as_json=as_json)


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
    as_json: JsonOption = False,
) -> None:
    """Take in what people have corrected in Label Studio, exported as JSON, as reviews."""
    names = dict(_named(text) for text in annotator or ())
    annotated = read_label_studio(file.read_bytes(), names=names, coder=coder)
    _take_in(annotated, yes=yes, as_json=as_json)


def _named(text: str) -> tuple[str, str]:
    who, _, name = text.partition("=")
    if not who or not name:
        raise typer.BadParameter(f"{text!r} is not ID=NAME", param_hint="--annotator")
    return who, name


def _take_in(annotated: AnnotationFile, *, yes: bool, as_json: bool) -> None:
    with (
        open_installation(Settings()) as home,
        progress("comparing", kept="nothing is changed"),
    ):
        result = import_annotations(home, annotated, apply=yes, now=clock.now())
    if as_json:
        emit_json(result.to_json())
    else:
        _say(result)


def _say(result: AnnotationImport) -> None:
    counts = result.counts
    say(f"{counted(result.pages, 'page')} compared, by {escape(', '.join(result.coders)) or '–'}")
    for kind, what in (
        ("added", "drawn: missed before"),
        ("moved", "with another box"),
        ("removed", "removed: no photos"),
        ("answered", "answered about"),
    ):
        say(f"{counted(counts[kind], 'photo'):>16} {what}")
    say(f"{counted(counts['checked'], 'page'):>16} looked through")
    say(f"{counted(result.unchanged, 'photo'):>16} as before, which is no statement")
    for number, what in (
        (counted(result.left, "photo"), "drawn here and not in the file: left as before"),
        (counted(result.imported_before, "page"), "imported before"),
        (counted(result.skipped, "task"), "skipped or not annotated"),
        (counted(result.not_read, "annotation"), "of what can't be corrected here"),
    ):
        if not number.startswith("0 "):
            say(f"{number:>16} {what}")
    for problem in result.problems[:MOST_SHOWN]:
        say(escape(f"not taken in: {problem}"))
    if len(result.problems) > MOST_SHOWN:
        say(f"and {len(result.problems) - MOST_SHOWN} more, which --json lists")
    if not result.pages and not result.imported_before and result.skipped:
        warn("nobody has annotated any of it: is this the file that the tool was given?")
    if not result.applied:
        tell("nothing is changed yet: --yes stores it")
    elif result.edit is None:
        tell("there was nothing to change")
    else:
        tell(f"stored; `presslens edits undo {result.edit}` takes all of it back")
