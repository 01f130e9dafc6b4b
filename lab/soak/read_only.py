"""The folder of the archive can't be written to for a while, as when its disk is remounted."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx2

from presslens.app.drill.proof import NotHere, Proof
from presslens.app.drill.serving import presslens, serving
from presslens.lab.soak.several_machines import sample_edition, upload

FORGOTTEN = "-dac_override,-dac_read_search,-fowner"
"""What root must do without, so that the permissions of files hold for it too."""

READ = ("/", "/gallery", "/api/v1/editions", "/api/v1/photos", "/api/v1/healthz")
PATIENCE = 60.0


def check(_seconds: float) -> Iterator[Proof]:
    """Take the right to write away from a server, start another there, and give it back."""
    if os.getuid() == 0 and not shutil.which("setpriv"):
        raise NotHere("root may write anywhere, and setpriv is not installed")
    with tempfile.TemporaryDirectory(prefix="presslens-soak-") as name:
        data = Path(name) / "data"
        variables = {"PRESSLENS_DATA_DIR": str(data), "PRESSLENS_DATABASE_URL": ""}
        with serving(bound, "/api/v1/healthz", **variables) as client:
            upload(client, 0, sample_edition(0)).raise_for_status()
            _permit(data, write=False)
            try:
                read = [client.get(address).status_code for address in READ]
                refused = upload(client, 1, sample_edition(1))
                readiness = client.get("/api/v1/readyz").json()
                second = subprocess.run(  # noqa: S603 - our own program
                    bound(0),
                    env=os.environ | variables,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    timeout=PATIENCE,
                    check=False,
                )
            finally:
                _permit(data, write=True)
            again = upload(client, 1, sample_edition(1)).status_code
            editions = len(client.get("/api/v1/editions").json()["editions"])
    answered = read.count(httpx2.codes.OK)
    value = f"{answered} of {len(READ)} addresses"
    yield Proof("R4", "a read-only folder: what is read", value, "all", answered == len(READ))
    kind = (refused.json().get("title", ""), refused.status_code)
    named = "; ".join(problem["kind"] for problem in readiness["problems"])
    passed = refused.status_code in {503, 507} and bool(named)
    value = f"{kind[1]} {kind[0]}; readyz: {named}"
    yield Proof("R4", "an upload into it", value, "503 or 507, and named", passed)
    last = (second.stderr.strip().splitlines() or [""])[-1]
    passed = second.returncode == 1 and "Traceback" not in second.stderr
    yield Proof("R4", "a server that starts there", last, "one sentence, 1", passed)
    value = f"upload {again}, {editions} editions"
    passed = again == httpx2.codes.ACCEPTED and editions == 2
    yield Proof("R4", "when it can be written to again", value, "202, 2 editions", passed)


def bound(port: int) -> list[str]:
    """Return the command that serves an installation as one for whom permissions hold."""
    if os.getuid():
        return presslens(port)
    drop = ["setpriv", f"--bounding-set={FORGOTTEN}", f"--inh-caps={FORGOTTEN}"]
    return [*drop, *presslens(port)]


def _permit(folder: Path, *, write: bool) -> None:
    for path in (folder, *folder.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | 0o200 if write else mode & ~0o222)
