"""Compares the interpretations of the same photos under two recipes: pairs and counts them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from presslens.app.db.queries import EditionScope
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.recipes.pairing import Coverage, PhotoPairing
from presslens.app.services.recipes.recipes import StoredRecipe
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.measure import is_measure
from presslens.pipelines.statistics.paired import HOLM, KAPPA, MCNEMAR
from presslens.pipelines.statistics.photo_matching import SAME_PHOTO
from presslens.pipelines.statistics.recipe_comparison import (
    VERDICTS,
    Move,
    RecipeComparison,
    RecipeComparisonBuilder,
    flips,
)

MATCHING = f"the same row, or boxes on the same scan with an IoU of {SAME_PHOTO:g} or more"


@dataclass(frozen=True, slots=True, eq=False)
class SideBySide(Served):
    """Two recipes, the differences of their interpretations, and the coverage of both."""

    SERVED: ClassVar[str] = """
        recipe publication=scope.publication from=scope.first to=scope.last old=old_recipe
        new=new_recipe same_photos photos=comparison.photos coverage methods
        measures=comparison.measures focus movers=comparison.movers flips=comparison.flips
        editions=comparison.editions unmatched=coverage.unmatched
    """

    recipe: str  # id of the recipe that the installation works under
    scope: EditionScope  # which editions were compared
    old: StoredRecipe
    new: StoredRecipe  # another one
    comparison: RecipeComparison  # the differences
    coverage: Coverage  # numbers of pages and photos that were compared, and that could not be

    @property
    def old_recipe(self) -> dict[str, Any]:
        """The old recipe."""
        return _recipe(self.old)

    @property
    def new_recipe(self) -> dict[str, Any]:
        """The new recipe."""
        return _recipe(self.new)

    @property
    def methods(self) -> dict[str, str]:
        """How the numbers are made."""
        return {"p": MCNEMAR, "p_holm": HOLM, "kappa": KAPPA, "same_photo": MATCHING}

    @property
    def focus(self) -> dict[str, Any]:
        """The photos by both verdicts, and how far these agree."""
        return {
            "verdicts": [verdict.value for verdict in VERDICTS],
            "photos": self.comparison.focus.tolist(),
            "kappa": None
            if self.comparison.focus_kappa is None
            else self.comparison.focus_kappa.to_json(),
        }

    @property
    def same_photos(self) -> bool:
        """Whether both interpret the same observations, so that no photo has to be matched."""
        return self.old.observation_id == self.new.observation_id


def _recipe(recipe: StoredRecipe) -> dict[str, Any]:
    return {
        "id": recipe.id,
        "name": recipe.name,
        "current": recipe.current,
        "observation_id": recipe.observation_id,
        "decision": recipe.decision,
    }


def compare_recipes(
    home: Installation,
    old: StoredRecipe,
    new: StoredRecipe,
    scope: EditionScope,
    measures: frozenset[str] = frozenset(),
    *,
    most: int = 50,
) -> SideBySide:
    """Compare all photos in scope that both recipes have interpreted.

    A photo that is printed on two pages counts twice, as in all shares.

    Args:
        new: Another one.
        measures: Names of measures; none means all.
        most: Longest list of movers, flips, editions and unmatched photos.

    Raises:
        InvalidRequest: Both are the same recipe, or a measure is none.
    """
    check_comparable(old, new, measures)
    rules = home.recipe.aggregate
    builder = RecipeComparisonBuilder(measures, most, rules.confidence)
    coverage = Coverage()
    for pairs in PhotoPairing(home, old, new, coverage, most).run(scope):
        builder.add(pairs)
    return SideBySide(home.recipe.id, scope, old, new, builder.result(), coverage)


def iterate_flips(
    home: Installation,
    old: StoredRecipe,
    new: StoredRecipe,
    scope: EditionScope,
    measures: frozenset[str] = frozenset(),
) -> Iterator[Move]:
    """Yield all changed decisions, by date, edition and page.

    Raises:
        InvalidRequest: See ``compare_recipes``.
    """
    check_comparable(old, new, measures)
    for pairs in PhotoPairing(home, old, new, Coverage(), 0).run(scope):
        yield from flips(pairs, measures)


def check_comparable(old: StoredRecipe, new: StoredRecipe, measures: frozenset[str]) -> None:
    """Check that two recipes can be compared by some measures.

    Raises:
        InvalidRequest: Both are the same recipe, or a measure is none.
    """
    if old.id == new.id:
        raise InvalidRequest("these are one recipe: there is nothing to compare")
    unknown = sorted(name for name in measures if not is_measure(name))
    if unknown:
        raise InvalidRequest(f"there is no measure {unknown[0]!r}")
