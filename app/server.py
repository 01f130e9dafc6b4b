"""Runs the web server, and a worker process beside it that is started again when it is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from http import HTTPStatus
from ipaddress import ip_address
from socket import socket

import h11
import structlog
import uvicorn
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send
from threadpoolctl import threadpool_limits
from uvicorn.protocols.http.h11_impl import H11Protocol

from presslens.app.api.middleware import HEADERS
from presslens.app.api.problem import RETRY_SECONDS, problem_response
from presslens.app.installation import init_installation, open_installation, prepare_to_work
from presslens.app.main import create_app
from presslens.app.platform.logs import configure_logs
from presslens.app.platform.memory import release_memory, share_arenas
from presslens.app.platform.settings import Settings, is_loopback
from presslens.app.services.accounts.accounts import check_doors
from presslens.models.message import Message
from presslens.pipelines.lifeline import program, running

REQUEST_SECONDS = 15.0
"""A request whose headers are not there so long after its connection is given up."""

TAKING_SECONDS = 60.0
"""A client that takes nothing of an answer for so long is given up."""

MOST_CONNECTIONS = 500
"""Open connections above which new ones are answered with 503."""


class TimedConnection(H11Protocol):
    """A connection that is closed when a request, or the reading of an answer, takes too long.

    What a body may take is ``BodyPace``'s; how long an idle connection is kept is uvicorn's.
    """

    _deadline: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the headers of the first request."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            self.app = _answer_crowded
        self._await_request()

    def data_received(self, data: bytes) -> None:
        """Take bytes, and stop waiting once the headers of a request are complete."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._deadline is None:
            self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the times of the connection."""
        self._stop_waiting()
        if self._stalled is not None:
            self._stalled.cancel()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Begin to wait for a client that doesn't take what is sent."""
        super().pause_writing()
        self._stalled = self.loop.call_later(TAKING_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on with a client that has taken what was sent."""
        if self._stalled is not None:
            self._stalled.cancel()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words
        """Answer what is no HTTP with a problem, as all errors are, unless an answer has begun."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            status = HTTPStatus.BAD_REQUEST
            answer = problem_response(status, headers={**HEADERS, "Connection": "close"})
            head = h11.Response(
                status_code=status, headers=answer.raw_headers, reason=status.phrase.encode()
            )
            for event in (head, h11.Data(data=bytes(answer.body)), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _await_request(self) -> None:
        self._deadline = self.loop.call_later(REQUEST_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None


async def _answer_crowded(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request of a connection that is one too many."""
    headers = {"Retry-After": str(RETRY_SECONDS), "Connection": "close"}
    words = Message("Too many connections are open; try again in a moment.")
    answer = problem_response(HTTPStatus.SERVICE_UNAVAILABLE, words, headers=headers)
    await answer(scope, receive, send)


FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds between a worker's end and the start of the next; doubled while they end early."""
STOP_SECONDS = 8
"""Seconds that requests have to finish when the server is told to stop; then they are cut off."""
PATIENCE = 30.0
"""Seconds that a worker has to finish its page when the server is told to stop."""
log = structlog.get_logger()


def serve(settings: Settings, with_worker: bool = True) -> None:
    """Serve until told to stop by SIGINT or SIGTERM; a new folder becomes an installation first.

    Args:
        settings: The settings, with the address.
        with_worker: Run a worker process beside the server.

    Raises:
        PresslensError: The installation can't be opened.
    """
    share_arenas()
    configure_logs()
    if init_installation(settings):
        sys.stderr.write(
            f"presslens: {settings.data_dir.absolute()} had no installation: a new one, empty, is"
            " made there; if you meant another folder, stop, and name it in PRESSLENS_DATA_DIR\n"
        )
    with open_installation(settings) as home:
        check_doors(home)
        prepare_to_work(home)
        # Uploads are spooled on the disk that has room for them, which /tmp may not.
        tempfile.tempdir = str(home.storage.incoming)
    if not (is_loopback(settings.host) or settings.tls_certificate or settings.proxies.strip()):
        sys.stderr.write(
            f"presslens: on {settings.host} without HTTPS no browser of another computer can sign"
            " in: set PRESSLENS_TLS_CERTIFICATE and PRESSLENS_TLS_KEY, or PRESSLENS_PROXIES for a"
            " proxy that does TLS\n"
        )
    # uvicorn raises the signal again when it has ended: it must not end us before the worker.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # Statistics are many small sums: threads of their own would cost more than they give. The
    # worker is another process, with as many as it likes.
    one_thread = threadpool_limits(limits=1, user_api="blas")
    closing = threading.Event()
    try:
        with one_thread, worker_process(settings, closing) if with_worker else nullcontext():
            _answer(settings, closing, own_worker=with_worker)
    except SystemExit as stop:
        _leave_threads(stop.code)
        raise


def _answer(settings: Settings, closing: threading.Event, *, own_worker: bool) -> None:
    """Answer requests until told to stop; then set ``closing``, and finish what is begun."""
    app = create_app(settings, own_worker=own_worker)
    app.openapi()  # is made in one to two seconds, in which all other requests would wait
    release_memory()
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        server_header=False,
        log_config=None,  # as all else is logged, see configure_logs
        access_log=False,
        proxy_headers=bool(settings.proxies.strip()),
        forwarded_allow_ips=settings.proxies,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
        http=TimedConnection,
        ws="none",
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    server = _Server(config, closing)
    with suppress(KeyboardInterrupt):  # raised again by uvicorn, once it has stopped
        server.run()
    sys.exit(0 if server.started else 1)


def _leave_threads(code: object) -> None:
    """End the process at once if a thread still computes an answer: it would be waited for."""
    main = threading.main_thread()
    others = [one for one in threading.enumerate() if one is not main and not one.daemon]
    for thread in others:
        thread.join(1 / len(others))
    left = [thread for thread in others if thread.is_alive()]
    if left and code == 0:
        log.warning("stopped, with requests cut off that took too long", requests=len(left))
        sys.stderr.flush()
        os._exit(0)


class _Server(uvicorn.Server):
    """A server that tells its worker, and its streams of events, that it stops."""

    def __init__(self, config: uvicorn.Config, closing: threading.Event) -> None:
        super().__init__(config)
        self._closing = closing

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Begin to listen, and say on a terminal where the pages are."""
        await super().startup(sockets)
        if sys.stderr.isatty():
            sys.stderr.write(f"\n  Presslens is at {self._address()} (Ctrl-C stops it)\n\n")

    def _address(self) -> str:
        """Return the address at which a browser of this machine opens the pages."""
        port = self.servers[0].sockets[0].getsockname()[1]
        host = self.config.host
        with suppress(ValueError):  # a name
            address = ip_address(host)
            host = "localhost" if address.is_unspecified else host
            host = f"[{host}]" if address.version == 6 and not address.is_unspecified else host
        return f"http{'s' if self.config.is_ssl else ''}://{host}:{port}/"

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Stop: take no more requests, and finish those that are begun."""
        self._closing.set()
        app = self.config.app
        if isinstance(app, FastAPI):
            app.state.stopping = True
        await super().shutdown(sockets)


@contextmanager
def worker_process(settings: Settings, closing: threading.Event) -> Iterator[None]:
    """Run a worker process, and restart it when it ends, until ``closing`` is set."""
    thread = threading.Thread(target=_supervise, args=(settings, closing), name="supervisor")
    thread.start()
    try:
        yield
    finally:
        closing.set()
        thread.join()


def _supervise(settings: Settings, closing: threading.Event) -> None:
    pause = 0.0
    while not closing.is_set():
        started = time.monotonic()
        with running(program("presslens.app.worker"), patience=PATIENCE) as worker:
            give_settings(worker, settings)
            while worker.poll() is None and not closing.wait(0.2):
                pass
        if closing.is_set():
            return
        log.error("the worker has ended; it is started again", code=worker.returncode)
        pause = next_pause(pause, lived=time.monotonic() - started)
        closing.wait(pause)


def next_pause(pause: float, *, lived: float) -> float:
    """Return the seconds to wait before a lost worker is replaced.

    Args:
        pause: The wait before the worker that was lost; 0 for the first worker.
        lived: Seconds that the worker lived; a long life makes the next wait the first again.
    """
    if pause == 0 or lived > LONGEST_PAUSE:
        return FIRST_PAUSE
    return min(2 * pause, LONGEST_PAUSE)


def give_settings(worker: subprocess.Popen[bytes], settings: Settings) -> None:
    """Write the settings of this process to the standard input of a worker.

    They may be others than those of its environment, and hold passwords that no command line may.
    """
    if worker.stdin is not None:
        with suppress(BrokenPipeError):  # it has ended, and is started again
            worker.stdin.write(settings.model_dump_json().encode() + b"\n")
            worker.stdin.flush()
