"""Files of removed references go, unless anything else needs them."""

import io
import os
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.db.figures import DiscardedFileRow
from app.services.figures.erasure import KEPT, sweep_discarded
from app.services.figures.figures import add_figure, add_references, find_figure, remove_figure
from app.services.ingest.upload import Incoming

LATER = KEPT + timedelta(minutes=5)


@pytest.fixture
def enrol(home, make):
    """Return a function that enrols a figure from one photo, always the same."""

    def add(name):
        figure = add_figure(home, name, now=clock.now())
        photo = Incoming("a.png", io.BytesIO(make(faces=1)))
        add_references(home, figure, [photo], now=clock.now())
        return figure

    return add


def discarded(home):
    with home.database.read() as session:
        return session.scalars(select(DiscardedFileRow.sha256)).all()


def test_a_removed_photo_goes_after_a_while(home, enrol):
    figure, now = enrol("Kim"), clock.now()
    (sha256,) = home.storage.scans()
    remove_figure(home, figure, now=now)
    assert sweep_discarded(home, now=now + timedelta(minutes=30)) == 0
    assert home.storage.scan(sha256).is_file()
    assert sweep_discarded(home, now=now + LATER) == 1
    assert not home.storage.scan(sha256).exists()
    assert discarded(home) == []
    assert sweep_discarded(home, now=now + 2 * LATER) == 0


@pytest.mark.parametrize("other", ["figure", "edition"])
def test_a_photo_that_something_else_needs_stays(home, enrol, put, make, other):
    figure, now = enrol("Kim"), clock.now()
    if other == "figure":
        enrol("Pak")
    else:
        put({"a.png": make(faces=1)})
    remove_figure(home, figure, now=now)
    assert sweep_discarded(home, now=now + LATER) == 0
    assert len(list(home.storage.scans())) == 1
    assert discarded(home) == []


def test_a_photo_that_was_just_given_again_waits_for_its_row(home, enrol, make):
    figure, now = enrol("Kim"), clock.now()
    (sha256,) = home.storage.scans()
    remove_figure(home, figure, now=now)
    at = (now + LATER).timestamp()
    os.utime(home.storage.scan(sha256), (at, at))  # as ``put`` does
    assert sweep_discarded(home, now=now + LATER) == 0
    assert home.storage.scan(sha256).is_file()
    assert discarded(home) == [sha256]
    figure = enrol("Kim")
    assert sweep_discarded(home, now=now + 3 * LATER) == 0
    assert home.storage.scan(sha256).is_file()
    assert len(find_figure(home, figure).references) == 1


def test_a_file_that_is_gone_already_is_forgotten(home, enrol):
    figure, now = enrol("Kim"), clock.now()
    (sha256,) = home.storage.scans()
    remove_figure(home, figure, now=now)
    home.storage.scan(sha256).unlink()
    assert sweep_discarded(home, now=now + LATER) == 1
    assert discarded(home) == []
