"""Frozen claims: told from those made afterwards, tested as they were frozen, looks logged."""

import hashlib
import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from presslens.app.db.queries import EditionScope
from presslens.app.db.seeds import seed
from presslens.app.platform.errors import Conflict, InvalidRequest, NotFound
from presslens.app.services.analysis.removal_jobs import empty_trash
from presslens.app.services.claims.claims import (
    NewClaim,
    add_claim,
    claim_named,
    find_claim,
    remove_claim,
)
from presslens.app.services.claims.families import check_family
from presslens.app.services.claims.registrations import ClaimTest, freeze_claim
from presslens.app.services.claims.verdicts import claim_verdict
from presslens.app.services.corrections.trash import delete_edition
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.exports.snapshot.restore import restore
from presslens.app.services.exports.snapshot.write import export_snapshot
from presslens.pipelines.statistics.claim.quantity import TruthValue
from presslens.pipelines.statistics.corrections import Correction
from presslens.pipelines.statistics.measure import Inference

DAY = date(2019, 12, 16)
CLAIM = NewClaim("Three photos.", "photos >= 3", "Rodong Sinmun", DAY, DAY, key="three")
USUAL = ClaimTest()


def add(home, now, **changes):
    return add_claim(home, replace(CLAIM, **changes), now=now)[0]


def test_a_claim_frozen_before_the_scans_says_so(home, put, worker, scans, count_photos, now):
    claim = add(home, now)
    frozen, new = freeze_claim(home, claim, USUAL, now=now - timedelta(days=15))
    assert new
    assert freeze_claim(home, claim, USUAL, now=now) == (frozen, False)
    empty = claim_verdict(home, claim, now=now)
    assert empty.timing["before_first_scan"] is True
    assert empty.timing["sentence"].endswith("before the first scan of these days was uploaded;"
                                             " there is none yet")  # fmt: skip
    assert empty.looks == ()  # there was nothing to look at
    put(scans)
    worker.drain()
    count_photos()
    found = claim_verdict(home, claim, now=now)
    assert found.timing["before_first_scan"] is True
    words = f"registered {frozen.frozen_at:%Y-%m-%d}, before the first scan of these days was"
    assert found.timing["sentence"] == f"{words} uploaded ({now:%Y-%m-%d})"
    assert [(look.editions, look.verdict) for look in found.looks] == [(1, TruthValue.TRUE)]
    assert claim_verdict(home, claim, now=now + timedelta(days=1)).looks_count == 2


def test_a_claim_frozen_after_the_scans_says_so(home, put, scans, now):
    put(scans)
    claim = add(home, now)
    frozen, _ = freeze_claim(home, claim, USUAL, now=now + timedelta(days=2))
    assert frozen.scans == 1
    timing = claim_verdict(home, claim, now=now + timedelta(days=3)).timing
    assert timing["before_first_scan"] is False
    assert "after the first scan" in timing["sentence"]
    assert timing["first_scan_at"] == now.isoformat()


def test_who_deletes_an_edition_and_uploads_it_again_has_seen_it_all_the_same(
    home, put, scans, now
):
    delete_edition(home, put(scans).edition_id, coder=None, now=now)
    empty_trash(home, now=now, everything=True)
    claim = add(home, now)
    frozen, _ = freeze_claim(home, claim, USUAL, now=now - timedelta(hours=1))
    assert frozen.scans == 1
    put(scans)
    timing = claim_verdict(home, claim, now=now).timing
    assert timing["before_first_scan"] is False


def test_the_hash_is_that_of_what_is_served(home, now):
    claim = add(home, now)
    freeze_claim(home, claim, USUAL, recipe=True, now=now)
    served = find_claim(home, claim).to_json()["registration"]
    text = json.dumps(served["content"], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert hashlib.sha256(text.encode()).hexdigest() == served["sha256"]
    content = served["content"]
    assert (content["rule"], content["level"], content["estimand"]) == (
        "photos >= 3",
        0.05,
        "these",
    )
    assert content["metrics"] == {"photos": "photos found on the pages that were seen"}
    assert content["recipe"] == home.recipe.id


def test_a_changed_claim_is_a_new_version_that_says_so(home, now):
    first = add(home, now)
    freeze_claim(home, first, USUAL, now=now)
    second = add(home, now, rule="photos >= 2")
    assert find_claim(home, second).changes_frozen == 1
    assert find_claim(home, second).registration is None
    assert find_claim(home, first).registration is not None
    with pytest.raises(Conflict, match="version 1 of three is an old one"):
        freeze_claim(home, first, USUAL, now=now)
    with pytest.raises(Conflict, match="is frozen and stays"):
        remove_claim(home, second, now=now)


def test_it_is_tested_as_it_was_frozen(home, now):
    claim = add(home, now, rule="mean(share(people)) > 10 %")
    strict = ClaimTest(0.01, Inference.PRACTICE)
    freeze_claim(home, claim, strict, now=now)
    found = claim_verdict(home, claim, now=now)
    assert found.verdict.level == 0.01
    assert found.to_json()["estimand"] == "the newspaper's practice"
    assert claim_verdict(home, claim, test=strict, now=now).verdict.level == 0.01
    with pytest.raises(InvalidRequest, match="is frozen to be tested at a level of 0"):
        claim_verdict(home, claim, test=USUAL, now=now)
    with pytest.raises(Conflict, match="to be tested in another way"):
        freeze_claim(home, claim, USUAL, now=now)


def test_what_can_not_be_frozen(home, now):
    with pytest.raises(NotFound):
        freeze_claim(home, 9999, USUAL, now=now)
    with pytest.raises(InvalidRequest, match="compares means over editions"):
        freeze_claim(home, add(home, now), ClaimTest(0.05, Inference.PRACTICE), now=now)
    for level in (0.0, 0.6, float("nan")):
        with pytest.raises(InvalidRequest, match="a level lies above 0"):
            ClaimTest(level)


def test_a_seed_can_be_frozen_and_seeding_again_leaves_it(home, now):
    key = "inaugurations-2025-12-16-photos"
    freeze_claim(home, claim_named(home, key).id, USUAL, now=now)
    with home.database.write() as session:
        seed(session, now=now)
    assert claim_named(home, key).registration is not None


def test_a_family_is_corrected_and_looks_at_its_frozen_claims_are_logged(home, edition, now):
    claim = add(home, now)
    freeze_claim(home, claim, USUAL, now=now)
    add(home, now, key="many", rule="photos > 100", statement="Many.")
    add(home, now, key="people", rule="share(people) > 40 %", statement="People.")
    found = check_family(home, ["three", "many", "people", "three"], now=now)
    assert len(found.members) == 3
    by_key = {c.key: verdict for c, _, verdict in found.members}
    for verdict in by_key.values():
        assert verdict.adjusted_true >= verdict.p_true
        assert verdict.truth in (verdict.alone, TruthValue.UNDECIDED)
    document = found.to_json()
    assert (document["simultaneous"], document["correction"]) == (True, "holm")
    assert "of all 3 claims together one is wrongly true in at most 5 %" in document["method"]
    assert claim_verdict(home, claim, now=now).looks_count == 2
    everything = check_family(home, None, correction=Correction.BH, now=now)
    assert len(everything.members) > 30
    with pytest.raises(NotFound):
        check_family(home, ["nobody"], now=now)
    with pytest.raises(InvalidRequest, match="a family has 1 to"):
        check_family(home, [], now=now)


def test_a_snapshot_keeps_what_is_frozen_and_the_looks(
    home, put, worker, scans, now, tmp_path, elsewhere
):
    claim = add(home, now)
    freeze_claim(home, claim, USUAL, now=now - timedelta(days=1))
    put(scans)
    worker.drain()
    claim_verdict(home, claim, now=now)
    (tmp_path / "out").mkdir()
    snapshot = export_snapshot(home, EditionScope(), tmp_path / "out").path
    with elsewhere() as other:
        restore(other, snapshot)
        for part in ("claims", "registrations", "looks"):
            assert dump(other)[part] == dump(home)[part]
        found = claim_verdict(other, claim_named(other, "three").id, now=now)
        assert (found.looks_count, found.timing["before_first_scan"]) == (2, True)


def dump(home):
    return json.loads(canonical_dump(home))
