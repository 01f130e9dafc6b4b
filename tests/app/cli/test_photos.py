"""``presslens photos similar``: what the API answers, and in words."""

import pytest
from sqlalchemy import delete

from presslens.app.db.reprints import FingerprintRow, ReprintRow
from presslens.app.services.catalogue.similar import similar_photos

from ..first_states import made_once
from .conftest import document, invoke, printed


@pytest.fixture
@made_once
def archive(installed, worker, put, scans):
    """Three photos, of which the first and the last are prints of one picture."""
    put(scans)
    worker.drain()
    with installed.database.write() as session:
        for one, other in ((1, 3), (3, 1)):
            session.add(ReprintRow(photo_id=one, other_id=other, places=60, likeness=0.8))


def test_other_prints_and_what_looks_alike_are_listed(installed, archive):
    told = document("photos", "similar", 3)
    assert told == similar_photos(installed, 3, limit=10).to_json()
    assert [one["id"] for one in told["reprints"]] == [1]
    text = printed("photos", "similar", 3)
    for words in ("other prints of the picture", "before", "photos that look alike"):
        assert words in text
    assert "no other print" in printed("photos", "similar", 2)
    invoke("photos", "similar", 99, code=1)
    # What was not compared is not known to be the only print.
    with installed.database.write() as session:
        session.execute(delete(FingerprintRow).where(FingerprintRow.photo_id == 2))
    text = printed("photos", "similar", 2)
    assert "not known" in text
    assert "no other print" not in text
