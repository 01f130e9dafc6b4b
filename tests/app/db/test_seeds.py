"""Seeds are loaded once, changed in new versions, and never at the cost of what people added."""

import re
import tomllib
from datetime import date

import pytest
from sqlalchemy import func, select

from presslens.app.db.claims import ClaimRow, EventRow
from presslens.app.db.seeds import SEEDS, seed
from presslens.app.services.claims.claims import (
    ClaimFilter,
    NewClaim,
    add_claim,
    claim_named,
    iterate_claims,
)
from presslens.app.services.claims.events import NewEvent, add_event
from presslens.app.services.claims.registrations import ClaimTest, freeze_claim
from presslens.app.services.claims.verdicts import judge_rule
from presslens.pipelines.statistics.claim.parser import parse
from presslens.pipelines.statistics.claim.quantity import TruthValue
from presslens.pipelines.statistics.claim.tree import written

CLAIMS = tomllib.loads((SEEDS / "claims.toml").read_text())["claim"]
KEYS = [claim["key"] for claim in CLAIMS]


@pytest.fixture
def folder(tmp_path):
    """Return a copy of the seeds that may be changed."""
    for file in SEEDS.glob("*.toml"):
        (tmp_path / file.name).write_text(file.read_text())
    return tmp_path


def count(home, table):
    with home.database.read() as session:
        return session.scalar(select(func.count()).select_from(table))


@pytest.mark.parametrize("claim", CLAIMS, ids=KEYS)
def test_a_claim_is_written_as_rules_are_and_has_a_source(claim):
    assert written(parse(claim["rule"])) == claim["rule"]
    assert claim["statement"].endswith(".")
    assert claim["source"]
    assert claim["first_date"] <= claim["last_date"]


def test_keys_are_unique():
    assert len(set(KEYS)) == len(KEYS)


@pytest.mark.sqlite_alone
def test_without_scans_every_claim_is_undecided(home):
    claims = list(iterate_claims(home, ClaimFilter()))
    assert {claim.key for claim in claims} == set(KEYS)
    for claim in claims:
        found = judge_rule(home, claim.rule, claim.publication, claim.first, claim.last)
        assert found.verdict.truth is TruthValue.UNDECIDED
        assert found.verdict.reasons[0].startswith("no edition of Rodong Sinmun on ")


def test_again_changes_nothing(home, now):
    before = count(home, ClaimRow), count(home, EventRow)
    with home.database.write() as session:
        seed(session, now=now)
    assert (count(home, ClaimRow), count(home, EventRow)) == before


def test_a_changed_seed_is_a_new_version_and_a_lost_one_comes_back(home, folder, now):
    text = (folder / "claims.toml").read_text()
    (folder / "claims.toml").write_text(text.replace("photos > 100", "photos > 99", 1))
    with home.database.write() as session:
        session.delete(session.scalars(select(ClaimRow).filter_by(key=KEYS[0])).one())
        seed(session, folder=folder, now=now)
    key = "inaugurations-2025-12-16-photos"
    versions = list(iterate_claims(home, ClaimFilter(key=key, versions=True)))
    assert [(c.version, c.latest, c.rule) for c in versions] == [
        (1, False, "photos > 100"),
        (2, True, "photos > 99"),
    ]
    assert [c.key for c in iterate_claims(home, ClaimFilter(key=KEYS[0]))] == [KEYS[0]]


def test_a_withdrawn_claim_goes_unless_it_is_frozen(home, folder, now):
    wrong, frozen = KEYS[0], KEYS[1]
    freeze_claim(home, claim_named(home, frozen).id, ClaimTest(), now=now)
    text = (folder / "claims.toml").read_text()
    for key in (wrong, frozen):
        text = text.replace(f'"{key}"', f'"{key}-renamed"')
    (folder / "claims.toml").write_text(text)
    with home.database.write() as session:
        seed(session, folder=folder, now=now)
    keys = {claim.key for claim in iterate_claims(home, ClaimFilter())}
    assert wrong not in keys
    assert {frozen, f"{wrong}-renamed", f"{frozen}-renamed"} <= keys


def test_the_dated_hand_counts_are_claims_with_their_sources():
    dated = {c["key"]: c["rule"] for c in CLAIMS}
    assert dated["donga-2009-11-30-pictures"] == "photos >= 59"
    assert dated["donga-2009-full-page"] == "full_page_photo_pages >= 10"
    assert dated["congress-2016-05-08-page-11"].startswith("page(11).photos = 16")
    assert dated["singapore-2018-06-12-front"].startswith("front.photos = 14")
    counts = [rule for key, rule in dated.items() if re.fullmatch(r"donga-2009-1[01]-\d\d", key)]
    assert len(counts) == 15


def test_a_changed_event_is_changed_and_a_withdrawn_one_goes(home, folder, now):
    text = (folder / "events.toml").read_text()
    text = text.replace('place = "Sinyang"', 'place = "Sinyang County"')
    (folder / "events.toml").write_text(text.replace("Factory of Rangrim", "Works of Rangrim"))
    before = count(home, EventRow)
    with home.database.write() as session:
        seed(session, folder=folder, now=now)
        places = {row.title: row.place for row in session.scalars(select(EventRow))}
    assert places["Factory of Sinyang inaugurated"] == "Sinyang County"
    assert "Works of Rangrim inaugurated" in places
    assert count(home, EventRow) == before


def test_what_people_added_is_never_touched(home, folder, now):
    day = date(2025, 12, 16)
    own = NewClaim("Mine.", "photos > 5", "Rodong Sinmun", day, day, key="mine")
    add_claim(home, own, now=now)
    add_event(home, NewEvent(day, "Factory of Rangrim moved", place="here"))
    text = (folder / "claims.toml").read_text()
    (folder / "claims.toml").write_text(text.replace(f'"{KEYS[0]}"', '"mine"'))
    events = (folder / "events.toml").read_text()
    events += (
        '\n[[event]]\nevent_date = 2025-12-16\ntitle = "Factory of Rangrim moved"\nsource = ""\n'
    )
    (folder / "events.toml").write_text(events)
    with home.database.write() as session:
        seed(session, folder=folder, now=now)
        row = session.scalars(select(EventRow).filter_by(title="Factory of Rangrim moved")).one()
        assert (row.place, row.seeded) == ("here", False)
    kept = list(iterate_claims(home, ClaimFilter(key="mine", versions=True)))
    assert [(c.statement, c.seeded) for c in kept] == [("Mine.", False)]
