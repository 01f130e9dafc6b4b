"""The health, the work and the recipes of the service."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from app.api.access import PermittedRoute, needs, open_to_all
from app.api.params import Home
from app.permissions import Permission
from app.services.analysis.workload import by_name, workload
from app.services.recipes.recipes import list_recipes

router = APIRouter(tags=["system"], route_class=PermittedRoute)


@router.get("/recipes", operation_id="list_recipes")
@needs(Permission.READ)
def get_recipes(home: Home) -> dict[str, Any]:
    """List the recipes, everything that can change a number, and what each was applied to."""
    return {"recipes": [recipe.to_json() for recipe in list_recipes(home)]}


@router.get("/healthz", operation_id="get_health")
@open_to_all
def get_health() -> dict[str, str]:
    """Return that the server answers."""
    return {"status": "ok"}


@router.get("/readyz", operation_id="get_readiness")
@open_to_all
def get_readiness(home: Home) -> dict[str, Any]:
    """Return that the database and the store can be used, and what work waits or is given up."""
    home.storage.check()
    work = workload(home)
    return {
        "status": "ready",
        "recipe": home.recipe.id,
        "waiting": by_name(work.waiting),
        "given_up": by_name(work.given_up),
    }


@router.get("/metrics", operation_id="get_metrics", response_class=PlainTextResponse)
@needs(Permission.READ)
def get_metrics(home: Home) -> str:
    """Return the waiting and the finished work in the text format of Prometheus."""
    work = workload(home)
    waiting, given_up = by_name(work.waiting), by_name(work.given_up)
    return "\n".join(
        [
            "# HELP presslens_waiting Work that is neither done nor given up.",
            "# TYPE presslens_waiting gauge",
            *(f'presslens_waiting{{kind="{kind}"}} {n}' for kind, n in waiting.items()),
            "# HELP presslens_given_up Work that nobody tries any more, until an upgrade.",
            "# TYPE presslens_given_up gauge",
            *(f'presslens_given_up{{kind="{kind}"}} {n}' for kind, n in given_up.items()),
            "# HELP presslens_pages Pages that were looked at under the recipe, by outcome.",
            "# TYPE presslens_pages gauge",
            *(f'presslens_pages{{outcome="{name}"}} {n}' for name, n in work.outcomes.items()),
            "",
        ]
    )
