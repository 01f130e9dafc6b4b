"""Whether the API obeys its own description: Schemathesis asks each operation, in process.

Schema-valid and schema-violating requests are made of ``/openapi.json``, one by one and in
sequences that use what was created before, and every answer is checked against it.

Two of Schemathesis' checks are replaced, as they take a refusal for a fault that is none:

- ``positive_data_acceptance`` wants every schema-valid request to succeed. JSON Schema can't say
  that a label is not read, that a cursor is of another list, or that ``from`` lies after ``to``:
  such requests are refused in a sentence. ``schema_tells_types`` holds what remains of it, that no
  *type or bound* is refused that the description allows.
- ``ensure_resource_availability`` takes any 404 for the loss of what was just created, also where
  the body names another resource that is not there. ``created_is_readable`` asks without a body.

No worker runs here: ``get_readiness`` answers 503, as it should, and ``watch_edition`` is left out,
for it answers until a worker has seen the edition.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from schemathesis import Case
from schemathesis.checks import CheckContext
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.engine import Status, from_schema
from schemathesis.engine.events import NonFatalError, ScenarioFinished
from schemathesis.generation import GenerationMode
from schemathesis.python.asgi import HOST
from schemathesis.specs.openapi.checks import ensure_resource_availability

from presslens.app.drill.proof import Proof
from presslens.app.installation import init_installation, open_installation
from presslens.app.main import create_app
from presslens.app.platform.settings import Settings
from presslens.lab.bench import specimens
from presslens.lab.bench.pages import add_pictures

SHARE = 3.0
EXAMPLES = 100
"""Examples of each operation, beside those that stand at bounds."""

PHASES = ("examples", "coverage", "fuzzing", "stateful")
"""Requests that the description shows, at bounds, by chance, and in sequences."""

CHANGING = ["POST", "PUT", "PATCH", "DELETE"]

REPLACED = ("positive_data_acceptance", "ensure_resource_availability")
REFUSALS = ["400", "401", "403", "404", "405", "406", "409", "410", "413", "415", "422", "428",
    "429", "5XX"]  # fmt: skip
"""What a request that violates the schema is answered: beside what is usual, that a photo is on its
page no more, of which the body isn't read."""

LEFT_OUT = "watch_edition"
UNREADY = "get_readiness"

TYPE_OR_BOUND = re.compile("[A-Z]")
"""Begins what Pydantic says of a type or a bound; what a rule of ours says begins small."""


@dataclass(slots=True)
class Conformance:
    """What came of asking.

    Attributes:
        operations: Operations that were asked.
        cases: Requests that were made.
        failures: What was wrong, each with the request.
    """

    operations: set[str] = field(default_factory=set)
    cases: int = 0
    failures: list[str] = field(default_factory=list)

    def by_check(self) -> dict[str, int]:
        """Return the number of failures of each check."""
        return dict(Counter(one.partition(":")[0] for one in self.failures))


@schemathesis.check
def schema_tells_types(_ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Fail where a schema-valid request is refused for a type or bound."""
    valid = case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE
    if not valid or response.status_code != HTTPStatus.UNPROCESSABLE_ENTITY:
        return
    refused = [e for e in response.json()["errors"] if not _is_rule(e)]
    if refused:
        raise Failure(
            operation=case.operation.label, title="A valid field is refused", message=str(refused)
        )


def _is_rule(error: dict[str, object]) -> bool:
    of_content = "column" in error or error["field"] == "files"
    return of_content or not TYPE_OR_BOUND.match(str(error["message"]))


@schemathesis.check
def created_is_readable(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Fail where what was created a request ago is not found, and the body names nothing else."""
    if case.method in ("GET", "DELETE"):
        ensure_resource_availability(ctx, response, case)


def check(seconds: float) -> Iterator[Proof]:
    """Ask all operations of an archive of specimens for so long."""
    with tempfile.TemporaryDirectory(prefix="presslens-contract-") as folder:
        app = filled_application(Path(folder))
        with TestClient(app):
            result = conformance(app, examples=EXAMPLES, seconds=round(seconds))
    sys.stderr.writelines(f"{failure}\n" for failure in result.failures)
    yield Proof(
        "S9",
        f"requests of {len(result.operations)} operations, up to {EXAMPLES} examples of each",
        f"{len(result.failures)} of {result.cases:,} answered otherwise {result.by_check() or ''}",
        "0",
        not result.failures,
    )


def filled_application(folder: Path, settings: Settings | None = None) -> FastAPI:
    """Return an application over an archive of specimens, which answers Schemathesis' client.

    Args:
        folder: Where the archive is made.
        settings: Settings beside the folder and the allowed host.
    """
    base = settings or Settings()
    database = f"sqlite:///{folder.absolute()}/presslens.db"
    own = {"data_dir": folder, "database_url": database, "allowed_hosts": HOST, "min_free_bytes": 0}
    made = base.model_copy(update=own)
    init_installation(made)
    with open_installation(made) as home:
        specimens.fill(home, 4, photos=4, publications=("Minju Joson", "Rodong Sinmun"))
        add_pictures(home, 4)
    return create_app(made)


def conformance(
    app: FastAPI,
    *,
    examples: int,
    seconds: int | None = None,
    phases: Collection[str] = PHASES,
    headers: Mapping[str, str] | None = None,
    reads_only: bool = False,
) -> Conformance:
    """Ask an application that is running, and change what it holds.

    Args:
        app: The application, whose installation is filled.
        examples: Requests of each operation, beside those that stand at bounds.
        seconds: When to stop; None: when all is asked.
        phases: Which of ``PHASES``.
        headers: What each request sends: a key, for instance.
        reads_only: Of the operations that change nothing.
    """
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "continue-on-failure": True,
            "generation": {
                "max-examples": examples,
                "deterministic": True,
                "no-shrink": True,
                "database": "none",
            },
            "checks": {
                **{name: {"enabled": False} for name in REPLACED},
                "negative_data_rejection": {"expected-statuses": REFUSALS},
            },
            "phases": {name: {"enabled": name in phases} for name in PHASES},
            "operations": [
                {
                    "include-operation-id": UNREADY,
                    "checks": {"not_a_server_error": {"enabled": False}},
                }
            ],
            "headers": dict(headers or {}),
            "request-timeout": 60,
            "warnings": False,
        }
    )
    config.max_time = seconds
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, config=config)
    # Where an operation has settings of its own, ``include`` selects nothing; ``exclude`` does.
    asked = schema.exclude(operation_id=LEFT_OUT)
    asked = asked.exclude(method=CHANGING) if reads_only else asked
    result = Conformance()
    for event in from_schema(asked).execute():
        if isinstance(event, NonFatalError):
            result.failures.append(f"error: {event.label} {event.value!r}")
        if isinstance(event, ScenarioFinished):
            _note(result, event)
    return result


def _note(result: Conformance, event: ScenarioFinished) -> None:
    result.operations |= {node.value.operation.label for node in event.recorder.cases.values()}
    result.cases += len(event.recorder.interactions)
    for case_id, checks in event.recorder.checks.items():
        for check in checks:
            if check.status is Status.FAILURE and check.failure_info is not None:
                failure = check.failure_info.failure
                case = event.recorder.cases[case_id].value
                result.failures.append(f"{check.name}: {case.as_curl_command()}: {failure.message}")
