from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PIL import Image as Pillow

from presslens.models.errors import ModelUnavailable
from presslens.models.observer import Observer
from presslens.models.scripted import scripted_instruments
from presslens.models.vocabulary import Image
from presslens.pipelines.engine import InlineEngine
from presslens.pipelines.failure import FailureCategory
from presslens.pipelines.page_observer import PageObserver
from presslens.pipelines.scans.answer import Form
from presslens.pipelines.scans.reader import Reader
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.scans.scan import Limits, ScanRejected
from presslens.pipelines.stages import Stage
from presslens.pipelines.task import PageTask


@pytest.fixture
def sandbox():
    with Sandbox(Limits(seconds=1)) as opened:
        yield opened


@pytest.fixture
def observer(sandbox, scripted_recipe):
    model = Observer(scripted_instruments(), scripted_recipe)
    return PageObserver(sandbox, lambda: model, pdf_dpi=72)


@pytest.fixture
def tasks(tmp_path, draw_page):
    tasks = []
    for i in range(3):
        path = tmp_path / f"{i}.png"
        Pillow.fromarray(draw_page((20, 30, 180 + i, 150))).save(path)
        tasks.append(PageTask(str(i), path, str(i) * 64, 0, path.name))
    return tasks


def right_edge(observer, task, following=None):
    (photo,) = observer.observe(task, following).observation.photos
    return photo.frame.box.x1


def test_pages_are_right_whether_or_not_they_were_decoded_ahead(observer, tasks):
    first, second, third = tasks
    assert right_edge(observer, first, second) == 180
    assert right_edge(observer, second, third) == 181
    assert right_edge(observer, first, third) == 180  # another page than was said
    assert right_edge(observer, third) == 182
    observer.prepare(second)
    assert right_edge(observer, second) == 181


def test_the_time_of_each_stage_is_told_and_that_of_loading_once(observer, tasks, tmp_path):
    first = observer.observe(replace(tasks[0], view=tmp_path / "view.jpg"))
    assert list(first.seconds) == [stage for stage in Stage if stage is not Stage.FETCH]
    assert all(seconds >= 0 for seconds in first.seconds.values())
    photo = observer.observe(replace(tasks[1], as_photo=True))
    assert list(photo.seconds) == [Stage.DECODE, Stage.LOOK]
    (result,) = InlineEngine(observer).run(tasks[2:])
    assert set(result.stages) == {Stage.DECODE, Stage.FIND, Stage.LOOK, Stage.READ}
    assert sum(result.stages.values()) <= result.seconds


@dataclass
class RecordingSandbox:
    """A sandbox that notes what it is asked for, and has the same pixels for each page."""

    pixels: Image
    events: list[str]

    def start_decoding(self, path, frame, name, *, pdf_dpi):
        self.events.append(f"start {name}")
        return RecordingDecoding(self, name)


@dataclass
class RecordingDecoding:
    sandbox: RecordingSandbox
    name: str
    is_done: bool = False

    def result(self):
        self.is_done = True
        self.sandbox.events.append(f"end {self.name}")
        return self.sandbox.pixels

    def cancel(self):
        if not self.is_done:
            self.sandbox.events.append(f"cancel {self.name}")


def test_pages_are_decoded_while_models_load_and_others_are_observed(
    scripted_recipe, tasks, draw_page
):
    events = []

    def load():
        events.append("load")
        return Observer(scripted_instruments(), scripted_recipe)

    sandbox = RecordingSandbox(draw_page(), events)
    observer = PageObserver(sandbox, load, pdf_dpi=72)
    observer.prepare(tasks[0])
    assert events == ["start 0.png", "load"]
    observer.observe(tasks[0], tasks[1])
    assert events[2:] == ["end 0.png", "start 1.png"]
    observer.observe(tasks[1], tasks[2])
    assert events[4:] == ["end 1.png", "start 2.png"]
    observer.observe(tasks[0])
    assert events[6:] == ["cancel 2.png", "start 0.png", "end 0.png"]


def test_an_unreadable_page_is_rejected_when_it_has_its_turn(observer, tasks):
    tasks[1].path.write_text("no picture")
    assert right_edge(observer, tasks[0], tasks[1]) == 180
    with pytest.raises(ScanRejected):
        observer.observe(tasks[1], tasks[2])
    assert right_edge(observer, tasks[2]) == 182


def test_models_that_are_missing_leave_nothing_behind(sandbox, tasks):
    def load():
        raise ModelUnavailable("net.onnx is not there")

    observer = PageObserver(sandbox, load, pdf_dpi=72)
    for _ in range(2):
        with pytest.raises(ModelUnavailable):
            observer.observe(tasks[0])
    assert sandbox.run("page", Form(int), os.getpid) != os.getpid()  # the reader is free again


SUMS = """
import sys
import numpy as np
from pathlib import Path
from threadpoolctl import threadpool_info
from presslens.models.recipe import Recipe
from presslens.models.registry import Manifest, Registry
from presslens.pipelines.page_observer import ObserverSettings
from presslens.pipelines.scans.scan import Limits
registry = Registry(Manifest.load(), packages=Path(sys.argv[2]))
ObserverSettings(Recipe.load(Path(sys.argv[1])), registry, Limits(), threads=1).load()
rng = np.random.default_rng(0)
rows, axes = rng.random((40, 1024), np.float32), rng.random((1024, 512), np.float32)
print([one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"])
print((rows @ axes).tobytes().hex())
"""


def test_sums_are_the_same_however_many_processors_there_are(tmp_path):
    recipe = Path(__file__).parents[1] / "scripted.toml"
    sums = []
    for threads in "14":
        done = subprocess.run(
            [sys.executable, "-P", "-c", SUMS, str(recipe), str(tmp_path)],
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        sums.append(done.stdout)
    assert sums[0] == sums[1]


def test_a_page_whose_readers_are_lost_has_failed_and_is_not_rejected(observer, tasks, monkeypatch):
    def kill_and_start(reader, *call, **files):
        assert reader.protections
        os.kill(reader._child.pid, signal.SIGKILL)
        start(reader, *call, **files)

    start = Reader.start
    with monkeypatch.context() as patch:
        patch.setattr(Reader, "start", kill_and_start)
        (result,) = InlineEngine(observer).run(tasks[:1])
    assert result.failure.category is FailureCategory.READER_LOST
    assert result.failure.message.startswith("the reader was lost 3 times: it ")
    (result,) = InlineEngine(observer).run(tasks[:1])
    assert result.observation is not None
