"""The health, the work and the recipes of the service."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from app import clock
from app.api.access import PermittedRoute, identity_of, needs, open_to_all, open_to_strangers
from app.api.params import Home
from app.api.problem import RETRY_SECONDS, problem_response
from app.errors import NoDatabase
from app.permissions import Permission
from app.services.analysis.presence import count_workers, last_sign
from app.services.analysis.readiness import check_readiness, oldest_waiting
from app.services.analysis.workload import by_name, workload
from app.services.recipes.recipes import list_recipes
from models.message import join_messages

router = APIRouter(tags=["system"], route_class=PermittedRoute)


@router.get("/recipes", operation_id="list_recipes")
@needs(Permission.READ)
def get_recipes(home: Home) -> dict[str, Any]:
    """List the recipes, everything that can change a number, and what each was applied to."""
    return {"recipes": [recipe.to_json() for recipe in list_recipes(home)]}


@router.get("/healthz", operation_id="get_health")
@open_to_strangers
async def get_health() -> dict[str, str]:
    """Return that the server answers; it asks neither the database nor the disk."""
    return {"status": "ok"}


@router.get("/readyz", operation_id="get_readiness")
@open_to_all
def get_readiness(home: Home, request: Request) -> Any:
    """Return whether all is well, and what work waits or is given up.

    503 where something keeps the service from its work: `problems` says what, each with its `kind`,
    a `message`, and `what_to_do`; who may not read is told the kinds alone.
    """
    readiness = check_readiness(home, own_worker=request.app.state.own_worker)
    work = readiness.work
    if not identity_of(request).may(Permission.READ):
        kinds = [{"kind": one.kind.value} for one in readiness.problems]
        if kinds:
            return problem_response(HTTPStatus.SERVICE_UNAVAILABLE, problems=kinds)
        return {"status": "ready", "problems": []}
    document: dict[str, Any] = {"recipe": home.recipe.id}
    if work is not None:
        counts = {"waiting": by_name(work.waiting), "given_up": by_name(work.given_up)}
        document.update(counts)
    if not readiness.problems:
        return {"status": "ready", **document, "problems": []}
    words = join_messages((one.message for one in readiness.problems), " ")
    problems = [one.to_json() for one in readiness.problems]
    headers = {"Retry-After": str(RETRY_SECONDS)}
    return problem_response(
        HTTPStatus.SERVICE_UNAVAILABLE, words, headers=headers, problems=problems, **document
    )


@router.get("/work", operation_id="get_work")
@needs(Permission.READ)
def get_work(home: Home) -> dict[str, Any]:
    """Return how much work waits, and how much is given up, by kind."""
    work = workload(home)
    return {"waiting": by_name(work.waiting), "given_up": by_name(work.given_up)}


@router.get("/metrics", operation_id="get_metrics", response_class=PlainTextResponse)
@needs(Permission.READ)
def get_metrics(home: Home) -> str:
    """Return the work, the disk and the workers in the text format of Prometheus.

    Where the database can't be asked, `presslens_up` is 0 and what it knows is left out.
    """
    lines = [
        *_gauge("disk_free_bytes", "Free disk of the data folder.", home.storage.free_bytes()),
        *_gauge("workers", "Workers that live.", count_workers(home)),
    ]
    if (sign := last_sign(home)) is not None:
        lines += _gauge("worker_sign_seconds", "Time since a worker's last sign of life.", sign)
    try:
        work = workload(home)
        with home.database.read() as session:
            oldest = oldest_waiting(home, session)
    except NoDatabase:
        return "\n".join([*lines, *_gauge("up", "Whether the database answers.", 0), ""])
    age = (clock.now() - oldest).total_seconds() if oldest else 0.0
    lines += _gauge("up", "Whether the database answers.", 1)
    lines += _gauge("oldest_waiting_seconds", "Time that the oldest page has waited.", age)
    for name, label, words, counts in (
        ("waiting", "kind", "Work that is neither done nor given up.", by_name(work.waiting)),
        ("given_up", "kind", "Work that nobody tries any more.", by_name(work.given_up)),
        ("pages", "outcome", "Pages that were looked at under the recipe.", work.outcomes),
    ):
        lines += [f"# HELP presslens_{name} {words}", f"# TYPE presslens_{name} gauge"]
        lines += (f'presslens_{name}{{{label}="{value}"}} {n}' for value, n in counts.items())
    return "\n".join([*lines, ""])


def _gauge(name: str, words: str, value: float) -> list[str]:
    """Return a number in the text format of Prometheus."""
    return [
        f"# HELP presslens_{name} {words}",
        f"# TYPE presslens_{name} gauge",
        f"presslens_{name} {value}",
    ]
