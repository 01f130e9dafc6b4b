"""The photos behind a share as a plain table: what ``presslens estimate``, R and pandas read."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.tables import OutcomeRow, PageRow, PhotoRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.recipes.recipes import Provenance
from presslens.app.services.samples.answers import load_answers
from presslens.app.services.samples.frames import sample_frames
from presslens.app.services.shares.photo_places import places_of
from presslens.app.services.shares.selection import EditionCriteria, StatEdition, select_editions
from presslens.app.services.shares.share_loading import load_shares, newspaper_editions
from presslens.app.services.shares.share_photos import SharePhotos
from presslens.app.services.statistics.availability import availability_of
from presslens.pipelines.statistics.consensus import held_by
from presslens.pipelines.statistics.measure import Zone, in_zone, one_question
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.photo_table import PhotoStatus
from presslens.pipelines.statistics.plain_rows import RATES, SEPARATOR

COLUMNS = (
    "edition", "date", "publication", "pages", "page", "photo", "front", "above_fold", "lead",
    "area_share", "counted", "probability", "label", "inclusion_probability", "stratum", "status",
    "sample", *RATES,
)  # fmt: skip
"""The columns of every table."""


def columns_of(measure: str) -> list[str]:
    """Return the columns of a table: of each measure that limits its own there are some more.

    >>> columns_of("crowd")[len(COLUMNS) : len(COLUMNS) + 2]
    ['people_probability', 'people_label']
    """
    names = [name for name in one_question(measure) if name != measure]
    answers = [f"{name}_{column}" for name in names for column in OF_QUESTION]
    holders = dict.fromkeys(one for name in (measure, *names) for one in held_by(name))
    return [*COLUMNS, *answers, *(f"{one}_{column}" for one in holders for column in OF_HOLDERS)]


def photo_rows(
    home: Installation, metric: Metric, criteria: EditionCriteria
) -> Iterator[dict[str, Any]]:
    """Yield a flat row for each photo that a share is of, or that informs it; see ``columns_of``.

    ``counted`` are those that the share is of: the others are of its pool of newspapers, and
    calibrate the machine. ``label`` is what coders settled on, 1 or 0; ``inclusion_probability``
    and ``stratum`` are of photos that validation samples of the share have drawn; ``status`` is
    that of each photo in these (``PhotoStatus``), ``not_drawn`` and ``picked`` without a sample;
    ``sample`` names the samples that could have drawn it; ``sensitivity`` and ``specificity`` say
    how often labels are right, where that is known. A photo that several editions print has a
    row for each.

    Args:
        metric: The share; its zone says which photos are counted, its weight nothing.

    Raises:
        InvalidRequest: The metric is no share, there are no editions, or it is known in none.
    """
    if not metric.is_share:
        raise InvalidRequest(f"{metric} is counted for whole editions: there is no table of photos")
    recipe = home.recipe
    with home.database.read() as session:
        selected = select_editions(session, criteria, recipe).editions
        if not selected:
            raise InvalidRequest("there are no analysed editions of these days")
        known = availability_of(session, recipe, [metric], selected, recipe, checked=False)
        if why := known[metric].refused():
            raise InvalidRequest(why)
        every = {one.id: one for one in _informing(session, metric.name, selected, recipe)}
        (share,) = load_shares(session, [metric], list(every.values()), recipe)
        answers = load_answers(session, recipe, [metric.name], every)[metric.name]
        query = (
            select(PageRow.edition_id, PhotoRow.id, PageRow.number)
            .select_from(PhotoRow)
            .join(OutcomeRow, PhotoRow.outcome_id == OutcomeRow.id)
            .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
            .where(OutcomeRow.observation_id == recipe.observation_id)
            .where(PageRow.edition_id.between(min(every), max(every)))
        )
        pages = {(edition, photo): page for edition, photo, page in session.execute(query)}
    editions, photos = share.photo_keys
    stratum = np.append(answers.stratum, -1)[
        places_of((answers.edition, answers.photo), share.photo_keys)
    ]
    columns: dict[str, Sequence[Any]] = {
        "photo": photos.tolist(),
        **{
            zone.value: np.where(in_zone(share.zones, zone), "true", "false").tolist()
            for zone in (Zone.FRONT, Zone.ABOVE_FOLD, Zone.LEAD)
        },
        "area_share": share.areas.tolist(),
        "counted": np.where(share.about(metric, selected).counted, "true", "false").tolist(),
        "stratum": [None if one < 0 else one for one in stratum.tolist()],
        **_of_measures(share.pools or (share,)),
    }
    names = columns_of(metric.name)
    rows = []
    for i, key in enumerate(zip(editions.tolist(), photos.tolist(), strict=True)):
        edition = every[key[0]]
        row = {
            "edition": edition.id,
            "date": edition.date.isoformat(),
            "publication": edition.publication,
            "pages": edition.pages,
            "page": pages[key],
            **{name: column[i] for name, column in columns.items()},
        }
        rows.append({name: row.get(name) for name in names})
    yield from sorted(rows, key=lambda row: (row["edition"], row["page"], row["photo"]))


OF_QUESTION = ("probability", "label", *RATES)
"""The columns of another measure that one answer settles."""

OF_HOLDERS = ("probability", "label", "inclusion_probability", "status", "sample", *RATES)
"""The columns of a measure that holds the table's."""


def _informing(
    session: Session, measure: str, selected: Sequence[StatEdition], recipe: Provenance
) -> list[StatEdition]:
    """Return editions, and all others of the pools of a measure and of what holds it."""
    frames, names = sample_frames(session), {edition.publication for edition in selected}
    question, asked = one_question(measure), True
    while asked:
        names = names.union(*frames.closed(question, names))
        question = tuple(holder for name in question for holder in held_by(name)[:1])
        asked = bool(question)
    every = [one for name in sorted(names) for one in newspaper_editions(session, name, recipe)]
    known = {one.id for one in every}
    return [*every, *(one for one in selected if one.id not in known)]


def _of_measures(pools: Sequence[SharePhotos]) -> dict[str, list[Any]]:
    """Return the columns of the measure of the photos of pools, and of those that limit it."""
    found = _columns(pools)
    for of_question in zip(*(one.question for one in pools), strict=False):
        for name, column in _columns(of_question).items():
            own = f"{of_question[0].metric.name}_{name}" if name in OF_HOLDERS else name
            found[own] = column
    return found


def _columns(pools: Sequence[SharePhotos]) -> dict[str, list[Any]]:
    """Return the columns of a measure by itself, and of what holds it."""
    tables = [one.table for one in pools]
    probability, label, inclusion = (
        np.concatenate([getattr(one, name) for one in tables])
        for name in ("probability", "label", "inclusion")
    )
    framed = np.concatenate([one.framed for one in tables])
    status = [
        PhotoStatus.of(drawn=drawn, answered=answered, framed=inside).value
        for drawn, answered, inside in zip(
            ~np.isnan(inclusion), ~np.isnan(label), framed | ~framed.any(), strict=True
        )
    ]
    found = {
        "probability": probability.tolist(),
        "label": [None if math.isnan(one) else int(one) for one in label.tolist()],
        "inclusion_probability": [None if math.isnan(p) else p for p in inclusion.tolist()],
        "status": status,
        "sample": [SEPARATOR.join(names) for one in pools for names in one.sampled_by()],
        **dict.fromkeys(RATES, [None] * len(label)),
    }
    if rates := next((one.coders.rates for one in pools if one.coders is not None), None):
        found |= {name: [rate.cell] * len(label) for name, rate in zip(RATES, rates, strict=True)}
    holders = list(dict.fromkeys(holder for one in pools for holder in one.holders))
    if not holders:
        return found
    keys = [one.photo_keys for one in holders]
    printed = np.concatenate([one for one, _ in keys]), np.concatenate([one for _, one in keys])
    held = np.concatenate([places_of(printed, one.photo_keys) for one in pools]).tolist()
    for name, column in _columns(holders).items():
        whole = f"{holders[0].metric.name}_{name}" if name in OF_HOLDERS else name
        found[whole] = [None if i < 0 else column[i] for i in held]
    return found
