"""Requests are logged, counted and timed, under ids."""

import re

from structlog.testing import capture_logs


def logged(entries):
    return [entry for entry in entries if entry["event"] == "request"]


def test_an_answer_bears_the_id_of_its_log_line(client):
    with capture_logs() as entries:
        answer = client.get("/api/v1/recipes")
    (entry,) = logged(entries)
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["x-request-id"])
    assert (entry["method"], entry["path"], entry["status"]) == ("GET", "/api/v1/recipes", 200)
    assert entry["milliseconds"] > 0


def test_the_id_of_a_proxy_is_taken_over_if_it_is_one(client):
    for given, taken in [
        ("from-proxy_1.2", True),
        ("short", False),
        ("x" * 65, False),
        ("a b" * 5, False),
    ]:
        answer = client.get("/api/v1/healthz", headers={"x-request-id": given})
        assert (answer.headers["x-request-id"] == given) is taken


def test_probes_are_not_logged_and_secrets_of_links_neither(client):
    with capture_logs() as entries:
        for path in ("/healthz", "/api/v1/readyz", "/metrics"):
            client.get(path)
        client.get("/s/ps_0123456789ab_" + "x" * 43)
    assert [entry["path"] for entry in logged(entries)] == ["/s/ps_0123456789ab_…"]


def test_requests_are_counted_by_route_and_never_by_address(client):
    for path in ("/api/v1/photos/1", "/api/v1/photos/2", "/no/such", "/no/other"):
        client.get(path)
    for path in ("/api/v1/photos", "/nowhere", "/static/x"):
        client.request("PURGE", path)
    counts = dict(
        line.rsplit(" ", 1)
        for line in client.get("/metrics").text.splitlines()
        if line.startswith("presslens_requests_total")
    )
    photo = (
        'presslens_requests_total{method="GET",route="/api/v1/photos/{photo_id:id}",status="404"}'
    )
    lost = 'presslens_requests_total{method="GET",route="unmatched",status="404"}'
    assert counts[photo] == "2.0"
    assert counts[lost] == "2.0"
    assert sum('method="other"' in name for name in counts) > 0
    assert not any("PURGE" in name or "/no/" in name for name in counts)
