"""A page on another site, in a real browser, against an installation of whoever looks at it."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import func, select

from presslens.app.db.columns import Table
from presslens.app.platform import clock
from presslens.app.platform.permissions import AccountRole
from presslens.app.services.accounts.accounts import add_account
from presslens.app.services.accounts.identity import SHELL

from .conftest import serving

ATTEMPTS = Path(__file__).with_suffix("").with_name("hostile_page.js").read_text(encoding="utf-8")
PASSWORD = "correct horse battery"
ASK = """async ([method, path, name]) => (await fetch(path, {
  method, headers: {"Content-Type": "application/json"},
  body: method === "POST" ? JSON.stringify({name}) : null})).status"""


class Blank(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>a hostile page</title><body></body>")

    def log_message(self, *_args):
        pass


@contextmanager
def hostile_server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Blank)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def rows(home):
    with home.database.read() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table))
            for table in Table.metadata.sorted_tables
        }


@pytest.mark.long  # on each commit the guard of requests is tried without a browser
@pytest.mark.timeout(240)
def test_a_hostile_page_changes_and_reads_nothing(chromium, home, settings, put, worker, scans):
    put({"a.png": scans["page_1.png"]})
    worker.drain()
    for name, role in (("Ada", AccountRole.ADMIN), ("Rea", AccountRole.READER)):
        add_account(home, name, role=role, password=PASSWORD, by=SHELL, now=clock.now())
    asking = settings.model_copy(update={"require_login": True})
    found, tried = {}, 0
    with hostile_server() as port, serving(settings) as plain, serving(asking) as guarded:
        for target in (plain, guarded):
            context = chromium.new_context()
            owner = context.new_page()
            owner.goto(f"{target}/labels")
            if target == guarded:
                owner.goto(f"{target}/login")
                owner.fill("#name", "Ada")
                owner.fill("#password", PASSWORD)
                owner.click("form.stacked button")
                owner.wait_for_url(f"{target}/")
            before = rows(home)
            for origin in (f"http://attacker.test:{port}", f"http://127.0.0.1:{port}"):
                tab = context.new_page()
                tab.goto(origin)
                told = tab.evaluate(ATTEMPTS, target)
                tried += len(told)
                found |= {(origin, target, name): got for name, got in told.items() if got}
                tab.close()
            for number, got in enumerate(rebound(chromium, target)):
                tried += 1
                found |= {("rebound", target, number): got} if got else {}
            assert rows(home) == before
            # The owner's own page reads and changes: what was tried can succeed.
            assert owner.evaluate(ASK, ["GET", "/api/v1/photos", ""]) == 200
            name = f"planted_{len(found)}_{tried}"
            assert owner.evaluate(ASK, ["POST", "/api/v1/labels", name]) == 201
            assert rows(home) != before
            context.close()
    assert found == {}
    assert tried >= 4 * 40


def rebound(chromium, target):
    """Yield what a page reads whose name was bound to this machine after it was loaded."""
    # The page of the refusal is of that name, so that what it asks for is of its own origin; its
    # policy, which forbids it to ask for anything, is not what is tried here.
    context = chromium.new_context(bypass_csp=True)
    tab = context.new_page()
    answer = tab.goto(f"{target.replace('127.0.0.1', 'attacker.test')}/gallery")
    yield answer.status if answer.status != 421 else None
    for method, path in (
        ("GET", "/api/v1/photos"),
        ("GET", "/gallery"),
        ("POST", "/api/v1/labels"),
    ):
        status = tab.evaluate(ASK, [method, path, "rebound"])
        yield status if status != 421 else None
    context.close()
