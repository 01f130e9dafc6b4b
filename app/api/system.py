"""The health, the work and the recipes of the service."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from presslens.app.api.access import (
    PermittedRoute,
    identity_of,
    needs,
    open_to_all,
    open_to_strangers,
)
from presslens.app.api.params import Home
from presslens.app.api.problem import RETRY_SECONDS, problem_response
from presslens.app.platform import clock
from presslens.app.platform.errors import NoDatabase
from presslens.app.platform.permissions import Permission
from presslens.app.services.analysis.presence import WorkerCollector, live_workers
from presslens.app.services.analysis.readiness import ServiceProblem, check_readiness
from presslens.app.services.analysis.status import ServiceCollector, ServiceStatus, find_status
from presslens.app.services.analysis.workload import by_name, workload
from presslens.app.services.recipes.recipes import StoredRecipe, list_recipes
from presslens.models.message import join_messages
from presslens.pipelines.result import OMITTED, Served

router = APIRouter(tags=["system"], route_class=PermittedRoute)


@dataclass(frozen=True, slots=True)
class RecipeList(Served):
    """All recipes."""

    recipes: list[StoredRecipe]


@dataclass(frozen=True, slots=True)
class ServerHealth(Served):
    """The server answers."""

    status: Literal["ok"] = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerReadiness(Served):
    """All is well, and this work waits or is given up, by kind; who may not read sees neither."""

    status: Literal["ready"] = "ready"
    recipe: Annotated[str | None, OMITTED] = None
    waiting: Annotated[dict[str, int] | None, OMITTED] = None
    given_up: Annotated[dict[str, int] | None, OMITTED] = None
    problems: list[ServiceProblem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class WorkCounts(Served):
    """How much work waits, and how much is given up, by kind."""

    waiting: dict[str, int]
    given_up: dict[str, int]


@router.get("/recipes", operation_id="list_recipes")
@needs(Permission.READ)
def get_recipes(home: Home) -> RecipeList:
    """List the recipes, everything that can change a number, and what each was applied to."""
    return RecipeList(list_recipes(home))


@router.get("/healthz", operation_id="get_health")
@open_to_strangers
async def get_health() -> ServerHealth:
    """Return that the server answers; it asks neither the database nor the disk."""
    return ServerHealth()


@router.get("/readyz", operation_id="get_readiness", response_model=ServerReadiness)
@open_to_all
def get_readiness(home: Home, request: Request) -> Any:
    """Return whether all is well, and what work waits or is given up.

    503 where something keeps the service from its work: `problems` says what, each with its `kind`,
    a `message`, and `what_to_do`; who may not read is told the kinds alone.
    """
    state = request.app.state
    readiness = check_readiness(home, own_worker=state.own_worker, is_starting=state.is_starting)
    work = readiness.work
    if not identity_of(request).may(Permission.READ):
        kinds = [{"kind": one.kind.value} for one in readiness.problems]
        if kinds:
            return problem_response(HTTPStatus.SERVICE_UNAVAILABLE, problems=kinds)
        return ServerReadiness()
    document: dict[str, Any] = {"recipe": home.recipe.id}
    if work is not None:
        counts = {"waiting": by_name(work.waiting), "given_up": by_name(work.given_up)}
        document.update(counts)
    if not readiness.problems:
        return ServerReadiness(**document)
    words = join_messages((one.message for one in readiness.problems), " ")
    problems = [one.to_json() for one in readiness.problems]
    headers = {"Retry-After": str(RETRY_SECONDS)}
    return problem_response(
        HTTPStatus.SERVICE_UNAVAILABLE, words, headers=headers, problems=problems, **document
    )


@router.get("/status", operation_id="get_status")
@needs(Permission.READ)
def get_status(home: Home, request: Request) -> ServiceStatus:
    """Return who works, what waits and for how long, the pace, and what is wrong.

    `presslens status` prints the same. For a probe, ask `readyz`: this answers 200 whatever is
    wrong, as long as the database can be asked.
    """
    own_worker = request.app.state.own_worker
    return find_status(home, now=clock.now(), own_worker=own_worker)


@router.get("/work", operation_id="get_work")
@needs(Permission.READ)
def get_work(home: Home) -> WorkCounts:
    """Return how much work waits, and how much is given up, by kind."""
    work = workload(home)
    return WorkCounts(by_name(work.waiting), by_name(work.given_up))


@router.get("/metrics", operation_id="get_metrics", response_class=PlainTextResponse)
@needs(Permission.READ)
def get_metrics(home: Home, request: Request) -> Response:
    """Return the work, the disk, the workers and the requests in the text format of Prometheus.

    Where the database can't be asked, `presslens_up` is 0 and what it knows is left out.
    """
    registry = CollectorRegistry()
    registry.register(ServiceCollector(home))
    with suppress(NoDatabase):
        registry.register(WorkerCollector(live_workers(home)))
    ProcessCollector(namespace="presslens_server", registry=registry)
    texts = generate_latest(registry), generate_latest(request.app.state.request_metrics.registry)
    return Response(b"".join(texts), media_type=CONTENT_TYPE_PLAIN_0_0_4)
