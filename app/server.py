"""Runs the web server, and a worker process beside it that is started again when it is lost."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from multiprocessing.process import BaseProcess

import structlog
import uvicorn
from threadpoolctl import threadpool_limits

from app.installation import init_installation, open_installation, prepare_to_work
from app.logs import configure_logs
from app.main import create_app
from app.services.accounts.doors import check_doors
from app.settings import Settings
from models.errors import PresslensError

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds between a worker's end and the start of the next; doubled while they end early."""
PATIENCE = 30.0
"""Seconds that a worker has to finish its page when the server ends."""

log = structlog.get_logger()


def serve(settings: Settings, with_worker: bool = True) -> None:
    """Serve until told to stop by SIGINT or SIGTERM; a new folder becomes an installation first.

    Args:
        settings: The settings, with the address.
        with_worker: Run a worker process beside the server.

    Raises:
        PresslensError: The installation can't be opened.
    """
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
    # uvicorn raises the signal again when it has ended: it must not end us before the worker.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # Statistics are many small sums: threads of their own would cost more than they give. The
    # worker is another process, with as many as it likes.
    one_thread = threadpool_limits(limits=1, user_api="blas")
    with one_thread, worker_process(settings) if with_worker else nullcontext():
        uvicorn.run(
            create_app(settings),
            host=settings.host,
            port=settings.port,
            server_header=False,
            proxy_headers=bool(settings.proxies.strip()),
            forwarded_allow_ips=settings.proxies,
            ssl_certfile=settings.tls_certificate,
            ssl_keyfile=settings.tls_key,
        )


@contextmanager
def worker_process(settings: Settings) -> Iterator[None]:
    """Run a worker process, and restart it when it ends."""
    closing = threading.Event()
    thread = threading.Thread(target=_supervise, args=(settings, closing), name="supervisor")
    thread.start()
    try:
        yield
    finally:
        closing.set()
        thread.join()


def _supervise(settings: Settings, closing: threading.Event) -> None:
    context = multiprocessing.get_context("spawn")
    pause = 0.0
    while not closing.is_set():
        started = time.monotonic()
        process = context.Process(target=work_below, args=(settings,), name="presslens-worker")
        process.start()
        while process.is_alive() and not closing.wait(0.2):
            pass
        if closing.is_set():
            process.terminate()
            process.join(PATIENCE)
            process.kill()
            process.join()
            return
        log.error("the worker has ended; it is started again", code=process.exitcode)
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


def work_below(settings: Settings) -> None:
    """Run a worker until the parent process ends or sends SIGTERM."""
    from app.worker import run_worker

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_stop_after, args=(parent, stop), daemon=True).start()
    try:
        run_worker(settings, stop)
    except PresslensError as error:
        log.critical("the worker can't start", cause=str(error))
        sys.exit(1)


def _stop_after(parent: BaseProcess, stop: threading.Event) -> None:
    parent.join()
    stop.set()
