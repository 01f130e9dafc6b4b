"""The logs are one JSON object a line, whoever writes them, and hold no secret."""

import io
import json
import logging

import pytest
import structlog

from presslens.app.platform.logs import configure_logs, hide_secrets


def test_the_secret_of_a_share_link_is_not_logged():
    secret = "x" * 43
    assert hide_secrets(f"/s/ps_0123456789ab_{secret}/a") == "/s/ps_0123456789ab_…/a"
    assert hide_secrets(f"/i/pi_0123456789ab_{secret}") == "/i/pi_0123456789ab_…"
    assert hide_secrets("/editions/1") == "/editions/1"


@pytest.fixture
def logs_of_this_process():
    root, uvicorn = logging.getLogger(), logging.getLogger("uvicorn")
    before = root.handlers, root.level, structlog.get_config()
    library = uvicorn.handlers, uvicorn.level, uvicorn.propagate
    error = logging.getLogger("uvicorn.error")
    level = error.level
    uvicorn.propagate = False  # as where a test has let it set itself up
    error.setLevel(logging.CRITICAL)
    yield
    error.setLevel(level)
    root.handlers, root.level = before[:2]
    structlog.configure(**before[2])
    uvicorn.handlers, uvicorn.level, uvicorn.propagate = library


def test_our_lines_and_those_of_libraries_are_written_alike(capsys, logs_of_this_process):
    configure_logs()
    with structlog.contextvars.bound_contextvars(run="machine/1/a"):
        structlog.get_logger().info("observed", edition=3, source="쪽_1.png")
        logging.getLogger("uvicorn.error").info("started %d", 4)
        try:
            int("why")
        except ValueError:
            logging.getLogger("some.library").exception("it failed")
    logging.getLogger("some.library").info("chatter")
    ours, theirs, failed = map(json.loads, capsys.readouterr().err.splitlines())
    assert ours | {"timestamp": ""} == {
        "event": "observed", "edition": 3, "source": "쪽_1.png", "run": "machine/1/a",
        "level": "info", "timestamp": "",
    }  # fmt: skip
    assert theirs | {"timestamp": ""} == {
        "event": "started 4", "run": "machine/1/a", "level": "info", "timestamp": "",
    }  # fmt: skip
    assert failed["level"] == "error"
    assert "ValueError: invalid literal" in failed["exception"]


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("colourless", ["", "1"])
def test_a_terminal_has_one_short_line_an_event(monkeypatch, logs_of_this_process, colourless):
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("NO_COLOR", colourless)
    monkeypatch.setenv("COLUMNS", "60")
    configure_logs()
    log = structlog.get_logger()
    answered = {"method": "GET", "status": 200, "milliseconds": 12.3, "route": "/", "client": "::1"}
    log.info("request", path="/editions/3", **answered)
    log.info("request", path="/static/css/base.css", **answered)
    log.info("worker started", owner="machine/1/a", recipe="0" * 64)
    log.info("observed", edition=3, source="page_" * 30)
    log.error("the worker has ended", code=-9)
    logging.getLogger("uvicorn.error").info("Application startup complete.")
    try:
        int("why")
    except ValueError:
        log.exception("it failed")
    lines = screen.getvalue().splitlines()
    assert [one for one in lines if "\x1b" in one] == ([] if colourless else lines[:5])
    if colourless:
        texts = [one.split("  ", 1)[1] for one in lines[:5]]
        assert texts[0] == "GET  200     12 ms  /editions/3"
        assert texts[1:4:2] == ["worker started", "the worker has ended          code -9"]
        assert all(len(one) <= 60 for one in lines[:4])
        assert lines[2].endswith("…")
        assert lines[5] == "Traceback (most recent call last):"
