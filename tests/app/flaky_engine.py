"""An engine that drops pages, and the failure that they have then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from presslens.pipelines.engine import InlineEngine
from presslens.pipelines.failure import Failure, FailureCategory
from presslens.pipelines.stages import Stage
from presslens.pipelines.task import PageResult

DROPPED = Failure(FailureCategory.CRASHED, Stage.LOOK, retryable=True, message="it was dropped")


@dataclass
class FlakyEngine:
    """An engine that fails on pages, by the names of their sources, as often as it is told."""

    inner: InlineEngine
    failures: dict[str, int] = field(default_factory=dict)
    runs: list[str] = field(default_factory=list)

    def run(self, tasks: Iterable) -> Iterator[PageResult]:
        for task in tasks:
            self.runs.append(task.name)
            if self.failures.get(task.name, 0) > 0:
                self.failures[task.name] -= 1
                yield PageResult(task.key, failure=DROPPED)
            else:
                yield from self.inner.run([task])
