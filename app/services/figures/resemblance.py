"""Finds references whose face is as near to another figure's as photos of one person are."""

from __future__ import annotations

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.figures import FigureRow
from presslens.app.services.figures.references import WITH_FACES, assessed_references
from presslens.models.faces.embedding import distances
from presslens.models.recipe import Recipe


def resembled_figures(session: Session, recipe: Recipe) -> dict[int, str]:
    """Return the name of the other figure that each reference is nearest to, by its id.

    A reference is near if its distance is below ``enrol.apart``, which also says whether the
    references of one figure agree. Those that resemble no other figure are left out.
    """
    figures = session.scalars(select(FigureRow).order_by(FigureRow.name).options(WITH_FACES)).all()
    known = [
        (reference.id, figure.name, reference.embedding)
        for figure in figures
        for reference in assessed_references(figure, recipe)
        if reference.embedding is not None
    ]
    if len({name for _, name, _ in known}) < 2:
        return {}
    embeddings = np.stack([embedding for _, _, embedding in known])
    names = np.array([name for _, name, _ in known])
    found: dict[int, str] = {}
    for id_, name, embedding in known:
        others = names != name
        far = distances(embedding[None], embeddings[others])[0]
        nearest = int(far.argmin())
        if far[nearest] < recipe.interpret.enrol.apart:
            found[id_] = str(names[others][nearest])
    return found
