"""The recorded times of a worker, that a plan is simulated from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

Seconds = Annotated[float, Field(ge=0, le=86_400)]
Bytes = Annotated[float, Field(ge=0, le=1e12)]
WholeBytes = Annotated[int, Field(ge=0, le=10**12)]


@dataclass(frozen=True, slots=True)
class PageTimes:
    """What a page cost where nothing else kept its process waiting; seconds of processor time."""

    photos: Annotated[int, Field(ge=0)]  # how many it has
    # What a faster processor or a GPU makes shorter: finding photos, looking at them.
    networks: Seconds
    rest: Seconds  # its view, its traits and captions, in the process that looks at it
    decoding: Seconds  # in the process that decodes it, while the page before is looked at

    @property
    def processor(self) -> float:
        """All of it."""
        return self.networks + self.rest + self.decoding


@dataclass(frozen=True, slots=True)
class WorkerTimes:
    """What was measured on one machine."""

    # The pages, each with its time; a simulated page is one of them.
    pages: Annotated[tuple[PageTimes, ...], Field(min_length=1)]
    lease: Seconds  # seconds for which the worker does nothing but lease a page
    record: Seconds  # the same for storing the result of a page
    # The part of both that waits for the disk, and for which SQLite lets nobody write.
    commit: Seconds
    # Seconds of a page while its photos are interpreted and its edition summarised; the processes
    # that look at pages have nothing to do meanwhile.
    interpret: Seconds
    # Seconds that the list of waiting pages takes once a round, per page on it.
    list_page: Annotated[float, Field(ge=0, le=1)]
    start: Seconds  # seconds of a worker until its models are loaded
    memory: WholeBytes  # bytes of each process that looks at pages, at most
    worker_memory: WholeBytes  # bytes of the worker itself
    scan_bytes: Bytes
    view_bytes: Bytes  # bytes of the picture of a page
    row_bytes: Bytes  # bytes of the rows of a page, indexes included
    read_bytes: Bytes  # bytes read for a page, as the processes ask for them
    write_bytes: Bytes  # bytes written for a page
    cores: Annotated[int, Field(ge=1)]  # processors of the machine
    scripted: bool = False  # whether scripted instruments have looked, which have no networks

    def mean(self, name: str) -> float:
        """Return the mean of an attribute of its pages."""
        return sum(float(getattr(page, name)) for page in self.pages) / len(self.pages)

    def to_json(self) -> dict[str, Any]:
        """Return the recording as it is printed and stored."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> WorkerTimes:
        """Return a recording that ``to_json`` gave.

        Raises:
            ValueError: It lacks a time or a page, a number is none or out of range, or pages take
                no time.
        """
        recording = _RECORDING.validate_python(document)
        if recording.mean("networks") + recording.mean("rest") == 0:
            raise ValueError("its pages take no time")
        return recording


_RECORDING = TypeAdapter(WorkerTimes)
