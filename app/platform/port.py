"""The port that a server listens on."""

from __future__ import annotations

import errno
import socket

from presslens.app.platform.errors import Conflict
from presslens.app.platform.settings import Settings

LAST_PORT, FREE_PORT = 65_535, 8001
"""The last port that there is, and one that seldom another program has."""


def check_port(settings: Settings) -> None:
    """Check that the server can listen at its address, before anything is opened for it.

    Raises:
        Conflict: Another program listens there, or this user may not.
    """
    host, port = settings.host, settings.port
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Conflict(
                    f"port {port} of {host} is taken by another program, perhaps by a Presslens"
                    f" that runs already: stop it, or take another port, `presslens serve --port"
                    f" {port + 1 if port < LAST_PORT else FREE_PORT}`"
                ) from error
            raise Conflict(
                f"can't listen on port {port} of {host}: {error.strerror}; take another address"
                f" or port, `presslens serve --host 127.0.0.1 --port {FREE_PORT}`"
            ) from error
