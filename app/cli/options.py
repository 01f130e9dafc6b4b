"""The options that several commands share."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from presslens.app.cli.days import DAY, read_day
from presslens.app.platform.settings import EngineKind, Settings
from presslens.app.services.ingest.upload_mode import UploadMode
from presslens.pipelines.scans.page_numbers import MOST_PAGES
from presslens.pipelines.statistics.measure import Estimand, Inference

MOST_SEED = 2**31 - 1
"""The largest seed that both databases store."""

JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON.")]
PublicationOption = Annotated[str | None, typer.Option(help="The newspaper.")]
FirstOption = Annotated[
    date | None, typer.Option("--from", parser=read_day, metavar=DAY, help="First day.")
]
LastOption = Annotated[
    date | None, typer.Option("--to", parser=read_day, metavar=DAY, help="Last day.")
]
OtherFirstOption = Annotated[
    date | None, typer.Option(parser=read_day, metavar=DAY, help="Its first day.")
]
OtherLastOption = Annotated[
    date | None, typer.Option(parser=read_day, metavar=DAY, help="Its last day.")
]
DayOption = Annotated[
    date | None, typer.Option("--date", parser=read_day, metavar=DAY, help="The edition's day.")
]
EstimandOption = Annotated[Estimand, typer.Option(help="Which share of several editions is meant.")]
PracticeOption = Annotated[
    bool,
    typer.Option(
        "--practice/--these",
        help="Infer the newspaper's practice, or describe these very editions.",
    ),
]
PagesExpectedOption = Annotated[
    int | None,
    typer.Option(min=1, max=MOST_PAGES, help="How many pages the edition had, scanned or not."),
]
PageNumbersOption = Annotated[
    str | None,
    typer.Option(
        metavar="1,3,5-8",
        help="The number of each page, in order; without: as the files' names tell, or in order.",
    ),
]
ModeOption = Annotated[
    UploadMode | None,
    typer.Option(
        help="What to do where the day has an edition already: add pages to it, replace it, or"
        " take in a separate edition of the day."
    ),
]
EngineOption = Annotated[
    EngineKind | None,
    typer.Option(help="Where pages are looked at; without: as PRESSLENS_ENGINE says."),
]
CoderOption = Annotated[str | None, typer.Option(help="Who does it, for the log.")]
RecipeOption = Annotated[str | None, typer.Option(help="Id of a recipe, or how it begins.")]


def settings_on(engine: EngineKind | None) -> Settings:
    """Return the settings, with what ``--engine`` asks for."""
    return Settings() if engine is None else Settings(engine=engine)


def inference_of(practice: bool) -> Inference:
    """Return what ``--practice/--these`` asks for."""
    return Inference.PRACTICE if practice else Inference.THESE
