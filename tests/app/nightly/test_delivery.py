"""The morning report reaches a folder, one address and a mail command, and nothing else."""

import email
import json
import socket
import sys
import threading
from contextlib import contextmanager, nullcontext, suppress
from email import policy
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from presslens.app.db.columns import JobKind
from presslens.app.nightly import delivery
from presslens.app.nightly.options import NightOptions
from presslens.app.nightly.run import run_nightly
from presslens.app.services.ingest.nights import list_runs


@pytest.fixture
def inbox(tmp_path, scans):
    folder = tmp_path / "inbox" / "Daily_2019-12-16"
    folder.mkdir(parents=True)
    for name, data in {**scans, "page_4.png": b"\x89PNG\r\n\x1a\nno picture"}.items():
        (folder / name).write_bytes(data)
    (tmp_path / "inbox" / "<b>odd").mkdir()
    return tmp_path / "inbox"


@contextmanager
def receiver(*answers):
    """Serve on loopback; yield the address, and the bodies that were posted there."""
    left, posted = list(answers), []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            posted.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            status = left.pop(0)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook?token=secret", posted
        finally:
            server.shutdown()
            thread.join()


def test_a_report_is_a_file_that_needs_nothing_else(settings, home, inbox, tmp_path):
    korean = settings.model_copy(update={"report_language": "ko", "site_url": "https://a.org/"})
    night = run_nightly(korean, inbox, NightOptions(report=tmp_path / "reports"))
    page = (tmp_path / "reports" / "latest.html").read_text()
    document = json.loads((tmp_path / "reports" / "latest.json").read_text())
    assert document == night.to_json() == list_runs(home, limit=1)[0].document
    assert '<html lang="ko">' in page
    assert 'href="https://a.org/editions/1"' in page
    assert 'href="https://a.org/pages/4"' in page
    assert "page_4.png" in page
    assert "&lt;b&gt;odd" in page
    for part in ("<script", "<link", "<img", "url(", "@import", "http://"):
        assert part not in page
    names = sorted(path.name for path in (tmp_path / "reports").iterdir())
    moment = f"{night.began_at:%Y-%m-%dT%H%M%S}"
    assert names == ["latest.html", "latest.json", f"night-{moment}.html", f"night-{moment}.json"]
    assert (night.failed, night.undelivered) == (True, [])


def test_a_report_is_posted_to_one_address(settings, home, inbox, monkeypatch, subtests):
    monkeypatch.setattr(delivery, "PAUSE", 0.0)
    for answers, tries, failure in (
        ((204,), 1, None), ((500, 503, 200), 3, None), ((302,), 1, "it answered with 302"),
        ((404,), 1, "it answered with 404"), ((500,) * 3, 3, "it answered with 500, 3 times"),
    ):  # fmt: skip
        with subtests.test(msg=str(answers)), receiver(*answers) as (url, posted):
            assert delivery.post_report(url, "{}") == failure
            assert posted == [("/hook?token=secret", b"{}")] * tries
    with receiver(204) as (url, posted):
        night = run_nightly(settings.model_copy(update={"webhook_url": url}), inbox)
    assert (night.undelivered, json.loads(posted[0][1])["pages_left"]) == ([], 0)
    (why,) = run_nightly(settings.model_copy(update={"webhook_url": url}), inbox).undelivered
    assert why.startswith("the report was not posted to PRESSLENS_WEBHOOK_URL: ")
    assert "ConnectError" in why
    assert "secret" not in why
    assert all(run.ended_at for run in list_runs(home, limit=9))


def test_a_server_that_never_ends_its_answer_holds_no_night_up(monkeypatch):
    monkeypatch.setattr(delivery, "WEBHOOK_SECONDS", 0.3)
    ended = threading.Event()

    def drip(listener):
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not ended.wait(0.05):
                connection.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        why = delivery.post_report(f"http://127.0.0.1:{listener.getsockname()[1]}/", "{}")
        ended.set()
        thread.join()
    assert why == "there was no whole answer in 0 s"


@pytest.mark.parametrize("url", ["http://h/secret\x01", "http://" + "x" * 70 + "/secret"])
def test_an_address_that_can_not_be_asked_is_said_without_it(url, monkeypatch):
    monkeypatch.setattr(delivery, "PAUSE", 0.0)
    why = delivery.post_report(url, "{}")
    assert why is not None
    assert "secret" not in why


def test_a_report_is_mailed_by_a_command(settings, home, inbox, tmp_path):
    script = tmp_path / "mail it.py"
    script.write_text("import sys\nopen(sys.argv[1], 'wb').write(sys.stdin.buffer.read())\n")
    command = f"{sys.executable} '{script}' '{tmp_path}/mail; touch x'"
    mailing = {"mail_command": command, "mail_to": "you@example.org"}
    assert run_nightly(settings.model_copy(update=mailing), inbox).undelivered == []
    raw = (tmp_path / "mail; touch x").read_bytes()
    mail = email.message_from_bytes(raw, policy=policy.default)
    assert mail["To"] == "you@example.org"
    assert mail["Subject"].endswith(": needs a look")
    assert "imported 1 edition" in mail.get_body(("plain",)).get_content()
    (page,) = mail.iter_attachments()
    assert "<title>Night of" in page.get_content()


@pytest.mark.parametrize(
    ("command", "failure"),
    [
        ("/no/such/program -t", "/no/such/program: No such file"),
        (f"{sys.executable} -c 'import sys; sys.exit(\"no route\")'", "it ended with 1: no route"),
    ],
)
def test_a_mail_that_can_not_be_sent_is_said(settings, home, inbox, command, failure):
    night = run_nightly(settings.model_copy(update={"mail_command": command}), inbox)
    assert failure in night.undelivered[0]
    assert night.to_json()["undelivered"] == night.undelivered
    assert list_runs(home, limit=1)[0].exit_code == 1  # for the page that is no picture


def test_a_folder_that_can_not_be_written_is_said(settings, home, inbox, tmp_path):
    (tmp_path / "file").write_text("")
    night = run_nightly(settings, inbox, NightOptions(report=tmp_path / "file" / "reports"))
    assert "the report was not written into" in night.undelivered[0]


def test_a_night_that_an_outage_ends_is_reported(settings, home, inbox, tmp_path):
    reports = tmp_path / "reports"
    korean = settings.model_copy(update={"report_language": "ko"})

    def unmount(*_):
        (settings.data_dir / ".presslens").unlink()
        return nullcontext()

    night = run_nightly(korean, inbox, NightOptions(report=reports), watch=unmount)
    assert (night.failed, night.notes[0], night.left) == (True, night.outage, 0)
    assert (len(night.imported.new), night.work.waiting[JobKind.UNPACK]) == (1, 1)
    assert "What to do: mount the disk of PRESSLENS_DATA_DIR" in night.outage
    (run,) = list_runs(home, limit=9)
    document = json.loads((reports / "latest.json").read_text())
    assert document == run.document == night.to_json()
    assert (run.exit_code, document["outage"]) == (1, night.outage)
    page = (reports / "latest.html").read_text()
    assert "야간 작업이 도중에 멈췄습니다" in page
    assert "등록된 지도자가 없습니다" in page
    gone = run_nightly(settings, inbox, NightOptions(report=reports))
    assert (gone.failed, gone.outcomes, gone.imported.new) == (True, {}, ())
    assert "is its disk mounted?" in json.loads((reports / "latest.json").read_text())["outage"]
    assert len(list_runs(home, limit=9)) == 1
