"""``presslens import --tree``: all editions below a folder, or a report of what would come in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import typer

from presslens.app.cli.command import Printed
from presslens.app.cli.console import Aside, Careful
from presslens.app.cli.notices import warn_of_no_leader, warn_of_queue
from presslens.app.cli.progress import WorkDone, progress
from presslens.app.cli.tables import ReadableTable, write_rows
from presslens.app.installation import open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.services.ingest.inbox_patterns import load_patterns, parse_pattern
from presslens.app.services.ingest.tree import TreeImport, import_tree
from presslens.app.services.ingest.tree_report import (
    RecognisedEdition,
    RecognisedFamily,
    TreeReport,
    report_tree,
)
from presslens.app.services.ingest.upload_mode import UploadMode
from presslens.pipelines.archives.bag import OnBytes
from presslens.pipelines.counted import counted

_HEADINGS = (
    "from",
    "profile",
    "editions",
    "newspaper",
    "days",
    "pages",
    "with image",
    "with text",
    "identifiers",
    "languages",
    "rights",
    "missing",
)
_WRITTEN = frozenset({".csv", ".json", ".md"})


def import_tree_of(
    tree: Path, patterns: Sequence[str], publication: str | None, mode: UploadMode | None
) -> Printed:
    """Import the editions of a tree, and yield what came of it; exit with 1 if some did not come.

    Args:
        tree: The folder.
        patterns: How its files and folders are named; without: as the settings' patterns say.
        publication: The newspaper of patterns and descriptions that don't name it.
        mode: What is done with those whose day has an edition already.

    Raises:
        InvalidRequest: A pattern can't be used.
    """
    with open_installation(Settings()) as home:
        given = tuple(parse_pattern(text, publication) for text in patterns)
        remains = "what is imported stays; the same call goes on"
        with progress("importing", remains=remains) as work:
            done = import_tree(
                home,
                tree,
                now=clock.now(),
                patterns=given or load_patterns(home.settings),
                mode=mode,
                publication=publication or "",
                progress=lambda done: work.update(done.imported + done.known, None, done.at),
                checking=shown_check(work),
            )
        yield done
        yield from _imported(done)
        warn_of_no_leader(home)
        warn_of_queue(home)
    if done.skipped:
        raise typer.Exit(1)


def shown_check(work: WorkDone) -> OnBytes:
    """Return what shows how far a bag is checked, in megabytes."""

    def show(name: str, done: int, total: int) -> None:
        work.update(done // 10**6, total // 10**6, f"checking {name}, MB")

    return show


def report_tree_of(
    tree: Path, patterns: Sequence[str], publication: str | None, path: Path | None
) -> Printed:
    """Yield what would come in from a tree, and write it to a file; nothing is stored.

    Exits with 1 if some would not come in.

    Raises:
        typer.BadParameter: The file's name ends as none of the formats.
        InvalidRequest: A pattern can't be used.
    """
    if path is not None and path.suffix.lower() not in _WRITTEN:
        raise typer.BadParameter("--report ends in .md, .csv or .json")
    settings = Settings()
    given = tuple(parse_pattern(text, publication) for text in patterns)
    with progress("reading", remains="nothing was stored") as work:
        report = report_tree(
            settings.limits,
            tree,
            patterns=given or load_patterns(settings),
            publication=publication or "",
            progress=lambda done, name: work.update(done, None, name),
            checking=shown_check(work),
        )
    if path is not None:
        write_report(report, path)
    yield report
    yield ReadableTable.of(*_HEADINGS, whole=("from",), rows=map(_cells, report.families))
    reasons = {**report.skipped, **report.refused}
    fit = len(report.editions) - len(report.refused)
    yield f"{counted(fit, 'edition')} would come in, {len(reasons):,} would not"
    yield from _named(report.notes, reasons)
    if path is not None:
        yield Aside(f"written to {path}")
    if reasons:
        raise typer.Exit(1)


def write_report(report: TreeReport, path: Path) -> None:
    """Write a report as its file's name ends: Markdown by families, CSV by editions, or JSON."""
    ending = path.suffix.lower()
    with path.open("w", encoding="utf-8", newline="") as file:
        if ending == ".json":
            json.dump(report.to_json(), file, ensure_ascii=False, indent=1)
        elif ending == ".csv":
            rows = [_row(edition) for edition in report.editions]
            write_rows(file, list(rows[0]) if rows else [], rows)
        else:
            file.writelines(f"{line}\n" for line in _markdown(report))


def _row(edition: RecognisedEdition) -> dict[str, object]:
    document = edition.to_json()
    lists = {key: "; ".join(one) for key, one in document.items() if isinstance(one, list)}
    missing = "; ".join(f"{what}: {count:d}" for what, count in edition.missing() if count)
    return {**document, **lists, "missing": missing}


def _markdown(report: TreeReport) -> Iterator[str]:
    yield _line(_HEADINGS)
    yield _line("---" for _ in _HEADINGS)
    for family in report.families:
        yield _line(_cells(family))


def _line(cells: Iterable[object]) -> str:
    return f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |"


def _cells(family: RecognisedFamily) -> tuple[object, ...]:
    names = family.publications
    return (
        family.source,
        family.profile,
        family.editions,
        names[0] if len(names) == 1 else f"{len(names)} newspapers" if names else "–",
        " to ".join(family.days) or "–",
        family.pages,
        family.images,
        family.texts,
        ", ".join(family.schemes) or "–",
        ", ".join(family.languages) or "–",
        family.with_rights or "–",
        ", ".join(_lacking(what, count) for what, count in family.missing.items()) or "–",
    )


def _lacking(what: str, count: int) -> str:
    return what if count == 1 and not what.endswith("s") else f"{what}: {count:,}"


def _imported(done: TreeImport) -> Printed:
    yield f"{counted(done.imported, 'edition')} imported, {done.known:,} imported before"
    yield from _named(done.notes, done.reasons)
    if done.skipped > len(done.reasons):
        yield Careful(f"{done.skipped - len(done.reasons):,} more are skipped")


def _named(notes: dict[str, list[str]], reasons: dict[str, str]) -> Printed:
    for name, sentences in notes.items():
        for note in sentences:
            yield Careful(f"{name}: {note}")
    for name, reason in reasons.items():
        yield Careful(f"skipped {name}: {reason}")
