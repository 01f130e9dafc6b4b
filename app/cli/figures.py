"""``presslens figures``: enrol the public figures to be recognised."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.text import Text

from presslens.app.api import links
from presslens.app.cli.command import Printed, command, opened
from presslens.app.cli.console import warn
from presslens.app.cli.notices import nothing_in, warn_of_folders, warn_of_queue
from presslens.app.cli.tables import ReadableTable
from presslens.app.installation import Installation, open_installation
from presslens.app.platform import clock
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.settings import Settings
from presslens.app.services.figures.confirm import confirm_face
from presslens.app.services.figures.erasure import purge_embeddings, remove_figure, remove_reference
from presslens.app.services.figures.figures import (
    enrol_figure,
    figure_named,
    find_figure,
    list_figures,
    set_role,
)
from presslens.app.services.figures.references import FigureState, ReferenceState
from presslens.app.services.ingest.upload import Incoming
from presslens.models.faces.gallery import Role
from presslens.pipelines.counted import counted
from presslens.pipelines.scans.scan import expand

cli = typer.Typer(no_args_is_help=True)

FigureArgument = Annotated[str, typer.Argument(help="The figure's name.")]
LARGEST = 2**31 - 1
"""Ids are no larger: so wide are their columns."""

NewspapersOption = Annotated[
    list[str] | None,
    typer.Option("--publication", help="A newspaper in which that is so; may be repeated."),
]

TRAITS = ("state", "quality", "size", "sharp", "facing", "agree", "vouched by")

AGAIN = "the photos are interpreted again by the worker"


@command(cli, "add")
def add(
    name: FigureArgument,
    references: Annotated[
        list[Path], typer.Argument(exists=True, help="Reference photos, or a folder of them.")
    ],
    role: Annotated[Role, typer.Option(help="What the figure is to newspapers.")] = Role.LEADER,
    publication: NewspapersOption = None,
    public_role: Annotated[
        str | None,
        typer.Option(help="The public role that the person has, for the log."),
    ] = None,
) -> Printed:
    """Enrol a public figure from reference photos; the worker checks and embeds them.

    The role is that in the newspapers that are named, or in the only one; elsewhere the figure is
    found, and is nobody's leader.
    """
    if not expand(references):
        raise InvalidRequest(nothing_in(references))
    warn_of_folders(references)
    with ExitStack() as stack:
        photos = (Incoming(p.name, stack.enter_context(p.open("rb"))) for p in expand(references))
        with opened("storing photos", remains="nobody is enrolled by it") as home:
            figure_id = enrol_figure(
                home,
                name,
                photos,
                role=role,
                newspapers=publication,
                public_role=public_role,
                now=clock.now(),
            ).figure
            figure = find_figure(home, figure_id)
            if role is not Role.OTHER and not figure.roles:
                warn(
                    f"there are several newspapers, so {name} is {role.value} of none: say of which"
                    f' by `presslens figures role "{name}" {role.value} --publication NAME`'
                )
            for warning in figure.warnings:
                warn(warning)
            warn_of_queue(home)
    return _changed(figure, f"{name} is figure {figure_id}, {_roles(figure)}")


@command(cli, "list")
def list_all(home: Installation) -> Printed:
    """List the enrolled figures, which of their references can be used, and how good each is."""
    figures = list_figures(home)
    yield [links.served_figure(figure) for figure in figures]
    if not figures:
        yield "nobody is enrolled yet: see `presslens figures add`"
    for figure in figures:
        yield from _shown(figure)


@command(cli, "role")
def change_role(
    home: Installation,
    name: FigureArgument,
    role: Annotated[Role, typer.Argument(help="What the figure is to newspapers.")],
    publication: NewspapersOption = None,
) -> Printed:
    """Change the role of a figure in newspapers; other takes it away."""
    figure_id = figure_named(home, name)
    set_role(home, figure_id, role, newspapers=publication, now=clock.now())
    figure = find_figure(home, figure_id)
    warn_of_queue(home)
    return _changed(figure, f"{name} is {_roles(figure)}")


@command(cli, "remove")
def remove(
    home: Installation,
    name: FigureArgument,
    reference: Annotated[
        int | None,
        typer.Option(min=1, max=LARGEST, help="Only this reference, by its id in the list."),
    ] = None,
) -> Printed:
    """Remove a figure with all its references, or one of them."""
    figure_id = figure_named(home, name)
    if reference is None:
        edit = None
        remove_figure(home, figure_id, now=clock.now())
    else:
        edit = remove_reference(home, figure_id, reference, now=clock.now())
    logged = {} if edit is None else {"edit": edit}
    yield {"removed": name, "reference": reference, **logged}
    what = name if reference is None else f"reference {reference} of {name}"
    undo = "" if edit is None else f"; within the hour, `presslens edits undo {edit}` undoes it"
    yield f"{what} is removed; {AGAIN}{undo}"


@command(cli, "confirm", doing="reading the page", remains="the face is not confirmed")
def confirm(
    home: Installation,
    name: FigureArgument,
    photo: Annotated[
        int,
        typer.Option(min=1, max=LARGEST, help="Id of the photo, as /api/v1/photos has it."),
    ],
    face: Annotated[int, typer.Option(min=0, help="Which face; 0 is the largest.")] = 0,
) -> Printed:
    """Take a face in an analysed photo for the figure's, and match with it from now on."""
    figure_id = figure_named(home, name)
    confirm_face(home, figure_id, photo, which=face, now=clock.now())
    figure = find_figure(home, figure_id)
    return _changed(figure, f"face {face} of photo {photo} is a reference of {name}")


@command(cli, "purge")
def purge(
    embeddings: Annotated[
        bool, typer.Option("--embeddings", help="Delete the embeddings of all faces.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> Printed:
    """Delete all face embeddings: no photo shows a figure until its page is analysed again."""
    if not embeddings:
        raise typer.BadParameter("say what to purge: --embeddings")
    if not yes:
        typer.confirm("Delete all face embeddings? They can't be brought back", abort=True)
    with open_installation(Settings()) as home:
        purged = purge_embeddings(home)
    yield purged
    faces = counted(purged.faces, "face in a photo", "faces in photos")
    references = counted(purged.references, "reference")
    yield f"embeddings of {faces} and of {references} are deleted; {AGAIN}"


def _changed(figure: FigureState, sentence: str) -> Printed:
    yield links.served_figure(figure)
    yield f"{sentence}; {AGAIN}"


def _roles(figure: FigureState) -> str:
    """Return the roles of a figure in words: leader of Rodong Sinmun."""
    roles = {role: figure.newspapers(role) for role in Role}
    words = [f"{role.value} of {' and '.join(papers)}" for role, papers in roles.items() if papers]
    return ", ".join(words) or "without a role in any newspaper"


def _shown(figure: FigureState) -> Printed:
    """Yield a figure's references, and below the table what is wrong with which of them."""
    yield Text.from_markup(f"[bold]{escape(figure.name)}[/bold], {escape(_roles(figure))}")
    if not figure.references:
        yield "no references: `presslens figures confirm` takes faces of analysed photos"
        return
    # The name is the only one that gives way.
    yield ReadableTable.of(
        "id", "reference", *TRAITS, whole=("id", *TRAITS), rows=map(_row, figure.references)
    )
    yield from map(str, figure.warnings)
    for reference in figure.references:
        why = reference.reason or reference.doubt
        if why:
            yield f"{reference.id}: {why}"


def _row(reference: ReferenceState) -> tuple[object, ...]:
    return (
        reference.id,
        reference.name,
        reference.status.value if reference.status else "queued",
        _number(reference.quality),
        "" if reference.size is None else f"{reference.size:.0f} px",
        _number(reference.sharpness),
        _number(reference.facing),
        _number(reference.agreement),
        reference.vouched_by or "",
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
