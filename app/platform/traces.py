"""Traces of requests and pages for OpenTelemetry, sent to the collector that the settings name.

Without one nothing is measured and nothing leaves the machine.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Protocol

from presslens.app.platform.errors import NotInstalled
from presslens.app.platform.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

SECONDS = 5
"""How long the collector may take to accept spans."""


class Traces(Protocol):
    """Takes what was done as spans."""

    def record(
        self,
        name: str,
        seconds: float,
        parts: Mapping[str, float] | None = None,
        **attributes: str | int | float,
    ) -> None:
        """Record a span that ends now.

        Args:
            seconds: How long it took.
            parts: The seconds of its parts, one after the other from its start on.
            attributes: What else is said of it.
        """
        ...


class NoTraces:
    """Records nothing."""

    def record(
        self,
        name: str,
        seconds: float,
        parts: Mapping[str, float] | None = None,
        **attributes: str | int | float,
    ) -> None:
        """See ``Traces.record``."""


@dataclass(frozen=True, slots=True)
class OpenTelemetryTraces:
    """Records spans with a tracer of OpenTelemetry."""

    tracer: Tracer

    def record(
        self,
        name: str,
        seconds: float,
        parts: Mapping[str, float] | None = None,
        **attributes: str | int | float,
    ) -> None:
        """See ``Traces.record``."""
        from opentelemetry.trace import set_span_in_context

        end = time.time_ns()
        start = end - _nanoseconds(seconds)
        span = self.tracer.start_span(name, start_time=start, attributes=attributes)
        context = set_span_in_context(span)
        for part, spent in (parts or {}).items():
            child = self.tracer.start_span(part, context, start_time=start)
            start = min(end, start + _nanoseconds(spent))
            child.end(start)
        span.end(end)


@contextmanager
def open_traces(settings: Settings, service: str) -> Iterator[Traces]:
    """Open what takes traces; what is recorded is sent before it is closed.

    Args:
        settings: The settings, with the address of a collector or none.
        service: The name of the part of the program.

    Raises:
        NotInstalled: A collector is named, but OpenTelemetry is not installed.
    """
    if not settings.traces_endpoint:
        yield NoTraces()
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise NotInstalled(
            "PRESSLENS_TRACES_ENDPOINT is set, which needs OpenTelemetry:"
            " pip install 'presslens[traces]', or leave it empty"
        ) from error
    resource = Resource({"service.name": service, "service.version": version("presslens")})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=settings.traces_endpoint, timeout=SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    try:
        yield OpenTelemetryTraces(provider.get_tracer("presslens"))
    finally:
        provider.shutdown()


def _nanoseconds(seconds: float) -> int:
    return round(seconds * 1e9)
