"""A worker whose Ray cluster loses a node, and then its head."""

import threading
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from presslens.app.installation import open_installation
from presslens.app.platform import clock
from presslens.app.services.analysis.workload import workload
from presslens.app.services.ingest.inbox import import_inbox
from presslens.lab.soak.night import Night, at_work, prepare, result, spend
from presslens.lab.soak.ray_nodes import RayNodes
from presslens.models.registry import Manifest, Registry
from presslens.pipelines.page_observer import ObserverSettings
from presslens.pipelines.ray_engine import RayEngine
from presslens.pipelines.task import Engine, EngineLost

EDITIONS = 8
FREEZE, KILL, BEHEAD = 4, 6, 10
"""After so many results a node hangs, is killed, and the head is killed."""


@dataclass
class Watched:
    """An engine, the pages that it was given, and those that it gave results of."""

    inner: Engine
    nodes: RayNodes
    given: list[str] = field(default_factory=list)
    had: list[str] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)

    def run(self, tasks):
        names = {}
        try:
            for found in self.inner.run(self._noted(tasks, names)):
                self.had.append(names[found.key])
                yield found
                self._disturb(len(self.had))
        except EngineLost:
            self.lost |= set(self.given) - set(self.had)
            raise

    def _noted(self, tasks, names):
        for task in tasks:
            names[task.key] = f"{task.sha256} {task.as_photo}"
            self.given.append(names[task.key])
            yield task

    def _disturb(self, results):
        if results == FREEZE:
            self.nodes.nodes[1].freeze()
        elif results == KILL:
            self.nodes.lose(self.nodes.nodes[1])
        elif results == BEHEAD:
            self.nodes.close()
            self.nodes.start_head()


@pytest.fixture
def nodes(monkeypatch):
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", "of-this-test-" + "0" * 32)
    with RayNodes.in_short_folder(head_cpus=1) as nodes:
        nodes.start_node().await_start()
        yield nodes


def test_what_a_lost_node_and_a_lost_head_had_is_done_again_and_nothing_else(nodes, tmp_path):
    first = tmp_path / "first"
    first.mkdir()
    with capture_logs():
        prepare(Night(first), editions=EDITIONS)
        calm, night = Night(first).copy(tmp_path / "calm"), Night(first).copy(tmp_path / "night")
        spend(calm)
    with open_installation(night.settings) as home:
        import_inbox(home, night.inbox, now=clock.now())
        registry = Registry(Manifest.load())
        settings = ObserverSettings(home.recipe, registry, home.settings.limits, threads=1)
        with closing(RayEngine(settings, nodes.address)) as engine, capture_logs() as logs:
            watched = Watched(engine, nodes)
            with at_work(home, watched) as worker:
                stop = worker.tools.stop

                def watch():
                    while any(workload(home).waiting.values()) and not stop.wait(0.2):
                        pass
                    stop.set()

                watcher = threading.Thread(target=watch)
                watcher.start()
                worker.run()
                watcher.join()
    causes = [log["cause"] for log in logs if "the worker waits" in log["event"]]
    assert causes == ["the Ray cluster was lost"]
    assert set(Counter(watched.had).values()) == {1}
    twice = {page for page, times in Counter(watched.given).items() if times > 1}
    assert twice == watched.lost
    assert 0 < len(watched.lost) < 6
    assert result(night) == result(calm)
