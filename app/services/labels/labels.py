"""Lists the labels that photos are read for, and removes those that a researcher has added."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from presslens.app.db.tables import LabelRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.services.labels.label_set import label_set_version, own_names
from presslens.app.services.labels.teaching import (
    WAITS,
    answered_photos,
    answers_count,
    requested_observation,
)
from presslens.models.labels.vocabulary import (
    BUILT_IN,
    BuiltInLabel,
    LabelMetrics,
    built_in_labels,
    shipped_names,
)
from presslens.models.message import Message
from presslens.models.recipe import Recipe
from presslens.pipelines.result import Served


@dataclass(frozen=True, slots=True)
class LabelState(Served):
    """A label, and the metrics of its classifier."""

    name: str  # what it is called
    built_in: bool  # it comes with the project
    used: bool  # photos are read for it
    reason: str | None  # why it is not used; None if it is
    examples: int  # number of photos that it is trained on
    positive: int  # number of examples that show it
    figures: LabelMetrics | None  # cross-validated metrics; None where they can't be measured
    taught: bool = False  # people have made it, and teach it by their answers alone
    folder: int = 0  # number of photos of a folder that it was learnt from; part of ``examples``
    # Number of photos that people have answered about it for; part of ``examples`` only if its
    # learning was asked for.
    answered: int = 0
    # Why its metrics can't be measured; None if they are, or it is not used.
    unmeasured: str | None = None


@dataclass(frozen=True, slots=True)
class LabelList(Served):
    """All labels, built-in ones first."""

    recipe: str  # id of the recipe that says which of them are used
    label_set: str  # the name of the set of a researcher's own labels
    labels: tuple[LabelState, ...]


def list_labels(home: Installation) -> LabelList:
    """Return the built-in labels, shipped or not, and the added ones by name."""
    with home.database.read() as session:
        rows = session.scalars(
            select(LabelRow).order_by(LabelRow.name).options(selectinload(LabelRow.examples))
        )
        answered = answered_photos(session, home.recipe)
        counts = set(session.scalars(select(LabelRow.id).where(answers_count())))
        own = [
            own_state(row, home.recipe, answered.get(row.name, (0, 0)), count=row.id in counts)
            for row in rows
        ]
        version = label_set_version(session)
    return LabelList(home.recipe.id, version, (*map(_built_in, built_in_labels()), *own))


def label_names(home: Installation) -> tuple[str, ...]:
    """Return the names of the labels that photos are read for, in the order of documents."""
    with home.database.read() as session:
        return (*shipped_names(), *own_names(session))


def check_label(home: Installation, name: str) -> None:
    """Check that photos are read for a label.

    Raises:
        InvalidRequest: They are not.
    """
    available = label_names(home)
    if name not in available:
        names = ", ".join(available) or "none"
        raise InvalidRequest.saying(
            "photos are not read for a label %(name)r; the labels are: %(names)s",
            name=name,
            names=names,
        )


def remove_label(home: Installation, name: str) -> None:
    """Remove a label and its classifier; the example photos stay in the store.

    Raises:
        NotFound: There is no such label.
        InvalidRequest: It is a built-in label.
    """
    if name in BUILT_IN:
        raise InvalidRequest.saying("%(name)s is a built-in label and can't be removed", name=name)
    with home.database.write() as session:
        row = session.scalars(select(LabelRow).filter_by(name=name)).one_or_none()
        if row is None:
            raise NotFound.saying("there is no label %(name)r", name=name)
        session.delete(row)


def own_state(
    row: LabelRow, recipe: Recipe, answered: tuple[int, int] = (0, 0), *, count: bool = False
) -> LabelState:
    """Return the state of a label that was added.

    Args:
        answered: For how many photos people have answered about it, and how many show it.
        count: These are examples of it, beside those of its folder, if it has one.
    """
    reason = WAITS if row.failure == WAITS else row.failure
    if row.observation_id == requested_observation(recipe):
        reason = Message("a worker is asked to learn it")
    elif reason is None and row.observation_id != recipe.observation_id:
        reason = Message("it waits to be learnt again under the new recipe")
    folder = len(row.examples)
    more, shown = answered if count else (0, 0)
    n, positive = folder + more, sum(example.shows for example in row.examples) + shown
    metrics = _metrics(row, n, positive)
    return LabelState(
        row.name,
        built_in=False,
        used=reason is None,
        reason=reason,
        examples=n,
        positive=positive,
        figures=metrics,
        taught=not folder,
        folder=folder,
        answered=answered[0],
        unmeasured=row.method if reason is None and metrics is None else None,
    )


def _metrics(row: LabelRow, n: int, positive: int) -> LabelMetrics | None:
    if None in (row.ap, row.f1, row.calibration_error):
        return None
    return LabelMetrics(
        n=n,
        positive=positive,
        ap=row.ap or 0.0,
        f1=row.f1 or 0.0,
        calibration_error=row.calibration_error or 0.0,
        method=row.method or "",
    )


def _built_in(label: BuiltInLabel) -> LabelState:
    used, reason = label.refusal is None, _refusal(label)
    return LabelState(label.name, True, used, reason, label.n, label.positive, label.figures)


def _refusal(label: BuiltInLabel) -> str | None:
    """Return why a built-in label is not shipped, so that other languages can say it too."""
    stored = label.refusal or ""
    if weak := re.fullmatch(
        r"its average precision is (\S+) as .* printed: (\S+) is needed", stored
    ):
        return Message(
            "on printed pages it is found too seldom or too often: %(ap)s on the same scale,"
            " and %(least)s is needed",
            ap=weak[1],
            least=weak[2],
        )
    if few := re.fullmatch(r"(\d+) of (\d+) photos show it: (\d+) must, in .* groups", stored):
        return Message(
            "%(positive)s of %(n)s photos show it: %(least)s must, in several groups",
            positive=few[1],
            n=few[2],
            least=few[3],
        )
    return label.refusal
