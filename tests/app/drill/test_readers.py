"""Readers are timed, and their errors counted."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from presslens.app.drill.readers import Reading, read

from ..web.conftest import serving


def test_what_clients_meet_is_counted(settings, home):
    with serving(settings) as server:
        asked = [f"{server}/api/v1/healthz", f"{server}/api/v1/photos/1"]
        with ThreadPoolExecutor() as thread:  # this one may have the loop of a browser's driver
            found = thread.submit(asyncio.run, read(asked, 1.0, pause=0.2)).result()
    assert 0 < found.errors < len(found.times)


def test_figures_are_those_of_the_slowest():
    met = Reading([10.0] * 90 + [60.0] * 10, errors=1, seconds=10.0)
    assert met.p95 == pytest.approx(60)
    assert str(met) == "p95 60 ms, median 10 ms, 1 errors, 10 answers a second"
