"""The morning report has an address, and Start leads to it."""

from presslens.app.nightly.run import run_nightly
from presslens.app.services.ingest.nights import begin_run

from ..conftest import NOW
from .conftest import shown


def test_nights_are_read_in_the_browser(client, settings, home, scans, tmp_path):
    page = shown(client, "/night")
    assert "No night yet" in page
    inbox = tmp_path / "inbox"
    (inbox / "Daily_2019-12-16").mkdir(parents=True)
    for name, data in scans.items():
        (inbox / "Daily_2019-12-16" / name).write_bytes(data)
    run_nightly(settings, inbox)
    page = shown(client, "/night")
    assert "All went well." in page
    assert 'href="/editions/1"' in page
    assert "all went well" in shown(client, "/")
    assert client.get("/night.csv").text.splitlines()[1].endswith("Daily,2019-12-16,3,3")
    (inbox / "Daily_2019-12-17").mkdir()
    (inbox / "Daily_2019-12-17" / "page_1.png").write_bytes(b"\x89PNG\r\n\x1a\nno picture")
    run_nightly(settings, inbox)
    page = shown(client, "/night")
    assert "Something needs a look: see below." in page
    assert 'href="/night?run=1"' in page
    assert 'href="/night"' in shown(client, "/")
    assert "something needs a look" in shown(client, "/")
    # What failed is said in the reader's language, though the night is on record.
    reason = client.get("/night.json").json()["report"]["refused"][0]["reason"]
    fault = reason.removeprefix("corrupt: ")
    korean = client.get("/night", headers={"accept-language": "ko"}).text
    assert f"The file can't be read: {fault}." in page
    assert fault not in korean
    begin_run(home, now=NOW)
    assert "it is at work, or was interrupted" in shown(client, "/night")
    assert "All went well." in shown(client, "/night?run=1")
    assert client.get("/night?run=9").status_code == 404
