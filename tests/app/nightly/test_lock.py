"""One night at a time, on both databases; the lock of a night that is killed is free at once."""

import subprocess
import sys

from app.installation import open_installation
from app.nightly.lock import night_lock
from app.nightly.run import run_nightly

HOLD = """
import sys
from pathlib import Path
from app.installation import open_installation
from app.nightly.lock import night_lock
from app.settings import Settings

settings = Settings.model_validate_json(sys.argv[1])
with open_installation(settings) as home, night_lock(home) as is_free:
    print(is_free, flush=True)
    sys.stdin.read()
"""


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
        with night_lock(home) as is_free:
            assert not is_free
        second = run_nightly(settings, tmp_path / "inbox")
        assert (second.already, second.failed, second.text()) == (True, False, "nothing was done")
        assert second.to_json()["already_running"] is True
        assert "at work already" in second.notes[0]
    finally:
        first.kill()
        first.communicate()
    with night_lock(home) as is_free:
        assert is_free


def test_the_lock_is_given_back_in_good_order(settings, home):
    for _ in range(2):
        with night_lock(home) as is_free:
            assert is_free
    with open_installation(settings) as again, night_lock(again) as is_free:
        assert is_free
