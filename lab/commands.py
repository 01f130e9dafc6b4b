"""The laboratory's commands: ``presslens models train`` and its like, ``presslens stats bench``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from presslens.app.cli.console import emit_json, fail, out, say, tell
from presslens.app.cli.options import JsonOption
from presslens.app.cli.progress import progress
from presslens.app.cli.tables import ReadableTable, print_table
from presslens.app.platform.settings import Settings
from presslens.lab.evaluation.stations import STATIONS, TRAINED
from presslens.models.accuracy import Measure
from presslens.models.measured import ACCURACY, CARDS, RELIABILITY
from presslens.models.registry import SHIPPED
from presslens.pipelines.counted import counted

if TYPE_CHECKING:
    from presslens.lab.evaluation.bench.edition import EditionTiming
    from presslens.lab.evaluation.bench.finding import StepTiming
    from presslens.lab.evaluation.bench.looking import InstrumentTiming

DATA = Path("../shared/data")
"""Where labelled photographs lie beside the project; they are not part of it."""

DIAGRAM = Path("docs/images/reliability.png")
"""The reliability diagram of the documents."""

CHECKOUT = SHIPPED.resolve().parents[1] / "pyproject.toml"
"""A file of the project that is not installed: beside it, the shipped weights may be replaced."""

PHOTOS_WIDTH = 130
"""Width of the table of photo metrics in characters; a narrow terminal wraps it."""

DataOption = Annotated[
    Path, typer.Option("--data", exists=True, file_okay=False, help="Folder of labelled photos.")
]


EXTRA = frozenset({"koreanize-matplotlib", "matplotlib", "pycocotools", "safetensors"})
"""What only training and evaluation import: the extra ``training``, by the names in errors."""


@contextmanager
def training_extra() -> Iterator[None]:
    """Replace the error about a package of the extra ``training`` by how to install the extra."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in EXTRA:
            raise
        fail(f"{error.name} is not installed: pip install 'presslens[training]'")
        raise typer.Exit(1) from error


@training_extra()
def train_model(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(TRAINED)}.")],
    data: DataOption = DATA,
    out_dir: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the weights: weights/, or in a checkout its own."),
    ] = None,
) -> None:
    """Train one of the project's own models and print its cross-validated metrics."""
    from presslens.lab.train import train

    if name not in TRAINED:
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(TRAINED)}")
    out_dir = _writable(out_dir or (SHIPPED if CHECKOUT.is_file() else Path("weights")))
    settings = Settings()
    metrics = train(name, data, out_dir, settings.load_recipe(), settings.load_registry())
    emit_json(metrics)


def _writable(folder: Path) -> Path:
    """Make the folder of the weights before the hours of training."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder):
            return folder
    except OSError as error:
        message = f"nothing can be written to {folder}: {error.strerror}"
        raise typer.BadParameter(message, param_hint="--out") from error


@training_extra()
def evaluate_models(
    stations: Annotated[
        list[str] | None, typer.Argument(help=f"Any of {', '.join(STATIONS)}; all if none.")
    ] = None,
    data: Annotated[
        Path,
        typer.Option(
            "--data",
            file_okay=False,
            help="Folder of labelled photos; where there is none, only the composed pages are.",
        ),
    ] = DATA,
    cards: Annotated[
        Path,
        typer.Option("--out", help="Folder for the tables and the reliability; that of the cards."),
    ] = CARDS,
    folder: Annotated[
        Path, typer.Option(help="Where composed pages and contact sheets of errors go.")
    ] = Path("var/evaluation"),
) -> None:
    """Measure the stations on labelled photos and write the tables of accuracy."""
    from presslens.lab.evaluation.accuracy_tables import store_measures
    from presslens.lab.evaluation.report import Bench, evaluate
    from presslens.lab.evaluation_pages import prepare_pages

    unknown = set(stations or ()) - set(STATIONS)
    if unknown:
        raise typer.BadParameter(f"no station is called {', '.join(sorted(unknown))}")
    chosen = (stations or list(STATIONS)) if data.is_dir() else ["photos"]
    if not data.is_dir():
        tell(f"{data} is not there: photos are measured on composed pages, nothing else is")
    settings = Settings()
    pages = errors = None
    if {"photos", "focus", "composition"}.intersection(chosen):
        pages, errors = prepare_pages(folder, progress=tell), folder / "errors"
    bench = Bench(
        data,
        settings.load_recipe(),
        settings.load_registry(),
        pages=pages,
        errors=errors,
        found=folder / "photo_pages.csv" if "photos" in chosen else None,
        diagram=DIAGRAM if cards == CARDS else cards / DIAGRAM.name,
        reliability=cards / RELIABILITY.name,
        progress=tell,
    )
    measures = evaluate(chosen, bench)
    _print_photos(measures)
    if not data.is_dir():
        return
    tables = cards / ACCURACY.name
    store_measures(measures, bench.recipe.id, tables)
    tell(f"{counted(len(measures), 'figure')} in {tables}")
    if bench.found is not None and not _holds_its_own(bench.found, record=cards == CARDS):
        raise typer.Exit(1)


def reader_agreement(as_json: JsonOption = False) -> None:
    """Print how far two readers agree on the labels that they gave to the same photos."""
    from presslens.lab.training.readings import agreements

    rows = agreements()
    if as_json:
        emit_json([asdict(row) for row in rows])
        return
    table = ReadableTable.of("label", "photos", "differ", "kappa", "mean difference")
    for row in rows:
        kappa = "-" if row.kappa is None else f"{row.kappa:.2f}"
        apart = "-" if row.difference is None else f"{row.difference:.1%}"
        table.add_row(row.label, str(row.photos), str(row.differ), kappa, apart)
    print_table(table)


@training_extra()
def learn_errors_of_finder(
    data: DataOption = DATA,
    folder: Annotated[Path, typer.Option(help="Where sources and what was found are kept.")] = Path(
        "var/evaluation"
    ),
    out_file: Annotated[
        Path | None, typer.Option("--out", help="The file to write; none is written without it.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Folder of tables of accuracy to write the figures into.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Learn how often photos are missed or false; measure the intervals of photo counts."""
    from presslens.lab.evaluation.accuracy_tables import store_measures
    from presslens.lab.evaluation.photo_counts import left_out_counts, measure_counts, verdicts_on
    from presslens.lab.finder_evaluation import counted_pages
    from presslens.lab.training.photos.finder_errors import PageKinds, learn_finder_errors

    settings = Settings()
    recipe, registry = settings.load_recipe(), settings.load_registry()
    rules = recipe.aggregate
    kinds = PageKinds(rules.full_page, rules.photo_page)
    pages = counted_pages(data, folder, recipe, registry, progress=tell)
    groups = left_out_counts(pages, kinds, confidence=rules.confidence)
    measures, verdicts = measure_counts(groups), verdicts_on(groups)
    if out_file is not None:
        document = {"observation_id": recipe.observation_id, **learn_finder_errors(pages, kinds)}
        out_file.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    if report is not None:
        store_measures(measures, recipe.id, report)
    if as_json:
        emit_json({"measures": [asdict(m) for m in measures], "more_than_100": verdicts})
        return
    names = list(dict.fromkeys(measure.what for measure in measures))
    table = ReadableTable.of("pages left out", "n", *names)
    for where in dict.fromkeys(measure.data for measure in measures):
        row = [measure for measure in measures if measure.data == where]
        table.add_row(where, str(row[0].n), *(f"{measure.value:.3f}" for measure in row))
    out.print(table, width=max(out.width, PHOTOS_WIDTH))
    say(
        f"photos > 100, of {counted(sum(verdicts.values()), 'edition')} with more than 50: "
        + ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
    )


def bench_models(
    scans: Annotated[
        list[Path] | None,
        typer.Argument(exists=True, help="Pages or folders; a composed edition if none."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Time the finding of photos and the looking at them beside the networks' own time."""
    from presslens.lab.evaluation.bench.edition import time_edition
    from presslens.lab.evaluation.bench.scans import decoded
    from presslens.lab.evaluation_pages import prepare_pages

    settings = Settings()
    if not scans:
        folder = prepare_pages(Path("var/evaluation"), progress=tell)
        scans = sorted(next((folder / "clean").glob("special-*")).glob("*.jpg"))
    recipe, registry = settings.load_recipe(), settings.load_registry()
    pages = decoded(scans, recipe)
    edition = time_edition(pages, recipe, registry)  # first, while this process is small

    from presslens.lab.evaluation.bench.finding import time_finding
    from presslens.lab.evaluation.bench.looking import time_looking

    finding = time_finding(pages, recipe, registry)
    looking = time_looking(pages, recipe, registry)
    if as_json:
        emit_json(
            {
                "finding": [asdict(timing) for timing in finding],
                "looking": [asdict(look) for look in looking],
                "edition": asdict(edition) | {"typical": edition.typical},
            }
        )
        return
    _print_finding(finding)
    _print_looking(looking)
    _print_edition(edition)


def bench_statistics(
    editions: Annotated[int, typer.Option(min=10, help="How many generated editions.")] = 2000,
    rounds: Annotated[int, typer.Option(min=2, help="How often each query is asked.")] = 40,
    as_json: JsonOption = False,
) -> None:
    """Time statistics on generated rows while a worker writes, beside Datasette."""
    from presslens.lab.bench.stats import bench_stats

    with progress("timing statistics") as work:
        times = bench_stats(
            editions, rounds, progress=lambda what, done, of: work.update(done, of, what)
        )
    if as_json:
        emit_json([asdict(one) for one in times])
        return
    table = ReadableTable.of(
        f"{counted(editions, 'edition')}, a worker writes", "n", "median, ms", "95 %, ms"
    )
    for one in times:
        table.add_row(one.what, str(one.n), f"{one.median:.0f}", f"{one.p95:.0f}")
    print_table(table)


def _print_finding(timings: Sequence[StepTiming]) -> None:
    table = ReadableTable.of("finding photos, two threads", "ms a page", "times the network")
    for timing in timings:
        table.add_row(timing.step, f"{timing.milliseconds:.0f}", f"{timing.ratio:.2f}")
    print_table(table)


def _print_looking(looks: Sequence[InstrumentTiming]) -> None:
    table = ReadableTable.of(
        "looking at photos, one thread", "ms a photo", "in networks", "times the networks"
    )
    for look in looks:
        ratio = "-" if look.ratio is None else f"{look.ratio:.2f}"
        table.add_row(look.instrument, f"{look.milliseconds:.1f}", f"{look.network:.1f}", ratio)
    print_table(table)


def _print_edition(edition: EditionTiming) -> None:
    table = ReadableTable.of(
        f"an edition of {counted(edition.pages, 'page')}, {counted(edition.photos, 'photo')},"
        " two processes",
        "",
    )
    pages = edition.finding + edition.describing
    table.add_row("its photos looked at", f"{edition.looking:.1f} s")
    table.add_row("as many as a special edition has", f"{edition.typical:.1f} s")
    table.add_row("processor time for its photos", f"{edition.cpu:.1f} s")
    table.add_row("photos found, pages described, captions read", f"{pages:.1f} s")
    table.add_row("most memory, all processes", f"{edition.memory:.0f} MB")
    print_table(table)


def _holds_its_own(found: Path, *, record: bool) -> bool:
    """Print each condition beside the last release's; record a release that loses nothing."""
    from presslens.lab.evaluation.photo_releases import changes, load_releases, store_releases

    ((release, rows),) = load_releases(found).items()
    releases = load_releases()
    before = [pages for name, pages in releases.items() if name != release][-1]
    compared = changes(before, rows)
    table = ReadableTable.of(
        "photos of each release", "pages", "photos", before[0].release, release, "new mistakes"
    )
    for c in compared:
        table.add_row(
            c.condition, str(c.pages), str(c.photos), f"{c.before:.3f}", f"{c.after:.3f}",
            f"{c.mistakes:+d}",
        )  # fmt: skip
    print_table(table)
    lost = [c.condition for c in compared if c.holds_back]
    if lost:
        fail(f"the release is held back: it loses photos on {', '.join(lost)}")
    elif record:
        store_releases((releases | {release: rows}).values())
    return not lost


def _print_photos(measures: Sequence[Measure]) -> None:
    """Print the metrics of photo detection, a column for each condition."""
    from presslens.lab.evaluation.report import CONTEXT, in_total, side_by_side

    names, lines = side_by_side(in_total(measures))
    if not lines:
        return
    table = ReadableTable.of("")
    for name, *_ in lines:
        table.column(name)
    for row in list(zip(names, *lines, strict=True))[1:-1]:
        table.add_row(*row)
    Console(file=out.file, width=max(out.width, PHOTOS_WIDTH)).print(table)
    say(CONTEXT)
