"""The example for pandas in the document on accounts works with a key."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app import clock
from app.permissions import PRESETS, AccountRole
from app.services.accounts.accounts import add_account
from app.services.accounts.identity import SHELL
from app.services.accounts.keys import add_key

from .conftest import serving

DOCUMENT = Path(__file__).parents[3] / "docs" / "accounts.md"


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
        refused = subprocess.run(
            [sys.executable, "-c", example],
            env={**os.environ, "PRESSLENS": server, "PRESSLENS_KEY": key.token[:-1] + "!"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert told.returncode == 0, told.stderr
    assert re.search(r"Rodong Sinmun +1", told.stdout)
    assert "401" in refused.stderr
