"""``presslens models add-encoder`` and its kin: a user's image encoder beside the networks here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.console import Aside, Careful
from presslens.app.cli.progress import WorkDone, progress
from presslens.app.cli.tables import ReadableTable
from presslens.app.installation import Installation, open_installation
from presslens.app.platform.settings import Settings
from presslens.app.services.encoders.fitting import FittedEncoder, FittedMeasure, fit_encoder
from presslens.app.services.encoders.stored import forget_encodings
from presslens.models.encoders.card import EncoderCard, examine
from presslens.models.encoders.own import (
    add_network,
    find_finding,
    find_rules,
    load_used,
    note_finding,
    remove_encoder,
    use_encoder,
)
from presslens.models.encoders.stacking import EncodedComparison, LeftOutFigures
from presslens.models.errors import InvalidEncoder
from presslens.models.recipe import EncoderRules
from presslens.pipelines.counted import counted

NameArgument = Annotated[str, typer.Argument(help="The name on the encoder's card.")]
UseOption = Annotated[
    bool, typer.Option("--use", help="Work with it from now on, if it reads a measure better.")
]


@command()
def add_encoder(
    network: Annotated[Path, typer.Argument(metavar="FILE.onnx", help="One you trust: it is run.")],
    card: Annotated[Path, typer.Option(help="TOML: name, licence, source, size of its pictures.")],
    use: UseOption = False,
) -> Printed:
    """Add an image encoder: look at all photos with it, fit readers to people's answers, compare.

    It is stopped and gone on with at any time: photos that were looked at stay so.
    """
    settings = Settings()
    about = EncoderCard.load(card)
    length = examine(network, about)
    with open_installation(settings):
        rules = add_network(settings.encoders_dir, network, about)
    yield from _fitted(settings, rules, use=use, length=length)


@command()
def refit_encoder(name: NameArgument, use: UseOption = False) -> Printed:
    """Fit the readers of an encoder again: look at photos that are new, take all answers."""
    settings = Settings()
    rules = find_rules(settings.encoders_dir, name).model_copy(update={"readers": ""})
    yield from _fitted(settings, rules, use=use)


@command()
def choose_encoder(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="The encoder; without: none of them.")
    ] = None,
) -> Printed:
    """Work with an encoder whose readers are fitted, or, without a name, with none."""
    settings = Settings()
    rules = None if name is None else find_rules(settings.encoders_dir, name)
    if name is not None and rules is not None and not rules.readers:
        raise InvalidEncoder(
            find_finding(settings.encoders_dir, name)
            or f"{name} is not measured yet: run `presslens models fit-encoder {name}`"
        )
    old = settings.load_recipe().id
    use_encoder(settings.encoders_dir, rules, settings.recipe)
    yield {"encoder": name, "recipe": settings.load_recipe().id}
    yield from _changed(settings, old)


@command()
def drop_encoder(name: NameArgument) -> Printed:
    """Delete an encoder that is not in use, its readers, and what it has made of photos."""
    settings = Settings()
    rules = find_rules(settings.encoders_dir, name)
    used = load_used(settings.encoders_dir, settings.recipe)
    if used is not None and used.network == rules.network:
        raise InvalidEncoder(f"{name} is in use: run `presslens models use-encoder` first")
    with open_installation(settings) as home:
        recipe = home.recipe.with_encoder(rules, settings.load_registry().manifest)
        photos = forget_encodings(home, recipe.encoding_id or "")
    remove_encoder(settings.encoders_dir, name)
    yield {"removed": name, "photos": photos}
    yield f"{name} is removed, with its encodings of {counted(photos, 'photo')}"


def _fitted(
    settings: Settings, rules: EncoderRules, *, use: bool, length: int | None = None
) -> Printed:
    """Encode what is new, fit, and yield the result; have the recipe use it if that is asked."""
    registry = settings.load_registry()
    registry.path(rules.network)
    with open_installation(settings) as home:
        recipe = home.recipe.with_encoder(rules, registry.manifest)
        encoding = replace(home, recipe=recipe)
        left = _encode(encoding)
        with progress("fitting readers", remains="the encoder is added, without new readers") as w:
            fitted, rules = fit_encoder(home, rules, recipe, progress=lambda m: w.update(0, name=m))
        old = home.recipe.id
    yield fitted
    if length is not None:
        yield f"an encoding has {counted(length, 'number')}"
    yield from _tables(fitted)
    name = rules.network.removeprefix("encoder-")
    if left:
        again = f"`presslens models fit-encoder {name}` tries them again"
        yield Careful(f"{counted(left, 'page')} could not be encoded now; {again}")
    if not fitted.helps:
        used = load_used(settings.encoders_dir, settings.recipe)
        in_use = used is not None and used.network == rules.network
        finding = _no_help(name, fitted, in_use=in_use)
        note_finding(settings.encoders_dir, name, finding)
        yield Aside(finding)
    elif use:
        use_encoder(settings.encoders_dir, rules, settings.recipe)
        yield from _changed(settings, old)
    else:
        better = f"{name} reads {', '.join(fitted.helps)} better than what ships"
        yield Aside(f"{better}: `presslens models use-encoder {name}` has them read with it")


def _no_help(name: str, fitted: FittedEncoder, *, in_use: bool) -> str:
    """Return what was found of an encoder that helps with no measure, and what is to be done."""
    if all(one.by_edition is None for one in fitted.measures):
        return (
            f"people have answered for too few photos to measure {name}: all is read as before;"
            " answer for more (`presslens samples draw`), and then run `presslens models"
            f" fit-encoder {name}`"
        )
    found = f"{name} was measured, and reads nothing better than what ships:"
    if in_use:
        return f"{found} `presslens models use-encoder` gives up its earlier readers"
    return f"{found} all is read as before, and nothing is to be done"


def _encode(home: Installation) -> int:
    # They bring the models along: imported only where they are needed.
    from presslens.app.services.analysis.reinterpret import encode_archive
    from presslens.app.worker import local_engine

    with progress("encoding", remains=_remains) as work, local_engine(home) as engine:
        return encode_archive(home, engine, progress=work.update)


def _remains(work: WorkDone) -> str:
    return f"{work.count} pages are encoded and stay so; the next call goes on with the others"


def _changed(settings: Settings, old: str) -> Iterator[str | Aside]:
    new = settings.load_recipe()
    if new.id == old:
        yield f"nothing changes: the recipe was and is {old[:12]}, and nothing is to be done"
        return
    yield f"the recipe is {new.id[:12]} now; it was {old[:12]}"
    yield Aside(
        "start `presslens serve` and `presslens worker` again: the worker interprets all photos"
        f" anew, and then `presslens recipes compare {old[:12]} {new.id[:12]}` compares"
    )


def _tables(fitted: FittedEncoder) -> Iterator[ReadableTable | str]:
    heads = ("measure", "photos", "show it", "left out", "AP", "AUC", "F1", "log loss", "gain",
             "used")  # fmt: skip
    rows = [row for one in fitted.measures for row in _rows(one)]
    title = "without → with the encoder, by readers that never saw what is left out"
    yield ReadableTable.of(*heads, whole=heads[:-1], rows=rows, title=title)
    yield from (f"{one.measure}: {one.reason}" for one in fitted.measures if not one.used)


def _rows(one: FittedMeasure) -> Iterator[tuple[object, ...]]:
    used = "yes" if one.used else "no"
    head = one.measure, one.photos, one.positive
    if one.by_edition is None:
        yield (*head, *["–"] * 6, used)
        return
    yield (*head, f"{one.by_edition.groups} editions", *_figures(one.by_edition), used)
    if one.by_newspaper is not None:
        groups = f"{one.by_newspaper.groups} newspapers"
        yield ("", "", "", groups, *_figures(one.by_newspaper), "")


def _figures(compared: EncodedComparison) -> tuple[str, ...]:
    better = min(compared.ours, compared.recalibrated, key=lambda one: one.log_loss)

    def both(name: str, of: LeftOutFigures) -> str:
        return f"{getattr(of, name):.3f}→{getattr(compared.both, name):.3f}"

    figures = (both(name, compared.ours) for name in ("ap", "auc", "f1"))
    gain = f"{compared.gain:+.3f}±{compared.gain_error:.3f}"
    return (*figures, both("log_loss", better), gain)
