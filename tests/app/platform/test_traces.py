"""Traces go to a collector if one is named; the collector here is a real one for OTLP over HTTP."""

import gzip
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from fastapi.testclient import TestClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from presslens.app.main import create_app
from presslens.app.platform.errors import NotInstalled
from presslens.app.platform.traces import NoTraces, open_traces


class Collector(HTTPServer):
    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.received = []

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.server_port}/v1/traces"

    @property
    def spans(self):
        return {
            span.name: span
            for request in self.received
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        }


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.received.append(ExportTraceServiceRequest.FromString(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def collector():
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_nothing_is_traced_unless_a_collector_is_named(settings):
    with open_traces(settings, "presslens-worker") as traces:
        assert isinstance(traces, NoTraces)


def test_a_page_and_its_stages_are_spans(settings, collector):
    settings = settings.model_copy(update={"traces_endpoint": collector.endpoint})
    with open_traces(settings, "presslens-worker") as traces:
        traces.record("page", 2.0, {"find": 0.5, "look": 1.0}, edition=7, outcome="done")
    page, find, look = (collector.spans[name] for name in ("page", "find", "look"))
    assert {find.parent_span_id, look.parent_span_id} == {page.span_id}
    lengths = [
        (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9 for span in (page, find, look)
    ]
    assert lengths == pytest.approx([2.0, 0.5, 1.0])
    assert find.start_time_unix_nano == page.start_time_unix_nano
    assert look.start_time_unix_nano == find.end_time_unix_nano
    values = {one.key: one.value for one in page.attributes}
    assert values["edition"].int_value == 7
    assert values["outcome"].string_value == "done"


def test_requests_are_spans_by_route(home, settings, collector):
    app = create_app(settings.model_copy(update={"traces_endpoint": collector.endpoint}))
    with TestClient(app, base_url="http://localhost") as client:
        client.get("/api/v1/photos/1")
    span = collector.spans["GET /api/v1/photos/{photo_id:id}"]
    assert {one.key: one.value.int_value for one in span.attributes} == {"status": 404}


def test_an_extra_that_is_not_installed_is_named(settings, monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    settings = settings.model_copy(update={"traces_endpoint": "http://127.0.0.1:1/v1/traces"})
    with pytest.raises(NotInstalled, match="presslens\\[traces\\]"), open_traces(settings, "x"):
        pass
