"""The present recipe of the program, applied to a loaded snapshot of another recipe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select, text, update

from presslens.app.db.tables import METADATA, InterpretationRow, SightingRow
from presslens.app.deposit.numbers import NumberRow
from presslens.app.deposit.recompute import decided_focus
from presslens.app.installation import Installation, register_recipe
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Answer
from presslens.pipelines.statistics.plain import PLAIN, Enrolment

DECIDING = ("focus_margin", "sure")
"""Rules of interpretation that decide by stored scores: they need no scan."""


@dataclass(frozen=True, slots=True)
class PresentRecipe:
    """How the present recipe differs from that of a deposit."""

    same: bool
    sees: bool  # pages are seen as the deposit's were
    reads: bool  # photos are read as the deposit's were, but for thresholds of decisions
    differs_in: tuple[str, ...]  # the parts that differ

    @classmethod
    def of(cls, carried: Recipe, present: Recipe) -> PresentRecipe:
        """Return how two recipes differ."""
        sees = carried.observation_id == present.observation_id
        return cls(
            carried.id == present.id,
            sees,
            sees and _reading(carried) == _reading(present),
            tuple(_differing(carried.model_dump(mode="json"), present.model_dump(mode="json"))),
        )

    def is_checkable(self, row: NumberRow) -> bool:
        """Return whether the numbers of a row are checkable without scans."""
        plain = PLAIN.get(row.get("metric", ""))  # that of a claim has no metric
        if self.reads:
            return True
        return self.sees and plain is not None and plain.enrolment is Enrolment.NONE


def adopt(home: Installation, recipe: Recipe) -> Installation:
    """Assign the rows of a loaded snapshot to another recipe, and decide by its thresholds."""
    now = replace(home, recipe=recipe)
    register_recipe(now)
    before = {"recipe_id": home.recipe.id, "observation_id": home.recipe.observation_id}
    after = {"recipe_id": recipe.id, "observation_id": recipe.observation_id}
    with home.database.write() as session:
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
        for table in METADATA.sorted_tables:
            for name in before.keys() & set(table.columns.keys()):
                if table.name == "recipe":
                    continue
                column = table.columns[name]
                session.execute(
                    update(table).where(column == before[name]).values({name: after[name]})
                )
        rules = recipe.interpret
        scored = select(
            InterpretationRow.photo_id, InterpretationRow.leader, InterpretationRow.facility
        ).where(InterpretationRow.recipe_id == recipe.id)
        for photo, leader, facility in session.execute(scored).all():
            focus = decided_focus(leader, facility, rules.focus_margin)
            if focus is not None:
                of_photo = update(InterpretationRow).filter_by(photo_id=photo)
                session.execute(of_photo.values(verdict=focus))
        sure = SightingRow.probability >= rules.sure
        for condition, answer in ((sure, Answer.YES), (~sure, Answer.UNSURE)):
            session.execute(update(SightingRow).where(condition).values(answer=answer))
    return now


def _reading(recipe: Recipe) -> dict[str, Any]:
    rules = recipe.interpret.model_dump(mode="json")
    hashes = {name: recipe.hashes[name] for name in recipe.interpret.weights}
    return {**{k: v for k, v in rules.items() if k not in DECIDING}, "hashes": hashes}


def _differing(
    carried: Mapping[str, Any], present: Mapping[str, Any], within: str = ""
) -> Iterator[str]:
    """Yield the names of the rules that differ, "aggregate.decision" for instance."""
    for name in dict.fromkeys((*carried, *present)):
        old, new = carried.get(name), present.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from _differing(old, new, f"{within}{name}.")
        elif old != new:
            yield f"{within}{name}"
