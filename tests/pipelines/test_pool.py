from dataclasses import dataclass, field
from pathlib import Path

from presslens.pipelines.pool import _Queue
from presslens.pipelines.task import PageTask


@dataclass(eq=False)
class RecordingProcess:
    """A process that notes the pages that it is given, and the ones announced with them."""

    pages: list[tuple[str, str | None]] = field(default_factory=list)

    def start(self, task, following):
        self.pages.append((task.key, following.key if following else None))


def queue(pages, processes):
    tasks = (PageTask(str(i), Path("scan"), "0" * 64, i, "scan") for i in range(1, pages + 1))
    running = [RecordingProcess() for _ in range(processes)]
    return _Queue(tasks, running), running


def test_pages_are_shared_out_before_any_is_announced():
    _, (one, two) = queue(2, 2)
    assert (one.pages, two.pages) == ([("1", None)], [("2", None)])
    _, (one, two) = queue(3, 2)
    assert (one.pages, two.pages) == ([("1", "3")], [("2", None)])


def test_a_process_has_the_page_that_was_announced_to_it():
    pages, (one, two) = queue(6, 2)
    for process in (two, one, two, one):
        pages.next_for(process)
    assert one.pages == [("1", "3"), ("3", "6"), ("6", None)]
    assert two.pages == [("2", "4"), ("4", "5"), ("5", None)]


def test_an_idle_process_takes_over_what_was_announced_to_a_busy_one():
    pages, (one, two) = queue(3, 2)
    pages.next_for(two)
    assert two.pages == [("2", None), ("3", None)]
    pages.next_for(one)
    assert one.pages == [("1", "3")]


def test_no_process_is_started_for_a_page_that_there_is_not():
    _, (one, two) = queue(1, 2)
    assert (one.pages, two.pages) == ([("1", None)], [])
