"""``presslens benchmark``: detection on printed newspapers, for any system."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.console import Careful, tell, warn
from presslens.app.cli.progress import progress
from presslens.app.cli.tables import ReadableTable
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.settings import Settings
from presslens.pipelines.counted import counted
from presslens.pipelines.lifeline import end_with_spawner

if TYPE_CHECKING:
    from presslens.pipelines.benchmark.folder import BenchmarkTruth
    from presslens.pipelines.benchmark.predictions import SystemPredictions

cli = typer.Typer(no_args_is_help=True)

ConditionsOption = Annotated[
    list[str] | None, typer.Option("--conditions", help="A condition; all if none is named.")
]
FolderArgument = Annotated[
    Path, typer.Argument(exists=True, file_okay=False, help="A folder that `make` has made.")
]


@command(cli, "make")
def make(
    out: Annotated[Path, typer.Option("--out", help="Folder of the benchmark.")],
    conditions: ConditionsOption = None,
    seed: Annotated[
        int, typer.Option(min=0, max=2**31 - 1, help="Another than 1 makes other pages.")
    ] = 1,
    sample: Annotated[
        bool,
        typer.Option(
            "--sample",
            help="Make two pages and eight photos, to try it out: other ones than the published.",
        ),
    ] = False,
    processes: Annotated[
        int | None, typer.Option(min=0, max=256, help="Processes that print; 0: none but this one.")
    ] = None,
) -> Printed:
    """Make the pages and photos of the benchmark in its conditions, with their truth."""
    from presslens.app.platform.sample_sources import sample_sources
    from presslens.app.platform.weights import acquire
    from presslens.samples.benchmark.condition import CONDITIONS
    from presslens.samples.benchmark.make import make_benchmark
    from presslens.samples.benchmark.manifest import differences

    unknown = set(conditions or ()) - set(CONDITIONS)
    if unknown:
        raise typer.BadParameter(
            f"no condition is called {', '.join(sorted(unknown))}; there are"
            f" {', '.join(CONDITIONS)}",
            param_hint="--conditions",
        )
    if others := sorted(_made_conditions(out) - set(conditions or CONDITIONS)):
        raise typer.BadParameter(
            f"{out} is a benchmark with {', '.join(others)}, too: name them as well, or another"
            " folder; conditions are made together",
            param_hint="--out",
        )
    registry = sample_sources(Settings())
    acquire(registry, progress=lambda package: tell(f"fetching {package}"))
    with progress("making pictures", remains="what is made is not a benchmark yet") as work:
        made = make_benchmark(
            registry.packages,
            out,
            conditions=[name for name in CONDITIONS if name in (conditions or CONDITIONS)],
            seed=seed,
            sample=sample,
            processes=(os.cpu_count() or 1) if processes is None else processes,
            on_start=end_with_spawner,
            progress=work.update,
        )
    apart = differences(made)
    for difference in apart:
        warn(difference)
    pictures = len(made["pictures"])
    yield {
        "folder": str(out),
        "benchmark": made["benchmark"],
        "conditions": list(made["digests"]),
        "pictures": pictures,
        "differences": apart,
    }
    yield f"{counted(pictures, 'picture')} in {out}" + ("" if apart else ", as published")


@command(cli, "check")
def check(
    folder: FolderArgument,
    publish_to: Annotated[
        Path | None,
        typer.Option("--publish", help="Write the digests, if nothing is altered, to this file."),
    ] = None,
) -> Printed:
    """Decode all pictures, and compare their pixels with the manifest and the published ones."""
    from presslens.samples.benchmark.manifest import (
        DamagedBenchmark,
        altered,
        differences,
        publish,
        read_manifest,
    )

    try:
        made = read_manifest(folder)
    except DamagedBenchmark as error:
        raise InvalidRequest(str(error)) from error
    if publish_to is not None and made["sample"]:
        raise typer.BadParameter("a sample can't be published", param_hint="--publish")
    with progress("decoding pictures") as work:
        faults = list(altered(folder, made, progress=work.update))
    if publish_to is not None and not faults:
        publish(made, publish_to)
    apart = differences(made)
    yield {"altered": faults, "differences": apart, "libraries": made["libraries"]}
    for fault in [*faults, *apart]:
        yield Careful(fault)
    if not faults:
        yield f"{counted(len(made['pictures']), 'picture')}, all as when they were made"
    if faults:
        raise typer.Exit(1)


@command(cli, "run")
def run(
    folder: FolderArgument,
    out: Annotated[Path, typer.Option("--out", help="File of the predictions: a .json.")],
    conditions: ConditionsOption = None,
) -> Printed:
    """Predict photos, people and subjects with this program, as `presslens analyze` does."""
    from importlib.metadata import version

    from presslens.pipelines.benchmark.folder import read_benchmark
    from presslens.pipelines.benchmark.service import predict

    if out.suffix == ".csv":
        raise typer.BadParameter(
            "subjects go into a file of this name that ends in .csv", param_hint="--out"
        )
    settings = Settings()
    truth = read_benchmark(folder)
    truth = truth.only(conditions) if conditions else truth
    with progress("analysing") as work:
        predictions = predict(
            truth,
            settings.load_recipe(),
            settings.load_registry(),
            version=version("presslens"),
            processes=settings.processes,
            progress=work.update,
        )
    predictions.write(out)
    counts = {"boxes": len(predictions.results), "photos": len(predictions.subjects)}
    yield {"file": str(out), **predictions.about, **counts}
    yield f"{counted(len(predictions.results), 'box', 'boxes')} in {out}"


@command(cli, "score")
def score(
    folder: FolderArgument,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="PREDICTIONS", exists=True, dir_okay=False, help="Boxes as COCO has results."
        ),
    ],
    subjects: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="CSV of the subjects of single photos; by default PREDICTIONS with .csv.",
        ),
    ] = None,
    least_score: Annotated[
        float | None,
        typer.Option(
            "--least-score",
            help="0 to 1: boxes with a lower score are left out of all figures but the AP."
            " Without it all count.",
        ),
    ] = None,
    conditions: ConditionsOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the scores as JSON.")] = None,
    report: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A document to write the tables into."),
    ] = None,
) -> Printed:
    """Score the predictions of any system in each condition."""
    if least_score is not None and not 0 <= least_score <= 1:
        raise typer.BadParameter(f"{least_score:g} is not 0 to 1", param_hint="--least-score")
    from presslens.pipelines.benchmark.folder import read_benchmark
    from presslens.pipelines.benchmark.predictions import read_predictions
    from presslens.pipelines.benchmark.score import score_predictions
    from presslens.pipelines.benchmark.table import insert_tables, score_tables

    truth = read_benchmark(folder)
    truth = truth.only(conditions) if conditions else truth
    apart = _apart(folder)
    predictions = read_predictions(file, truth, subjects=subjects)
    with progress("scoring") as work:
        scores = score_predictions(
            truth, predictions, least_score=least_score, progress=work.update
        )
    scores["differences"] = apart
    if out is not None:
        out.write_text(json.dumps(scores, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if report is not None:
        insert_tables(report, score_tables(scores, apart))
    yield scores
    yield from _score_tables(scores)
    for note in (*apart, *_notes(truth, predictions)):
        warn(note)


def _notes(truth: BenchmarkTruth, predictions: SystemPredictions) -> Iterator[str]:
    """Yield what may make the scores other than they seem."""
    if not (predictions.boxes or predictions.subjects):
        yield "the predictions have neither boxes nor subjects: there are no figures"
    elif silent := predictions.silent(truth):
        yield (
            f"nothing is said of {', '.join(silent)}, which counts as nothing found; --conditions"
            " names those to score"
        )
    if truth.conditions[0] != "clean":
        yield f"losses are against {truth.conditions[0]}: clean is not among the conditions"


@command(cli, "specimen")
def draw_specimen(
    folder: FolderArgument,
    out: Annotated[Path, typer.Option("--out", help="The picture to write: a .jpg.")],
    photo: Annotated[str, typer.Option(help="Which photo.")] = "photo-003",
) -> Printed:
    """Draw one photo of a benchmark in all its conditions."""
    from presslens.pipelines.benchmark.folder import read_benchmark
    from presslens.samples.benchmark.specimen import specimen

    truth = read_benchmark(folder)
    if photo not in truth.subjects:
        raise typer.BadParameter(f"no single photo is called {photo!r}", param_hint="--photo")
    out.parent.mkdir(parents=True, exist_ok=True)
    specimen(folder, photo, truth.conditions).save(out, quality=82)
    yield {"file": str(out), "photo": photo, "conditions": list(truth.conditions)}
    yield f"{photo} in {counted(len(truth.conditions), 'condition')}: {out}"


def _made_conditions(folder: Path) -> set[str]:
    """Return the conditions of the benchmark that a folder is; none if it is none."""
    from presslens.samples.benchmark.manifest import DamagedBenchmark, digests, read_manifest

    try:
        return set(digests(read_manifest(folder)["pictures"]))
    except DamagedBenchmark:
        return set()


def _apart(folder: Path) -> Sequence[str]:
    """Return what sets the pictures of a folder apart from the published ones."""
    from presslens.samples.benchmark.manifest import DamagedBenchmark, differences, read_manifest

    try:
        return differences(read_manifest(folder))
    except DamagedBenchmark as error:
        return [str(error)]


def _score_tables(scores: dict[str, Any]) -> Printed:
    from presslens.pipelines.benchmark.table import photo_table, subject_table

    for headings, rows in (photo_table(scores["conditions"]), subject_table(scores["conditions"])):
        yield ReadableTable.of(*headings, whole=("condition",), rows=rows)
