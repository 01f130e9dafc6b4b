"""The photos behind a share as a plain table: what ``presslens estimate``, R and pandas read."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from presslens.app.db.queries import in_zone
from presslens.app.db.tables import OutcomeRow, PageRow, PhotoRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.samples.answers import load_answers
from presslens.app.services.shares.selection import EditionCriteria, select_editions
from presslens.app.services.statistics.availability import availability_of
from presslens.app.services.statistics.probabilities import probability_of
from presslens.pipelines.statistics.measure import Zone
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.photo_table import PhotoStatus
from presslens.pipelines.statistics.plain_table import SEPARATOR

COLUMNS = (
    "edition", "date", "publication", "pages", "page", "photo", "front", "above_fold", "lead",
    "area_share", "probability", "label", "inclusion_probability", "stratum", "status", "sample",
)  # fmt: skip


def photo_rows(
    home: Installation, metric: Metric, criteria: EditionCriteria
) -> Iterator[dict[str, Any]]:
    """Yield a flat row for each photo that a share is of, by edition; see ``COLUMNS``.

    ``label`` is what coders settled on, 1 or 0; ``inclusion_probability`` and ``stratum`` are of
    photos that validation samples of the share have drawn; ``status`` is that of each photo in
    these (``PhotoStatus``), ``not_drawn`` and ``picked`` without a sample; ``sample`` names the
    samples that could have drawn it. A photo that several editions print has a row for each.

    Args:
        metric: The share; its zone says which photos, its weight nothing.

    Raises:
        InvalidRequest: The metric is no share, there are no editions, or it is known in none.
    """
    if not metric.is_share:
        raise InvalidRequest(f"{metric} is counted for whole editions: there is no table of photos")
    recipe = home.recipe
    with home.database.read() as session:
        editions = {
            edition.id: edition for edition in select_editions(session, criteria, recipe).editions
        }
        if not editions:
            raise InvalidRequest("there are no analysed editions of these days")
        available = availability_of(session, recipe, [metric], list(editions.values()), recipe)
        if why := available[metric].refused():
            raise InvalidRequest(why)
        answers = load_answers(session, recipe, [metric.name], editions)[metric.name]
        keys = zip(answers.edition.tolist(), answers.photo.tolist(), strict=True)
        columns = answers.label, answers.inclusion, answers.stratum
        cells = dict(zip(keys, zip(*(c.tolist() for c in columns), strict=True), strict=True))
        probability = probability_of(session, metric.name, recipe.id)
        query = (
            select(
                PageRow.edition_id,
                PageRow.number,
                PhotoRow.id,
                PageRow.is_front,
                PhotoRow.above_fold,
                PhotoRow.is_lead,
                PhotoRow.area_share,
                # Not a condition: SQLite would take it for a reason to begin with all photos.
                in_zone(metric.zone),
                *probability.columns,
            )
            .select_from(PhotoRow)
            .join(OutcomeRow, PhotoRow.outcome_id == OutcomeRow.id)
            .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
            .where(OutcomeRow.observation_id == recipe.observation_id)
            .where(PageRow.edition_id.between(min(editions), max(editions)))
            .order_by(PageRow.edition_id, PageRow.number, PhotoRow.id)
        )
        rows = session.connection().execute(query).all()
    for edition_id, page, photo, front, fold, lead, area, inside, *estimated in rows:
        edition, p = editions.get(edition_id), probability.of(*estimated)
        if edition is None or not inside or p is None:
            continue
        label, inclusion, stratum = cells.get((edition_id, photo), (math.nan, math.nan, -1))
        zones = {Zone.FRONT if front else Zone.INSIDE}
        zones |= {zone for zone, is_in in ((Zone.ABOVE_FOLD, fold), (Zone.LEAD, lead)) if is_in}
        frames = [one.frame for one in answers.samples if one.frame.holds(edition_id, zones)]
        yield {
            "edition": edition_id,
            "date": edition.date.isoformat(),
            "publication": edition.publication,
            "pages": edition.pages,
            "page": page,
            "photo": photo,
            "front": _truth(front),
            "above_fold": _truth(fold),
            "lead": _truth(lead),
            "area_share": area,
            "probability": p,
            "label": None if math.isnan(label) else int(label),
            "inclusion_probability": None if math.isnan(inclusion) else inclusion,
            "stratum": None if stratum < 0 else stratum,
            "status": PhotoStatus.of(
                drawn=not math.isnan(inclusion),
                answered=not math.isnan(label),
                framed=bool(frames) or not answers.samples,
            ).value,
            "sample": SEPARATOR.join(sorted(one.name for one in frames)),
        }


def _truth(value: Any) -> str:
    """Return a truth as the wide table of photos has it."""
    return "true" if value else "false"
