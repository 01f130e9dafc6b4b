"""``presslens privacy``: what is stored of people, and how it is encrypted and erased."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from presslens.app.cli.console import emit_json, say, tell
from presslens.app.cli.options import CoderOption, JsonOption
from presslens.app.cli.progress import progress
from presslens.app.cli.tables import ReadableTable, print_table
from presslens.app.db.cipher import write_key
from presslens.app.installation import open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.services.privacy.encryption import encrypt_embeddings
from presslens.app.services.privacy.erasure import erase_coder, erase_embeddings, erase_person
from presslens.app.services.privacy.people_report import PeopleReport, report_people
from presslens.pipelines.counted import counted

cli = typer.Typer(no_args_is_help=True)
erase = typer.Typer(no_args_is_help=True)
cli.add_typer(erase, name="erase", help="Erase a figure, a coder's name, or all embeddings.")

YesOption = Annotated[bool, typer.Option("--yes", help="Don't ask.")]
NOT_BACK = "It can't be brought back but from a backup"


@cli.command("report")
def report(as_json: JsonOption = False) -> None:
    """Show what is stored of figures, of faces without a name, and of coders."""
    with open_installation(Settings()) as home, progress("counting"):
        found = report_people(home)
    if as_json:
        emit_json(found.to_json())
        return
    _show_figures(found)
    for where, faces in (("photos", found.photos), ("reference photos", found.references)):
        say(
            f"faces in {where}: {faces.faces:,}, judged to be children's {faces.children:,};"
            f" embeddings {faces.embeddings:,}, of children {faces.embeddings_of_children:,}"
        )
    if found.key is None:
        say("embeddings are not encrypted: see PRESSLENS_KEY_FILE")
    else:
        say(f"embeddings are encrypted with the key {found.key}; not yet: {found.unencrypted:,}")
    for name, counts in found.coders.items():
        said = ", ".join(f"{where.replace('_', ' ')} {n:,}" for where, n in counts.items())
        say(f"coder {name}: {said}")


def _show_figures(found: PeopleReport) -> None:
    if not found.figures:
        say("nobody is enrolled")
        return
    table = ReadableTable.of("figure", whole=("figure",))
    table.column("public role")
    for heading in ("references", "embeddings", "sightings", "answers"):
        table.column(heading, whole=True)
    for figure in found.figures:
        table.add_row(
            escape(figure.name),
            escape(figure.public_role or figure.role),
            *map(str, (figure.references, figure.embeddings, figure.sightings, figure.answers)),
        )
    print_table(table)


@cli.command("key")
def key(
    file: Annotated[Path, typer.Argument(help="The key file to make.")],
    as_json: JsonOption = False,
) -> None:
    """Make a key file for embeddings; without it nobody reads them, backups included."""
    made = write_key(file)
    if as_json:
        emit_json({"file": str(file), "key": made.id})
        return
    say(f"{file} is a key file now, readable by you alone: {made.id}")
    tell("keep a copy away from this machine, and apart from backups; then set PRESSLENS_KEY_FILE")


@cli.command("encrypt")
def encrypt(as_json: JsonOption = False) -> None:
    """Encrypt the embeddings with the key in PRESSLENS_KEY_FILE; stop server and workers before."""
    kept = "what is encrypted stays so, and the command goes on there"
    with progress("encrypting", kept=kept) as work:
        done = encrypt_embeddings(Settings(), progress=work.update)
    if as_json:
        emit_json(done.to_json())
        return
    faces = counted(done.faces, "face in a photo", "faces in photos")
    say(f"embeddings of {faces} and of {counted(done.references, 'reference')} are encrypted")


@erase.command("figure")
def erase_figure_named(
    name: Annotated[str, typer.Argument(help="The figure's name.")],
    yes: YesOption = False,
    coder: CoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Erase a figure: references, embeddings, sightings, answers, and its name in the log."""
    _confirm(f"Erase {name} with all that is stored of it? {NOT_BACK}", yes=yes)
    with open_installation(Settings()) as home:
        edit = erase_person(home, name, coder=coder, now=clock.now())
    if as_json:
        emit_json({"erased": name, "edit": edit})
        return
    say(f"{name} is erased; the files of its references go within hours, as workers come by")


@erase.command("coder")
def erase_coder_named(
    name: Annotated[str, typer.Argument(help="The coder's name.")],
    yes: YesOption = False,
    coder: CoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Replace a coder's name by a pseudonym everywhere; the answers stay."""
    _confirm(f"Replace the name {name} everywhere? {NOT_BACK}", yes=yes)
    with open_installation(Settings()) as home:
        pseudonym, edit = erase_coder(home, name, coder=coder, now=clock.now())
    if as_json:
        emit_json({"erased": name, "pseudonym": pseudonym, "edit": edit})
        return
    say(f"{name} is {pseudonym} now, in answers, samples, the log and exports")


@erase.command("embeddings")
def erase_all_embeddings(
    yes: YesOption = False, coder: CoderOption = None, as_json: JsonOption = False
) -> None:
    """Erase all face embeddings: no photo shows a figure until its page is analysed again."""
    _confirm("Erase all face embeddings? They can't be brought back", yes=yes)
    with open_installation(Settings()) as home:
        counts, edit = erase_embeddings(home, coder=coder, now=clock.now())
    if as_json:
        emit_json({**counts.to_json(), "edit": edit})
        return
    faces = counted(counts.faces, "face in a photo", "faces in photos")
    say(f"embeddings of {faces} and of {counted(counts.references, 'reference')} are erased")


def _confirm(question: str, *, yes: bool) -> None:
    if not yes:
        typer.confirm(question, abort=True)
