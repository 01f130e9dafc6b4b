"""A library's server on loopback, which fails as real ones do."""

from __future__ import annotations

import json
import ssl
import threading
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(slots=True)
class Answer:
    """An answer of the server; ``cut``: the connection is closed after so many bytes."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None


@dataclass(slots=True)
class LibraryServer:
    """What the server answers by path: the answers in their order, the last one again and again."""

    base: str
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    agents: set[str] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)

    def put(self, path, *answers):
        """Say what the server answers."""
        self.answers[path] = [_answer(one) for one in answers]

    def take(self, path):
        """Return the next answer."""
        self.asked[path] += 1
        answers = self.answers.get(path, [Answer(status=404)])
        return answers.pop(0) if len(answers) > 1 else answers[0]


def _answer(one):
    if isinstance(one, Answer):
        return one
    return Answer(one if isinstance(one, bytes) else json.dumps(one).encode())


@contextmanager
def library_server(tls=None):
    """Run a server, over TLS or without."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            answer = library.take(self.path)
            library.agents.add(self.headers["user-agent"])
            library.hosts.add(self.headers["host"])
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body[: answer.cut])
            if answer.cut is not None:
                self.close_connection = True

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        def finish_request(self, request, client_address):
            with suppress(ssl.SSLError):  # a client that refuses the certificate
                secured = tls.wrap_socket(request, server_side=True) if tls else request
                super().finish_request(secured, client_address)
                if tls:
                    secured.close()

    with Server(("127.0.0.1", 0), Handler) as server:
        library = LibraryServer(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield library
        finally:
            server.shutdown()
            thread.join()
