"""From files to compositions, with one worker."""

from app.services.catalogue.composition import edition_composition
from app.services.catalogue.editions import find_edition
from app.services.catalogue.progress import EditionStatus
from app.services.exports.canonical_dump import canonical_dump


def test_an_edition_is_analysed(home, worker, put, scans):
    edition = put(scans).edition_id
    assert find_edition(home, edition).progress.status is EditionStatus.QUEUED

    worker.drain()

    state = find_edition(home, edition)
    assert state.progress.status is EditionStatus.DONE
    assert dict(state.progress.outcomes) == {"done": 2, "empty": 1}
    found = edition_composition(home, edition).report
    summary = found.composition.summary
    assert (summary.pages, summary.pages_seen, summary.photos) == (3, 3, 3)
    assert found.composition.share("people").decided == 1


def test_nothing_is_done_twice(home, worker, engine, put, scans):
    put(scans)
    worker.drain()
    before, runs = canonical_dump(home), len(engine.runs)

    assert not put(scans).created
    worker.drain()

    assert not worker.round()
    assert len(engine.runs) == runs
    assert canonical_dump(home) == before
