"""The command line. Exit codes: 0 all went well, 1 some input failed, 2 wrong usage."""

from __future__ import annotations

import sys

import typer

import app.cli.claims as claims
import app.cli.comparison as comparison
import app.cli.export as export
import app.cli.figures as figures
import app.cli.labels as labels
import app.cli.models as weights
import app.cli.recipes as recipes
import app.cli.reviews as reviews
import app.cli.service as archive
import app.cli.stats as stats
from app.cli.analyze import analyze
from app.cli.baseline import baseline
from app.cli.captions import captions
from app.cli.console import fail
from app.cli.demo import demo
from models.errors import PresslensError

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Measures how a newspaper uses photographs.",
)
cli.command("analyze")(analyze)
cli.command("init")(archive.init)
cli.command("upgrade")(archive.upgrade)
cli.command("import")(archive.import_edition)
cli.command("serve")(archive.serve)
cli.command("worker")(archive.worker)
cli.command("nightly")(archive.nightly)
cli.command("baseline")(baseline)
cli.command("captions")(captions)
cli.command("dump")(archive.dump)
cli.command("demo")(demo)
cli.add_typer(figures.cli, name="figures", help="Enrol the public figures to be recognised.")
cli.add_typer(labels.cli, name="labels", help="Teach labels of your own from examples.")
stats.cli.command("changes")(comparison.changes)
stats.cli.command("compare")(comparison.compare)
cli.add_typer(stats.cli, name="stats", help="Show metrics over many editions.")
cli.add_typer(reviews.cli, name="reviews", help="Say what photos show, and see who agrees.")
cli.add_typer(claims.cli, name="claims", help="Test what is claimed of editions.")
cli.add_typer(export.cli, name="export", help="Write files for other tools, and to cite.")
cli.add_typer(weights.cli, name="models", help="Fetch, list, train and measure the models.")
cli.add_typer(recipes.cli, name="recipes", help="Show and compare what numbers are made by.")


def main() -> None:
    """Run the command that the arguments name."""
    try:
        cli()
    except PresslensError as error:
        fail(str(error))
        sys.exit(1)
