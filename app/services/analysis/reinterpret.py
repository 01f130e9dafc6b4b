"""Interprets all observed pages under another recipe, beside what stands under today's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Select, func, select

from presslens.app.db.columns import JobKind
from presslens.app.db.tables import OutcomeRow
from presslens.app.installation import Installation, register_recipe
from presslens.app.platform import clock
from presslens.app.platform.errors import Conflict, InvalidRequest
from presslens.app.services.analysis.encode import unencoded_scans
from presslens.app.services.analysis.interpret import Interprets, stale_pages
from presslens.app.services.analysis.job import Tools
from presslens.app.services.analysis.jobs import JOBS, run_job
from presslens.app.services.analysis.lease import is_leased, release
from presslens.app.services.analysis.workload import workload
from presslens.models.faces.gallery import Gallery
from presslens.models.labels.classifier import LabelSet
from presslens.models.vocabulary import PageObservation, PhotoInterpretation
from presslens.pipelines.progress import OnCount
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.task import Engine, PageResult, PageTask


@dataclass(frozen=True, slots=True)
class Rescored:
    """The result of a re-interpretation."""

    recipe: str  # id of the recipe
    pages: int  # pages that were interpreted now
    waiting: int  # pages that are not observed yet; the worker observes them


def rescore(home: Installation, interpreter: Interprets, *, progress: OnCount) -> Rescored:
    """Interpret all observed pages under an installation's recipe; other recipes' rows stay.

    It can be interrupted at any time and goes on where it was. Pages that a worker holds are left
    to it.

    Args:
        home: The installation, opened under the other recipe.
        interpreter: Decides what photos show under that recipe.
        progress: Is called after some pages each.

    Raises:
        InvalidRequest: The recipe observes pages otherwise, so that there is nothing to interpret.
        Conflict: Reference photos or labels wait for the worker, under today's recipe too.
    """
    _check_observed(home)
    register_recipe(home)
    tools = Tools(home, NoEngine(), interpreter, Sandbox(home.settings.limits))
    total = left = _stale(home)
    progress(0, total)
    try:
        while left and _goes_on(tools, JobKind.INTERPRET):
            left = _stale(home)
            total = max(total, left)
            progress(total - left, total)
    finally:
        release(home, tools.owner)
    return Rescored(home.recipe.id, total - left, workload(home).waiting[JobKind.OBSERVE])


def encode_archive(home: Installation, engine: Engine, *, progress: OnCount) -> int:
    """Have all photos encoded that the recipe's encoder has not seen; return how many pages wait.

    It can be interrupted at any time and goes on where it was. Pages that fail are tried again by
    the next call.

    Args:
        home: The installation, opened under the recipe with the encoder.
        engine: Observes pages under that recipe.
        progress: Is called after some pages each.
    """
    tools = Tools(home, engine, NoInterpreter(), Sandbox(home.settings.limits))
    total = left = _count(home, unencoded_scans(home.recipe))
    progress(0, total)
    try:
        while left and _goes_on(tools, JobKind.ENCODE):
            left = _count(home, unencoded_scans(home.recipe))
            total = max(total, left)
            progress(total - left, total)
    finally:
        release(home, tools.owner)
    return left


class NoInterpreter:
    """Interprets nothing: encoding decides nothing."""

    def interpret(
        self,
        page: PageObservation,  # noqa: ARG002
        gallery: Gallery,  # noqa: ARG002
        labels: LabelSet,  # noqa: ARG002
    ) -> list[PhotoInterpretation]:
        """See ``Interprets.interpret``."""
        return []


class NoEngine:
    """Observes nothing: interpreting needs no pixels."""

    def run(self, tasks: Iterable[PageTask]) -> Iterator[PageResult]:  # noqa: ARG002
        """See ``Engine.run``."""
        return iter(())


def _goes_on(tools: Tools, kind: JobKind) -> bool:
    """Do some of the work, or wait for the workers that hold what is left; tell if either was."""
    if run_job(kind, tools):
        return True
    with tools.home.database.read() as session:
        work = JOBS[kind].waiting(session, tools.home.recipe)
        busy = work is not None and is_leased(session, work, now=clock.now())
    if work is None:
        raise Conflict(
            "reference photos of figures or examples of labels wait to be analysed: "
            "run `presslens worker` with this recipe first"
        )
    if busy:
        tools.stop.wait(tools.home.settings.poll_seconds)
    return busy


def _stale(home: Installation) -> int:
    with home.database.read() as session:
        stale = stale_pages(session, home.recipe)
    return _count(home, stale)


def _count(home: Installation, keys: Select[int]) -> int:
    with home.database.read() as session:
        return session.scalar(select(func.count()).select_from(keys.subquery())) or 0


def _check_observed(home: Installation) -> None:
    observation_id = home.recipe.observation_id
    with home.database.read() as session:
        observed = session.scalar(
            select(OutcomeRow.id).filter_by(observation_id=observation_id).limit(1)
        )
    if observed is None:
        raise InvalidRequest(
            "no page was observed as this recipe asks, so pages have to be observed again: "
            "run `presslens worker` with PRESSLENS_RECIPE set to its file"
        )
