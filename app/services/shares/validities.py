"""Whether the machine's readings are worth anything in a newspaper, measure by measure.

It is of the revision of the archive: of all scores of the newspaper, and of all answers of people;
what models say as coders is not among these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from sqlalchemy.orm import Session

from presslens.app.db.archive_view import archive_view
from presslens.app.db.publications import stated_newspaper
from presslens.app.services.figures.looked_for import looked_for_anywhere
from presslens.app.services.recipes.recipes import Provenance
from presslens.app.services.samples.answers import answered_measures
from presslens.app.services.shares.share_loading import load_shares, newspaper_editions
from presslens.app.services.shares.share_photos import SharePhotos
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.measure import BUILT_IN, FOCUSES
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.validity import (
    FACILITY_FOCUS,
    LOOKED_AT_FIRST,
    Validity,
    newspaper_validity,
    unchecked,
    undecided_focuses,
)


def load_validities(
    session: Session, publication: str, recipe: Provenance, measures: Sequence[str] = BUILT_IN
) -> Mapping[str, Validity]:
    """Return whether the machine's readings of measures are worth anything in a newspaper.

    Args:
        publication: The newspaper's name, which is no alias.
        recipe: The recipe of the summaries.
    """
    names = tuple(dict.fromkeys(measures))

    def load() -> Mapping[str, Validity]:
        editions = newspaper_editions(session, publication, recipe)
        shares = load_shares(session, [Metric(name) for name in names], editions, recipe)
        return {one.metric.name: _validity(one, publication) for one in shares}

    return archive_view(session).once(("validity", recipe.id, publication, names), load)


def is_offered(
    session: Session, publications: Iterable[str], recipe: Provenance, measure: str
) -> bool:
    """Return whether each of some newspapers has a share of a measure that is offered."""
    if measure not in LOOKED_AT_FIRST:
        return True
    if measure not in measures_answered(session):  # of whatever newspapers, none among them
        return False
    return all(
        load_validities(session, one, recipe, (measure,))[measure].offered for one in publications
    )


def lead_focus_validity(session: Session, publication: str, recipe: Provenance) -> Validity:
    """Return whether the focus of a lead photo as the machine reads it is worth anything."""
    return _of_answered(session, publication, recipe, (FACILITY_FOCUS,))[FACILITY_FOCUS]


def load_undecided(session: Session, publication: str, recipe: Recipe) -> Mapping[Focus, str]:
    """Return why the machine's verdicts about the focus decide nothing in a newspaper."""

    def load() -> Mapping[Focus, str]:
        paper = stated_newspaper(session, publication).id
        validities = _of_answered(session, publication, recipe, FOCUSES)
        why = looked_for_anywhere(session, recipe, paper).why_not(FOCUSES[0])
        return undecided_focuses(validities, why)

    return archive_view(session).once(("undecided focuses", recipe.id, publication), load)


def _of_answered(
    session: Session, publication: str, recipe: Provenance, measures: Sequence[str]
) -> Mapping[str, Validity]:
    """Return ``load_validities``; where nobody answered a measure, without loading a share."""
    if not set(measures).intersection(measures_answered(session)):
        return {name: unchecked(name) for name in measures}
    return load_validities(session, publication, recipe, measures)


def measures_answered(session: Session) -> Sequence[str]:
    """Return the measures that people answered, or that a sample asks for, by name."""
    return archive_view(session).once(
        ("answered measures",), lambda: sorted(answered_measures(session)), answers=True
    )


def _validity(photos: SharePhotos, publication: str) -> Validity:
    own = photos.newspapers == publication
    if not own.any():
        return unchecked(photos.metric.name)
    point = photos.points.get(publication)
    table = replace(photos.table.at(own), beside=())
    return newspaper_validity(
        photos.metric.name,
        replace(table, label=np.where(photos.asked[own], table.label, np.nan)),
        photos.machine_verdicts[own] if point is None else table.probability >= point.raw,
        photos.expected[own],
        confidence=photos.confidence,
    )
