"""The archive in a folder: the application answers in this process, to its owner."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from starlette.types import Receive, Scope, Send

from presslens.app.api.access import OWN_REQUEST
from presslens.app.api.rate_limits import RateLimits
from presslens.app.installation import open_installation
from presslens.app.main import attach, create_app
from presslens.app.platform.settings import Settings
from presslens.app.services.accounts.identity import SHELL
from presslens.connection import InProcess


@contextmanager
def application(folder: str | Path | None) -> Iterator[InProcess]:
    """Give what answers with the archive in a folder, until the block ends.

    Raises:
        NotInitialised: There is no archive.
        WrongVersion: It is of another version of the program.
    """
    settings = Settings() if folder is None else Settings(data_dir=Path(folder))
    if not structlog.is_configured():  # requests aren't logged where somebody works
        structlog.configure(
            wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
            logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        )
    with open_installation(settings) as home:
        app = create_app(settings)
        attach(app, home)
        app.state.rate_limits = RateLimits(0)

        async def own(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, OWN_REQUEST: SHELL}, receive, send)

        yield InProcess(own)
