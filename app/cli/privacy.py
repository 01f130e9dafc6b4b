"""``presslens privacy``: what is stored of people, and how it is encrypted and erased."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.console import Aside
from presslens.app.cli.options import CoderOption
from presslens.app.cli.progress import progress
from presslens.app.cli.tables import ReadableTable
from presslens.app.db.cipher import write_key
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.services.privacy.encryption import encrypt_embeddings
from presslens.app.services.privacy.erasure import erase_coder, erase_embeddings, erase_person
from presslens.app.services.privacy.people_report import PeopleReport, StoredFigure, report_people
from presslens.pipelines.counted import counted

cli = typer.Typer(no_args_is_help=True)
erase = typer.Typer(no_args_is_help=True)
cli.add_typer(erase, name="erase", help="Erase a figure, a coder's name, or all embeddings.")

YesOption = Annotated[bool, typer.Option("--yes", help="Don't ask.")]
NOT_BACK = "It can't be brought back but from a backup"


@command(cli, "report", doing="counting")
def report(home: Installation) -> Printed:
    """Show what is stored of figures, of faces without a name, and of coders."""
    people = report_people(home)
    yield people
    yield _figures(people) if people.figures else "nobody is enrolled"
    for where, faces in (("photos", people.photos), ("reference photos", people.references)):
        yield (
            f"faces in {where}: {faces.faces:,}, judged to be children's {faces.children:,};"
            f" embeddings {faces.embeddings:,}, of children {faces.embeddings_of_children:,}"
        )
    if people.key is None:
        yield "embeddings are not encrypted: see PRESSLENS_KEY_FILE"
    else:
        yield f"embeddings are encrypted with the key {people.key}; not yet: {people.unencrypted:,}"
    for name, counts in people.coders.items():
        places = ", ".join(f"{where.replace('_', ' ')} {n:,}" for where, n in counts.items())
        yield f"coder {name}: {places}"


def _figures(people: PeopleReport) -> ReadableTable:
    counts = ("references", "embeddings", "sightings", "answers")
    rows = (
        (one.name, one.public_role or _roles(one), *(getattr(one, name) for name in counts))
        for one in people.figures
    )
    heads = ("figure", "public role", *counts)
    return ReadableTable.of(*heads, whole=("figure", *counts), rows=rows)


def _roles(figure: StoredFigure) -> str:
    return ", ".join(dict.fromkeys(figure.roles.values()))


@command(cli, "key")
def key(
    file: Annotated[Path, typer.Argument(help="The key file to make.")],
) -> Printed:
    """Make a key file for embeddings; without it nobody reads them, backups included."""
    made = write_key(file)
    yield {"file": str(file), "key": made.id}
    yield f"{file} is a key file now, readable by you alone: {made.id}"
    yield Aside(
        "keep a copy away from this machine, and apart from backups; then set PRESSLENS_KEY_FILE"
    )


@command(cli, "encrypt")
def encrypt() -> Printed:
    """Encrypt the embeddings with the key in PRESSLENS_KEY_FILE; stop server and workers before."""
    remains = "what is encrypted stays so, and the command goes on there"
    with progress("encrypting", remains=remains) as work:
        done = encrypt_embeddings(Settings(), progress=work.update)
    yield done
    faces = counted(done.faces, "face in a photo", "faces in photos")
    yield f"embeddings of {faces} and of {counted(done.references, 'reference')} are encrypted"


@command(erase, "figure")
def erase_figure_named(
    home: Installation,
    name: Annotated[str, typer.Argument(help="The figure's name.")],
    yes: YesOption = False,
    coder: CoderOption = None,
) -> Printed:
    """Erase a figure: references, embeddings, sightings, answers, and its name in the log."""
    _confirm(f"Erase {name} with all that is stored of it? {NOT_BACK}", yes=yes)
    edit = erase_person(home, name, coder=coder, now=clock.now())
    yield {"erased": name, "edit": edit}
    yield f"{name} is erased; the files of its references go within hours, as workers come by"


@command(erase, "coder")
def erase_coder_named(
    home: Installation,
    name: Annotated[str, typer.Argument(help="The coder's name.")],
    yes: YesOption = False,
    coder: CoderOption = None,
) -> Printed:
    """Replace a coder's name by a pseudonym everywhere; the answers stay."""
    _confirm(f"Replace the name {name} everywhere? {NOT_BACK}", yes=yes)
    pseudonym, edit = erase_coder(home, name, coder=coder, now=clock.now())
    yield {"erased": name, "pseudonym": pseudonym, "edit": edit}
    yield f"{name} is {pseudonym} now, in answers, samples, the log and exports"


@command(erase, "embeddings")
def erase_all_embeddings(
    home: Installation, yes: YesOption = False, coder: CoderOption = None
) -> Printed:
    """Erase all face embeddings: no photo shows a figure until its page is analysed again."""
    _confirm("Erase all face embeddings? They can't be brought back", yes=yes)
    counts, edit = erase_embeddings(home, coder=coder, now=clock.now())
    yield {**counts.to_json(), "edit": edit}
    faces = counted(counts.faces, "face in a photo", "faces in photos")
    yield f"embeddings of {faces} and of {counted(counts.references, 'reference')} are erased"


def _confirm(question: str, *, yes: bool) -> None:
    if not yes:
        typer.confirm(question, abort=True)
