"""Commands that work on an installation: init, upgrade, import, serve, worker, dump."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.console import Aside, Verbatim, warn
from presslens.app.cli.export import tables_on_terminal
from presslens.app.cli.notices import (
    nothing_in,
    warn_of_folders,
    warn_of_misspelling,
    warn_of_no_leader,
    warn_of_queue,
)
from presslens.app.cli.options import (
    CoderOption,
    CountryOption,
    DayOption,
    EngineOption,
    KindOption,
    LanguageOption,
    ModeOption,
    PageNumbersOption,
    PagesExpectedOption,
    settings_on,
)
from presslens.app.cli.progress import NOTHING_CHANGED, progress
from presslens.app.cli.tree_import import import_tree_of, report_tree_of, shown_check
from presslens.app.installation import (
    Installation,
    init_installation,
    open_installation,
    upgrade_installation,
)
from presslens.app.platform import clock
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.port import check_port
from presslens.app.platform.settings import Settings
from presslens.app.services.catalogue.editions import find_edition
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.exports.snapshot.restore import restore
from presslens.app.services.figures.figures import update_implied
from presslens.app.services.ingest.described import IssueInput, ingest_described, resolved_issue
from presslens.app.services.ingest.inbox_editions import newspaper_above
from presslens.app.services.ingest.tree import walk_editions
from presslens.app.services.ingest.upload import (
    Incoming,
    Ingested,
    Uploader,
    check_any_scan,
    head_of,
    ingest,
    read_page_numbers,
)
from presslens.app.services.ingest.upload_mode import UploadMode
from presslens.pipelines.archives.bag import CheckedBags, bag_around, is_bag
from presslens.pipelines.archives.described_edition import (
    DescribedEdition,
    DescribedPage,
    DescriptionUnusable,
)
from presslens.pipelines.archives.library_folder import READERS, described_edition, has_documents
from presslens.pipelines.archives.papers import is_batch
from presslens.pipelines.counted import counted
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.scans.scan import ScanRejected, expand


@command()
def init() -> Printed:
    """Create an installation in PRESSLENS_DATA_DIR: its folder, tables and seeds."""
    settings = Settings()
    is_new = init_installation(settings)
    yield {"folder": str(settings.data_dir), "created": is_new}
    state = "is an installation now" if is_new else "is an installation already"
    yield f"the folder {settings.data_dir} {state}"


@command()
def upgrade() -> Printed:
    """Migrate the tables of an older version to this one, and load its seeds."""
    settings = Settings()
    is_older = upgrade_installation(settings)
    with open_installation(settings) as home, home.database.write() as session:
        update_implied(session)  # by the rules of this version
    yield {"folder": str(settings.data_dir), "migrated": is_older}
    state = "is migrated to this version" if is_older else "is of this version already"
    yield f"the installation in the folder {settings.data_dir} {state}"


@command()
def import_edition(
    scans: Annotated[
        list[Path] | None, typer.Argument(exists=True, help="Files, or a folder of them.")
    ] = None,
    publication: Annotated[str | None, typer.Option(help="The newspaper.")] = None,
    date: DayOption = None,
    pages_expected: PagesExpectedOption = None,
    page_numbers: PageNumbersOption = None,
    mode: ModeOption = None,
    edition: Annotated[
        int | None, typer.Option(min=1, help="Id of the edition that --mode means.")
    ] = None,
    coder: CoderOption = None,
    snapshot: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A snapshot, without scans.")
    ] = None,
    described: Annotated[
        bool,
        typer.Option(
            "--described/--plain", help="Read a folder's METS, ALTO, PAGE-XML or IIIF manifest."
        ),
    ] = True,
    tree: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="A folder of many editions.")
    ] = None,
    pattern: Annotated[
        list[str] | None,
        typer.Option(
            help="How --tree names them: {publication}/{year}/{month}-{day}/ for instance."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Store nothing: say what --tree would take in.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="Write what --dry-run says to this .md, .csv or .json."),
    ] = None,
    backfill: Annotated[
        bool, typer.Option("--backfill", help="Look at its pages when no others wait.")
    ] = False,
    language: LanguageOption = None,
    country: CountryOption = None,
    kind: KindOption = None,
) -> Printed:
    """Store the scans of an edition; the worker or the next nightly run analyses them.

    Where the newspaper has an edition of the day already, say with --mode what they are. A folder
    that a library describes says itself which newspaper and day it is of, and which its pages are.
    Languages, country and kind are stored where nothing is stated of the newspaper yet.

    With --tree: store every edition below a folder, one by one; see docs/howto/archives.md.

    With --snapshot: take in the measurements of a snapshot that `presslens export snapshot` made.
    """
    if snapshot is not None:
        if scans or publication or date:
            raise typer.BadParameter("a snapshot says itself what it is: give it alone")
        return _import_snapshot(snapshot)
    profile = _given_profile(language, country, kind)
    _check_tree(tree, dry_run or report is not None, bool(scans or date), bool(profile))
    if tree is not None:
        if dry_run or report:
            return report_tree_of(tree, pattern or (), publication, report)
        return import_tree_of(tree, pattern or (), publication, mode)
    uploader = partial(Uploader, coder)
    if described and scans and not (page_numbers or pages_expected):
        given = IssueInput(publication, date, "--date")
        more: dict[str, Any] = {"profile": profile, "backfill": backfill}
        with ExitStack() as unzipped:
            is_told = publication is not None and date is not None
            folder = only_edition(scans) if is_told else in_archive(scans, unzipped)
            if folder is not None:
                return import_described(folder, given, mode, edition, uploader, **more)
    if not scans or publication is None or date is None:
        check_fetched(scans or ())
        raise typer.BadParameter("give scans with --publication and --date, or a --snapshot")
    paths = expand(scans)
    if not paths:
        raise InvalidRequest(nothing_in(scans))
    with open_installation(Settings()) as home, ExitStack() as stack:
        check_any_scan((path.name, head_of(path)) for path in paths)
        warn_of_misspelling(home, publication)
        warn_of_folders(scans)
        with progress("storing", remains="the edition is not imported") as work:
            files = (
                Incoming(path.name, stack.enter_context(path.open("rb")))
                for path in work.track(paths)
            )
            done = ingest(
                home,
                files,
                publication=publication,
                edition_date=date,
                now=clock.now(),
                pages_expected=pages_expected,
                page_numbers=None if page_numbers is None else read_page_numbers(page_numbers),
                mode=mode,
                edition=edition,
                uploader=uploader(home.recipe.codebook),
                backfill=backfill,
                profile=profile,
            )
        return printed_import(home, done)


def _check_tree(tree: Path | None, reported: bool, has_more: bool, profiled: bool) -> None:
    """Check what is given beside a tree.

    Raises:
        typer.BadParameter: It is of a tree, and none is given; or of one edition, and one is.
    """
    if tree is None:
        if reported:
            raise typer.BadParameter("--dry-run and --report are of --tree")
        return
    if has_more:
        raise typer.BadParameter("a tree says itself which editions are in it: give it alone")
    if profiled:
        raise typer.BadParameter("--tree takes no profile: state it by `publications set`")


def _given_profile(
    language: Sequence[str] | None, country: str | None, kind: str | None
) -> dict[str, Any]:
    """Return what is given of a newspaper's profile."""
    given = {"languages": language, "country": country, "kind": kind}
    return {name: value for name, value in given.items() if value}


def _import_snapshot(path: Path) -> Printed:
    with open_installation(Settings()) as home, tables_on_terminal("nothing is imported") as report:
        done = restore(home, path, progress=report)
    yield done
    for name, count in done.added.items():
        yield f"{name:18} {count:>12,} added, {done.passed_over[name]:,} passed over"
    yield done.citation


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on.")] = None,
    with_worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Start a worker beside the server.")
    ] = True,
) -> None:
    """Serve the API, with a worker beside it."""
    chosen = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = Settings(**chosen)  # type: ignore[arg-type]
    check_port(settings)  # before what takes long is loaded
    from presslens.app.server import serve as serve_forever

    serve_forever(settings, with_worker)


def worker(engine: EngineOption = None) -> None:
    """Analyse waiting pages until SIGINT or SIGTERM."""
    from presslens.app.worker import run_worker

    run_worker(settings_on(engine))


@command(doing="reading", plain=True)
def dump(
    home: Installation,
    save_to: Annotated[Path | None, typer.Option("--out", help="Write to this file.")] = None,
) -> Printed:
    """Write all content in canonical form: equal for equal content, without ids or times."""
    content = canonical_dump(home)
    if save_to is None:
        yield Verbatim(content)
    else:
        save_to.write_text(content, encoding="utf-8")
        yield Aside(f"written to {save_to}")


def only_edition(scans: Sequence[Path]) -> Path | None:
    """Return the one folder that is given, or the one edition in the bag or batch that is given.

    Raises:
        InvalidRequest: It is a bag or a batch, and not of one edition.
    """
    folder = scans[0]
    if len(scans) != 1 or not folder.is_dir():
        return None
    of_many = "a bag (BagIt)" if is_bag(folder) else "a batch" if is_batch(folder) else ""
    if of_many:
        listings = walk_editions(folder)
        found = [one for listing in listings for one in listing.editions if one.described]
        if len(found) == 1 and found[0].folder is not None:
            return found[0].folder
        raise InvalidRequest(
            f"{folder} is {of_many} with {counted(len(found), 'described edition')}:"
            f" {import_command_of_tree(folder)} takes in what is in it"
        )
    return folder if has_documents(folder) else None


def in_archive(scans: Sequence[Path], unzipped: ExitStack) -> Path | None:
    """Return the folder of the one edition that is given, be it in a ZIP.

    Args:
        scans: What is given.
        unzipped: Removes what is unzipped.

    Raises:
        InvalidRequest: The ZIP can't be read, or describes several editions.
    """
    path = scans[0]
    if len(scans) != 1 or path.suffix.lower() != ".zip" or path.is_dir():
        return only_edition(scans)
    folder = Path(unzipped.enter_context(TemporaryDirectory())) / path.stem
    try:
        with Sandbox(Settings().limits) as sandbox:
            sandbox.unzip(path, folder)
    except ScanRejected as rejection:
        raise InvalidRequest(f"{rejection.name}: {rejection.detail}") from None
    editions = (one for listing in walk_editions(folder) for one in listing.editions)
    found = [one.folder for one in editions if one.described and one.folder is not None]
    if len(found) > 1:
        raise InvalidRequest(
            f"{path.name} holds {len(found)} described editions: unpack it, and `presslens import"
            " --tree FOLDER` takes them in"
        )
    return next(iter(found), None)


def import_command_of_tree(folder: Path) -> str:
    """Return the command that imports the editions of a folder, in backticks."""
    return f"`{shlex.join(['presslens', 'import', '--tree', str(folder)])}`"


def check_fetched(scans: Sequence[Path]) -> None:
    """Check that no folder waits for pages of a IIIF manifest.

    Raises:
        InvalidRequest: One does.
    """
    for folder in scans:
        if (folder / "manifest.json.part").is_file():
            raise InvalidRequest(
                f"not all pages of {folder} are fetched: run `presslens fetch-iiif` again, or with"
                " --accept-missing; with --publication and --date what is there is taken in"
            )


def import_described(
    folder: Path,
    given: IssueInput,
    mode: UploadMode | None,
    edition_id: int | None,
    uploader: Callable[[str], Uploader],
    *,
    profile: Mapping[str, Any],
    backfill: bool,
) -> Printed:
    """Import a folder with the description in it, and yield what came of it.

    Raises:
        InvalidRequest: The description can't be read, or doesn't go with what is given.
    """
    with open_installation(Settings()) as home:
        edition = _described(home, folder)
        bag = bag_around(folder)
        if bag and not edition.title and not given.publication:
            named = newspaper_above(folder.relative_to(bag).as_posix())
            given = replace(given, publication=named or None, by_person=False)
        warn_of_misspelling(home, resolved_issue(home, edition, given).publication)
        if bag:
            with progress("checking", remains=NOTHING_CHANGED) as work:
                CheckedBags(shown_check(work)).check(bag)
        with progress("storing", remains="the edition is not imported") as work:

            def follow(pages: Sequence[DescribedPage]) -> Iterator[DescribedPage]:
                return iter(work.track(pages))

            done = ingest_described(
                home,
                edition,
                given,
                now=clock.now(),
                mode=mode,
                edition_id=edition_id,
                uploader=uploader(home.recipe.codebook),
                follow=follow,
                backfill=backfill,
                profile=profile,
            )
        return printed_import(home, done, edition)


def _described(home: Installation, folder: Path) -> DescribedEdition:
    try:
        with Sandbox(home.settings.limits, modules=READERS) as sandbox:
            edition = described_edition(folder, sandbox)
    except DescriptionUnusable as error:
        raise InvalidRequest(f"{error}; --plain leaves descriptions alone") from None
    if edition is None:
        raise InvalidRequest(f"what described {folder.name} is gone")
    return edition


def printed_import(
    home: Installation, done: Ingested, edition: DescribedEdition | None = None
) -> Printed:
    """Return what came of an import, and warn of what a person should know of it."""
    state = "imported" if done.created else "is there already"
    if done.added:
        state = f"has {counted(done.added, 'more file')}"
    parts: list[Any] = [done.to_json(), f"edition {done.edition_id} {state}"]
    if edition is not None:
        parts[0] = {**done.to_json(), "description": edition.to_json()}
        texts = sum(page.text is not None for page in edition.pages)
        parts.append(
            f"by {edition.document.name}: {counted(len(edition.pages), 'page')} of"
            f" {edition.pages_described}, {counted(texts, 'page')} with text"
        )
        for note in edition.notes:
            warn(note)
    parts += done.notes
    hint = find_edition(home, done.edition_id).pages_hint
    if hint is not None:
        warn(hint)
    warn_of_no_leader(home)
    warn_of_queue(home)
    return iter(parts)
