"""``presslens backup``, ``restore`` and ``check``: what an archive is kept with."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.console import Aside, Careful, fail, tell, warn
from presslens.app.cli.progress import progress
from presslens.app.installation import open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.preservation.backup import back_up
from presslens.app.preservation.check import ArchiveFault, check_archive
from presslens.app.preservation.repair import repair_archive
from presslens.app.preservation.restore import RestoredBackup, restore_backup
from presslens.app.services.accounts.accounts import Access
from presslens.pipelines.counted import counted


@command()
def backup(
    target: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="The file to write; or a folder, if it is one or ends with a slash.",
        ),
    ],
) -> Printed:
    """Back up the installation into a file, or bring a folder up to date, while others work.

    A file is a TAR with everything, to be moved and stored. A folder is for every night: only new
    scans are copied into it. Both can be restored, on SQLite and on PostgreSQL.
    """
    path = Path(target)
    with (
        open_installation(Settings()) as home,
        progress("copying files", remains="an earlier backup is as it was") as work,
    ):
        done = back_up(
            home, path, now=clock.now(), is_folder=target.endswith("/"), progress=work.update
        )
    yield done
    more = f"; {done.kept:,} were there already, {done.deleted:,} deleted"
    yield (
        f"{counted(done.copied, 'file')} and the database copied to {path},"
        f" {done.bytes / 2**20:,.0f} MB{more if path.is_dir() else ''}"
    )
    for name in done.missing:
        fail(f"{name} is missing from the store")
    for name in done.altered:
        fail(f"{name} was altered")
    if done.missing or done.altered:
        warn("the backup is complete but for these: see `presslens check`")
        raise typer.Exit(1)


@command()
def restore(
    source: Annotated[
        Path,
        typer.Argument(metavar="FILE", exists=True, help="A backup: a file, or a folder."),
    ],
    with_access: Annotated[
        bool,
        typer.Option(
            "--with-access",
            help="Its keys, share links and passwords open what is restored, as they opened it.",
        ),
    ] = False,
) -> Printed:
    """Restore a backup into an empty installation: whole and checked, or not at all.

    Keys, share links and passwords are left out: nothing opens what is restored that opened the
    installation before, until it is given anew.
    """
    settings = Settings()
    with progress("checking and copying files", remains="nothing is restored") as work:
        done = restore_backup(settings, source, with_access=with_access, progress=work.update)
    yield done
    migrated = ", brought to this version," if done.migrated else ""
    yield (
        f"the backup of {done.created_at[:16].replace('T', ' ')} UTC is restored{migrated} to"
        f" {settings.data_dir}: {counted(done.files, 'file')}, {done.bytes / 2**20:,.0f} MB"
    )
    yield from _access(done)


def _access(done: RestoredBackup) -> Printed:
    """Yield what of a backup's access was left out, and the commands that give it anew."""
    out = done.left_out
    if done.with_access:
        yield Careful(
            "keys, share links and passwords of the backup open this installation: revoke again"
            " what was revoked since; who was signed in has to sign in again"
        )
        return
    if out == Access():
        yield Aside("the backup has nothing that opens an installation")
        return
    yield (
        f"Left out: {counted(out.keys, 'key')}, {counted(out.links, 'share link')},"
        f" {counted(out.invitations, 'invitation')},"
        f" {counted(out.logins, 'login')}, {counted(len(out.accounts), 'password')}. They open"
        " nothing here; accounts stay, with their roles."
    )
    yield "Give anew what is to open it, or restore --with-access into an empty installation:"
    for name in out.accounts:
        yield f"  presslens users password {shlex.quote(name)}"
    if out.keys:
        yield "  presslens keys add NAME"
    if out.links:
        yield "  presslens links add ADDRESS"


@command()
def check(
    repair: Annotated[
        bool,
        typer.Option(
            "--repair",
            help="Make pictures of pages again from their scans, and move strays aside.",
        ),
    ] = False,
) -> Printed:
    """Check all files and rows, and name what is missing, altered or stray; 1 if anything is."""
    settings = Settings()
    with progress("reading files") as work:
        report = check_archive(settings, progress=work.update)
    if repair and report.findings:
        with progress("repairing", remains="what is repaired stays so"):
            repaired = repair_archive(settings, report)
        named = f": {', '.join(repaired[:5])}" if repaired else ""
        tell(f"{counted(len(repaired), 'fault')} repaired{named}")
        with progress("reading files again") as work:
            report = check_archive(settings, progress=work.update)
    yield report
    yield f"{counted(report.files, 'file')} read, {report.bytes / 2**20:,.0f} MB"
    if report.unsealed:
        yield Aside(
            f"{counted(report.unsealed, 'picture')} of pages were written without a checksum:"
            " only the first and last bytes of those were checked"
        )
    for finding in report.findings:
        fail(finding.sentence())
    lost = {ArchiveFault.MISSING, ArchiveFault.ALTERED}
    if any(one.fault in lost and one.what.startswith("scans/") for one in report.findings):
        tell("a scan that is missing or altered is mended by uploading its edition again")
    if report.findings:
        raise typer.Exit(1)
    tell("all is well")
