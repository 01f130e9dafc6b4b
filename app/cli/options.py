"""The options that several commands share."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator
from datetime import date
from functools import reduce
from operator import or_
from typing import Annotated, Any, Union, get_args, get_origin

import typer
from annotated_types import Ge, Le

from presslens.app.cli.console import warn
from presslens.app.cli.usage import DAY, read_day
from presslens.app.db.publications import NewspaperKind
from presslens.app.platform.questions import MOST, BaseQuery
from presslens.app.platform.settings import EngineKind, Settings
from presslens.app.services.ingest.upload_mode import UploadMode
from presslens.models.captions.languages import pack_of
from presslens.models.languages import read_language
from presslens.pipelines.scans.page_numbers import MOST_PAGES
from presslens.pipelines.statistics.measure import Estimand, Inference

MOST_SEED = 2**31 - 1
"""The largest seed that both databases store."""

JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON.")]

PublicationOption = Annotated[str | None, typer.Option(help="The newspaper.")]

DayOption = Annotated[
    date | None, typer.Option("--date", parser=read_day, metavar=DAY, help="The edition's day.")
]

MetricArgument = Annotated[
    str, typer.Argument(help="children, photos, leader@front, crowd/area, label:indoor, …")
]

EstimandOption = Annotated[Estimand, typer.Option(help="Which share of several editions is meant.")]

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


def warn_of_languages(given: list[str] | None) -> list[str] | None:
    """Say at once which languages that are given nothing can read; return what is given."""
    codes = filter(None, map(read_language, given or ()))
    if unread := [code for code in codes if pack_of(code) is None]:
        warn(f"Tesseract does not read {', '.join(unread)}: captions are not read in it")
    return given


LanguageOption = Annotated[
    list[str] | None,
    typer.Option(
        "--language",
        metavar="CODE",
        callback=warn_of_languages,
        help="A language of the newspaper, fa for instance; may be repeated, the main one first.",
    ),
]

CountryOption = Annotated[
    str | None,
    typer.Option("--country", metavar="CODE", help="The newspaper's country, IR for instance."),
]

KindOption = Annotated[
    str | None,
    typer.Option("--kind", metavar="|".join(NewspaperKind), help="Who publishes the newspaper."),
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


def about_words(inference: str) -> str:
    """Return which question an interval answers."""
    return "these editions" if inference == Inference.THESE else "the newspaper's practice"


class Helps(dict[str, str]):
    """Helps of some options of a question, in place of its own: ``Annotated[Query, Helps(…)]``."""


def query_in(annotation: object) -> type[BaseQuery] | None:
    """Return the question that a parameter of a command is; None: it is a single option."""
    kind = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseQuery) else None


def options_of(annotation: object) -> Iterator[inspect.Parameter]:
    """Yield the options of a question, as parameters of a command."""
    question = query_in(annotation)
    helps = next((one for one in get_args(annotation)[1:] if isinstance(one, Helps)), Helps())
    for name, field in question.model_fields.items() if question else ():
        extra = field.json_schema_extra
        words = helps.get(name, extra["option"] if isinstance(extra, dict) else "")
        if not words:
            continue
        about: dict[str, Any] = {"help": words}
        kind = _plain(field.annotation)
        if date in (kind, *get_args(kind)):
            about |= {"parser": read_day, "metavar": DAY}
        names = [f"--{field.alias}"] if field.alias else []
        default = field.default
        if isinstance(default, Inference):
            kind, default = bool, default is Inference.PRACTICE
            names, about["callback"] = ["--practice/--these"], inference_of
        for limit in field.metadata:
            about |= {"min": limit.ge} if isinstance(limit, Ge) else {}
            about |= {"max": limit.le} if isinstance(limit, Le) and limit.le != MOST else {}
        yield inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=default,
            annotation=Annotated[kind, typer.Option(*names, **about)],
        )


def _plain(annotation: Any) -> Any:
    """Return a type without what checks its values: Typer does that by itself."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if isinstance(annotation, types.UnionType) or get_origin(annotation) is Union:
        return reduce(or_, map(_plain, get_args(annotation)))
    return annotation
