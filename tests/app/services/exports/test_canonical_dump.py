"""The canonical dump holds what is added up and what people have said, without ids or times."""

import json
from datetime import timedelta

from sqlalchemy import select

from presslens.app.db.tables import PhotoRow
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.reviews.reviews import NewReview, review_photo, withdraw_review


def content(home):
    return json.loads(canonical_dump(home))


def test_what_is_added_up_and_seeded_is_there(home, worker, put, scans):
    before = content(home)
    assert before["summaries"] == []
    assert len(before["claims"]) > 5
    assert len(before["events"]) > 5
    put(scans)
    worker.drain()
    (summary,) = content(home)["summaries"]
    assert summary["plain"]["photos"] == 3
    assert {share["measure"] for share in summary["shares"]} >= {"people", "label:indoor"}


def test_reviews_are_there_whenever_they_were_made(home, edition, now):
    with home.database.read() as session:
        photo_id = session.scalars(select(PhotoRow.id)).first()
    without = content(home)
    texts = []
    for day in (0, 1):
        review = NewReview(photo_id, "Ann", {"people": False})
        made = review_photo(home, review, now=now + timedelta(days=day))
        found = content(home)
        texts.append(found["settled"])
        assert ["people", False, "1"] in [row[4:] for row in found["settled"]]
        assert not any(shows for *_, shows, _ in found["settled"])
        withdraw_review(home, made, coder="Ann", now=now + timedelta(days=day))
    assert texts[0] == texts[1]
    after = content(home)
    assert after["settled"] == without["settled"] == []
    assert after["reviews"] == []
