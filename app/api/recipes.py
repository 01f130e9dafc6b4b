"""Two recipes side by side: their interpretations of the same photos."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from presslens.app.api.access import PermittedRoute, needs
from presslens.app.api.csv_response import csv_response, wants_csv
from presslens.app.api.params import Editions, Home, Limit
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import Name
from presslens.app.services.recipes.recipes import find_recipe
from presslens.app.services.statistics.recipe_comparison import (
    SideBySide,
    check_comparable,
    compare_recipes,
    iterate_flips,
)

router = APIRouter(prefix="/recipes", tags=["system"], route_class=PermittedRoute)

ComparedRecipeId = Annotated[
    str, Query(max_length=64, description="a recipe's id, or its first digits, 6 or more")
]
COLUMNS = (
    "publication", "date", "edition", "page", "page_number", "measure", "old_photo", "new_photo",
    "old", "new", "change", "old_shows", "new_shows", "old_recipe", "new_recipe",
)  # fmt: skip


@router.get("/compare", operation_id="compare_recipes", response_model=SideBySide)
@router.get("/compare.csv", operation_id="compare_recipes_csv")
@needs(Permission.READ)
def get_comparison(
    home: Home,
    request: Request,
    old: ComparedRecipeId,
    new: ComparedRecipeId,
    measure: Annotated[
        list[Name] | None, Query(max_length=20, description="crowd, leader, figure:NAME, …")
    ] = None,
    *,
    query: Editions,
    limit: Limit = 50,
) -> Any:
    """Compare the interpretations of the same photos under two recipes. CSV holds all flips.

    Lists hold at most ``limit``: what changed most comes first.
    """
    recipes = find_recipe(home, old), find_recipe(home, new)
    scope, measures = query.resolved(home).scope, frozenset(measure or ())
    check_comparable(*recipes, measures)
    if wants_csv(request):
        ids = {"old_recipe": recipes[0].id, "new_recipe": recipes[1].id}
        rows = (
            {**move.to_json(), **ids} for move in iterate_flips(home, *recipes, scope, measures)
        )
        return csv_response(COLUMNS, rows, name="flips")
    return compare_recipes(home, *recipes, scope, measures, most=limit)
