"""Compares the interpretations of the same photos under two recipes: pairs and counts them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from presslens.app.db.queries import EditionScope
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.recipes.pairing import Coverage, PhotoPairing
from presslens.app.services.recipes.recipes import StoredRecipe
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
class SideBySide:
    """Two recipes, the differences of their interpretations, and the coverage of both.

    Attributes:
        recipe: Id of the recipe that the installation works under.
        scope: Which editions were compared.
        old: A recipe.
        new: Another one.
        comparison: The differences.
        coverage: Numbers of pages and photos that were compared, and that could not be.
    """

    recipe: str
    scope: EditionScope
    old: StoredRecipe
    new: StoredRecipe
    comparison: RecipeComparison
    coverage: Coverage

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as it is served."""
        comparison = self.comparison
        return {
            "recipe": self.recipe,
            "publication": self.scope.publication,
            "from": self.scope.first and self.scope.first.isoformat(),
            "to": self.scope.last and self.scope.last.isoformat(),
            "old": _recipe(self.old),
            "new": _recipe(self.new),
            "same_photos": self.same_photos,
            "photos": comparison.photos,
            "coverage": self.coverage.to_json(),
            "methods": {"p": MCNEMAR, "p_holm": HOLM, "kappa": KAPPA, "same_photo": MATCHING},
            "measures": [measure.to_json() for measure in comparison.measures],
            "focus": {
                "verdicts": [verdict.value for verdict in VERDICTS],
                "photos": comparison.focus.tolist(),
                "kappa": None
                if comparison.focus_kappa is None
                else comparison.focus_kappa.to_json(),
            },
            "movers": [move.to_json() for move in comparison.movers],
            "flips": [move.to_json() for move in comparison.flips],
            "editions": [edition.to_json() for edition in comparison.editions],
            "unmatched": [photo.to_json() for photo in self.coverage.unmatched],
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
