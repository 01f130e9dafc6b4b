"""One night at a time, on both databases; the lock of a night that is killed is free at once."""

import subprocess
import sys
import threading

import pytest
from sqlalchemy import text

from presslens.app.installation import open_installation
from presslens.app.nightly.lock import night_lock
from presslens.app.nightly.run import run_nightly

HOLD = """
import sys
import threading
from pathlib import Path
from presslens.app.installation import open_installation
from presslens.app.nightly.lock import night_lock
from presslens.app.platform.settings import Settings

settings = Settings.model_validate_json(sys.argv[1])
with open_installation(settings) as home, night_lock(home, threading.Event()) as is_free:
    print(is_free, flush=True)
    sys.stdin.read()
"""


@pytest.mark.both_databases
def test_a_second_night_does_nothing_until_the_first_has_ended(settings, home, tmp_path):
    (tmp_path / "inbox").mkdir()
    first = subprocess.Popen(
        [sys.executable, "-c", HOLD, settings.model_dump_json()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert first.stdout.readline() == "True\n"
        with night_lock(home, threading.Event()) as is_free:
            assert not is_free
        second = run_nightly(settings, tmp_path / "inbox")
        assert (second.already, second.failed, second.text()) == (True, False, "nothing was done")
        assert second.to_json()["already_running"] is True
        assert "at work already" in second.notes[0]
    finally:
        first.kill()
        first.communicate()
    with night_lock(home, threading.Event()) as is_free:
        assert is_free


@pytest.mark.both_databases
def test_the_lock_is_given_back_in_good_order(settings, home):
    for _ in range(2):
        with night_lock(home, threading.Event()) as is_free:
            assert is_free
    with open_installation(settings) as again, night_lock(again, threading.Event()) as is_free:
        assert is_free


@pytest.mark.postgresql
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_lock_that_the_server_takes_away_is_noticed(home):
    database = home.database
    with database.write() as session:
        name = session.scalar(text("SELECT current_database()"))
        session.execute(text(f"ALTER DATABASE {name} SET idle_session_timeout = 200"))
    database.close()  # connections made from now on end once they are idle for so long
    lost = threading.Event()
    with night_lock(home, lost, interval=0.6) as is_free:
        assert is_free
        with database.read() as session:
            session.execute(text("SELECT pg_sleep(0.5)"))
        with night_lock(home, threading.Event()) as is_free_too:
            assert not is_free_too
        assert not lost.is_set()
        with database.write() as session:
            ended = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            session.execute(text(ended))
        assert lost.wait(10)
