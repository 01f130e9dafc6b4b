"""The logs are one JSON object a line, whoever writes them, and hold no secret."""

import json
import logging

import pytest
import structlog

from presslens.app.platform.logs import configure_logs, hide_secrets


def test_the_secret_of_a_share_link_is_not_logged():
    secret = "x" * 43
    assert hide_secrets(f"/s/ps_0123456789ab_{secret}/a") == "/s/ps_0123456789ab_…/a"
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
