"""The document on accounts: its example for pandas works, and its limits are those of the code."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from presslens.app.api.rate_limits import AT_A_TIME, FAILURES_A_MINUTE, TRIES_OF_ALL
from presslens.app.platform import clock
from presslens.app.platform.permissions import PRESETS, AccountRole
from presslens.app.platform.settings import Settings
from presslens.app.services.accounts import invitations, keys, share_links
from presslens.app.services.accounts.accounts import add_account
from presslens.app.services.accounts.identity import SHELL
from presslens.app.services.accounts.keys import add_key
from presslens.app.services.accounts.logins import IDLE, LASTS
from presslens.app.services.accounts.passwords import LONGEST, SHORTEST

from .conftest import serving

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs" / "howto" / "accounts.md"


def test_pandas_reads_photos_with_a_key(home, settings, put, worker, scans):
    pytest.importorskip("pandas")
    put({"a.png": scans["page_1.png"]})
    worker.drain()
    add_account(home, "Ada", role=AccountRole.ADMIN, password="p" * 12, by=SHELL, now=clock.now())
    key = add_key(home, "pandas", scopes=PRESETS["R and pandas"], days=1, by=SHELL, now=clock.now())
    example = re.search(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)[1]
    with serving(settings.model_copy(update={"require_login": True})) as server:
        told = subprocess.run(
            [sys.executable, "-c", example],
            env={**os.environ, "PRESSLENS": server, "PRESSLENS_KEY": key.token},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert told.returncode == 0, told.stderr
    assert re.search(r"Rodong Sinmun +1", told.stdout)


def test_both_documents_have_the_limits_of_the_code():
    text = DOCUMENT.read_text(encoding="utf-8")
    section = text.partition("\n## Limits\n")[2].partition("\n## ")[0]
    limits = re.findall(r"^\| (?!what|-)[^|]+ \| (.+) \|$", section, re.MULTILINE)
    requests = Settings.model_fields["requests_per_minute"].default
    assert limits == [
        f"{FAILURES_A_MINUTE} a minute",
        f"{TRIES_OF_ALL} a minute",
        f"{FAILURES_A_MINUTE} a minute",
        f"{requests} a minute",
        f"{AT_A_TIME}",
        f"{LASTS.days} days, {IDLE.days} days",
        f"{keys.LONGEST_DAYS} days, {share_links.LONGEST_DAYS} days, {invitations.LASTS.days} days",
    ]
    assert f"{SHORTEST} to {LONGEST} characters" in section
    security = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    (row,) = re.findall(r"^- \*\*S7\*\* .*$", security, re.MULTILINE)
    assert re.findall(r"\d+(?= passwords| for one account| wrong)", row) == [
        f"{FAILURES_A_MINUTE}", f"{TRIES_OF_ALL}", f"{FAILURES_A_MINUTE}"
    ]  # fmt: skip
    assert "a minute" not in text.replace(section, ""), "limits are stated in one place"
