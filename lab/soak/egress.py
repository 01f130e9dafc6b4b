"""Nothing leaves this machine while the service works, nor does a library leave files behind.

strace watches every system call by which the server, its worker and their children could reach
another machine, or run another program, while real networks look at a page, and while the library
that training uses is loaded. Their user has a home folder of their own, which stays empty.
"""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from presslens.app.demo import prepare_samples
from presslens.app.drill.proof import NotHere, Proof
from presslens.app.drill.site_map import page_addresses
from presslens.app.platform.settings import Settings
from presslens.lab.bench.start import server
from presslens.lab.soak.leaks import analyse, origin

SHARE = 0.5
CALLS = "connect,sendto,sendmsg,sendmmsg,execve"
ADDRESS = re.compile(r'sin_addr=inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"')
LOOKUP = re.compile(r"sin6?_port=htons\(53\)")
INSTALLERS = {"pip", "pip3", "uv", "apt", "apt-get", "sudo", "curl", "wget", "git", "npm"}
"""Programs that fetch something."""
TRAINING = "import presslens.lab.training.yolo; import ultralytics"
PATIENCE = 20.0
"""Seconds until strace has written what it saw of processes that have ended."""


@dataclass(frozen=True, slots=True)
class Traced:
    """What processes did that concerns other machines.

    Attributes:
        calls: How many system calls were seen.
        reached: Lines of strace with an address beyond this machine, or a look-up of a name.
        fetched: Lines of programs that were run and fetch something.
    """

    calls: int
    reached: tuple[str, ...]
    fetched: tuple[str, ...]


def check(_seconds: float) -> Iterator[Proof]:
    """Trace the service with a page, and the loading of the library that trains."""
    with tempfile.TemporaryDirectory(prefix="presslens-soak-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        environment = user_at(home, Path(folder) / "data")
        require_strace()
        prepare_samples(Path(folder), Settings())
        page = next((Path(folder) / "ordinary").glob("*.jpg"))
        yield from prove("the service", trace_service(Path(folder), environment, page))
        yield from prove("loading ultralytics", trace_training(Path(folder), environment))
        left = sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file())
        figure = f"{len(left)} ({', '.join(left[:5])})" if left else "0"
        yield Proof("S3", "files that libraries left in the user's home", figure, "0", not left)


def user_at(home: Path, data: Path) -> dict[str, str]:
    """Return the environment of a user with a home folder of their own, and the weights."""
    left = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "ORT_", "YOLO_"))}
    return left | {
        "HOME": str(home),
        "PRESSLENS_CACHE_DIR": str(Settings().cache_dir.absolute()),
        "PRESSLENS_DATA_DIR": str(data),
        "PRESSLENS_DATABASE_URL": "",
    }


def require_strace() -> None:
    """Raise ``NotHere`` unless strace is installed and may watch a process."""
    strace = shutil.which("strace")
    if strace is None:
        raise NotHere("strace is not installed")
    watched = [*tracer(Path(os.devnull)), "true"]
    if subprocess.run(watched, check=False, capture_output=True).returncode:  # noqa: S603
        raise NotHere("strace may not watch processes here")


def tracer(log: Path) -> list[str]:
    """Return the command that watches another, which stays our own child."""
    return ["strace", "-D", "-f", "--seccomp-bpf", "-s", "256", "-e", f"trace={CALLS}",
            "-e", "signal=none", "-o", str(log)]  # fmt: skip


def trace_service(folder: Path, environment: dict[str, str], page: Path) -> Traced:
    """Have the service look at a page, and ask it for each of its pages."""
    log = folder / "service.strace"
    with server(str(folder), environment, tracer=tracer(log)) as (process, client):
        analyse(client, page, 0)
        for address in page_addresses(origin(client)).values():
            client.get(address).raise_for_status()
    return read(log, process.pid)


def trace_training(folder: Path, environment: Mapping[str, str]) -> Traced:
    """Load the library that training uses."""
    log = folder / "training.strace"
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [*tracer(log), sys.executable, "-c", TRAINING], env=environment
    ) as process:
        process.wait()
    if process.returncode:
        raise RuntimeError(f"{TRAINING!r} ended with {process.returncode}")
    return read(log, process.pid)


def read(log: Path, pid: int) -> Traced:
    """Read what strace has written, once it has seen the process end."""
    until = time.monotonic() + PATIENCE
    ended = re.compile(rf"^{pid} +\+\+\+ ", re.MULTILINE)
    while not ended.search(text := log.read_text(errors="replace")):
        if time.monotonic() > until:
            raise TimeoutError(f"strace has not seen process {pid} end")
        time.sleep(0.1)
    return classify(text)


def classify(text: str) -> Traced:
    """Tell what lines of strace say."""
    lines = [line for line in text.splitlines() if re.match(r"\d+ +\w+\(", line)]
    return Traced(
        len(lines),
        tuple(line for line in lines if leaves(line)),
        tuple(line for line in lines if runs_installer(line)),
    )


def leaves(line: str) -> bool:
    """Tell whether a system call names an address beyond this machine, or asks for a name."""
    addresses = [ipaddress.ip_address(v4 or v6) for v4, v6 in ADDRESS.findall(line)]
    beyond = any(not (a.is_loopback or a.is_unspecified) for a in addresses)
    return beyond or bool(LOOKUP.search(line))


def runs_installer(line: str) -> bool:
    """Tell whether a system call runs a program that fetches something, or Python with one."""
    if "execve(" not in line:
        return False
    words = re.findall(r'"([^"]*)"', line)
    return bool({Path(word).name for word in words} & INSTALLERS)


def prove(what: str, traced: Traced) -> Iterator[Proof]:
    """Prove that nothing was reached and nothing fetched."""
    if not traced.calls:
        raise RuntimeError("strace has seen no system call")
    for did, lines in {"reached beyond this machine": traced.reached,
                       "programs run that fetch": traced.fetched}.items():  # fmt: skip
        figure = f"{len(lines)} of {traced.calls} calls{''.join(f'; {x[:200]}' for x in lines[:3])}"
        yield Proof("S3", f"{did} by {what}", figure, "0", not lines)
