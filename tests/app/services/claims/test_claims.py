"""Claims are kept in versions; those that come with the program stay as they are."""

from dataclasses import replace
from datetime import date

import pytest

from presslens.app.platform.errors import Conflict, InvalidRequest, NotFound
from presslens.app.services.claims.claims import (
    LONGEST_PERIOD,
    ClaimFilter,
    NewClaim,
    add_claim,
    claim_named,
    find_claim,
    iterate_claims,
    keep_claim,
    list_claims,
    remove_claim,
)
from presslens.app.services.edits.listing import EditFilter, list_edits
from presslens.pipelines.statistics.claim.parser import InvalidRule

DAY = date(2019, 12, 16)
CLAIM = NewClaim("Over 100 photos.", "photos > 100", "Rodong Sinmun", DAY, DAY, key="over-100")
QUESTION = replace(CLAIM, key=None)


def test_a_question_is_no_claim_before_it_is_kept_or_frozen_and_goes_with_all_of_it(home, now):
    asked, new = add_claim(home, QUESTION, draft=True, coder="A", now=now)
    assert new
    assert add_claim(home, QUESTION, draft=True, now=now) == (asked, False)
    other, _ = add_claim(home, replace(QUESTION, rule="photos > 99"), draft=True, now=now)
    own = [one.id for one in iterate_claims(home, ClaimFilter()) if not one.seeded]
    assert own == []
    drafts = [one for one in iterate_claims(home, ClaimFilter(drafts=True)) if one.draft]
    assert [one.id for one in drafts] == [asked, other]
    assert claim_named(home, drafts[0].key).id == asked, "who names it asks for it"
    with pytest.raises(Conflict, match="question in work"):
        add_claim(home, replace(QUESTION, key=drafts[0].key, rule="photos > 1"), now=now)
    with pytest.raises(Conflict, match="another key"):
        add_claim(home, replace(QUESTION, key=drafts[0].key, rule="pages > 1"), draft=True, now=now)
    kept = keep_claim(home, asked, coder="A", now=now)
    assert (kept.draft, kept.kept_after) == (False, 0)
    assert add_claim(home, QUESTION, draft=True, now=now) == (asked, False), "what became of it"
    remove_claim(home, other, coder="B", now=now)
    own = [one.id for one in iterate_claims(home, ClaimFilter(drafts=True)) if not one.seeded]
    assert own == [asked]
    log = list_edits(home, EditFilter(target="claim"), limit=9).items
    assert [(one.action.value, one.coder) for one in log] == [
        ("remove claim", "B"), ("keep claim", "A"), ("ask", "unnamed"), ("ask", "A")
    ]  # fmt: skip


def test_a_changed_claim_is_a_new_version(home, now):
    first, new = add_claim(home, CLAIM, now=now)
    assert new
    assert add_claim(home, CLAIM, now=now) == (first, False)
    second, new = add_claim(home, replace(CLAIM, rule="photos >= 100"), now=now)
    assert new
    old, latest = find_claim(home, first), find_claim(home, second)
    assert (old.version, old.latest, old.rule) == (1, False, "photos > 100")
    assert (latest.version, latest.latest, latest.rule) == (2, True, "photos >= 100")
    assert old.rule_version != latest.rule_version
    assert claim_named(home, "over-100") == latest
    own = ClaimFilter(key="over-100")
    assert [c.id for c in iterate_claims(home, own)] == [second]
    assert [c.id for c in iterate_claims(home, own.model_copy(update={"versions": True}))] == [
        first,
        second,
    ]


def test_without_a_key_the_statement_and_its_days_are_the_claim(home, now):
    claim = replace(CLAIM, key=None)
    first, _ = add_claim(home, claim, now=now)
    changed, _ = add_claim(home, replace(claim, rule="photos > 99"), now=now)
    other, _ = add_claim(home, replace(claim, first=date(2019, 12, 1)), now=now)
    assert find_claim(home, first).key == find_claim(home, changed).key
    assert find_claim(home, other).key != find_claim(home, first).key
    assert find_claim(home, other).version == 1


def test_equal_rules_have_equal_versions(home, now):
    first, _ = add_claim(home, CLAIM, now=now)
    other, _ = add_claim(home, replace(CLAIM, rule="( photos>100 )", key="other"), now=now)
    assert find_claim(home, first).rule_version == find_claim(home, other).rule_version


def test_removing_takes_all_versions(home, now):
    first, _ = add_claim(home, CLAIM, now=now)
    second, _ = add_claim(home, replace(CLAIM, statement="Many photos."), now=now)
    remove_claim(home, first, now=now)
    for gone in (first, second):
        with pytest.raises(NotFound):
            find_claim(home, gone)
    with pytest.raises(NotFound):
        remove_claim(home, first, now=now)


def test_what_comes_with_the_program_stays(home, now):
    seeded = next(iterate_claims(home, ClaimFilter()))
    with pytest.raises(Conflict, match="comes with Presslens"):
        remove_claim(home, seeded.id, now=now)
    with pytest.raises(Conflict, match="give yours another key"):
        add_claim(home, replace(CLAIM, key=seeded.key), now=now)
    assert find_claim(home, seeded.id) == seeded


@pytest.mark.parametrize(
    "change",
    [
        {"statement": ""}, {"statement": "a\0b"}, {"statement": "x" * 4001},
        {"publication": " "}, {"publication": "x" * 256}, {"source": "a\nb"},
        {"note": "\ud800"}, {"key": "Over 100"}, {"key": "../x"}, {"key": "x" * 101},
        {"last": date(2019, 12, 15)},
        {"last": date.fromordinal(DAY.toordinal() + LONGEST_PERIOD)},
    ],
)  # fmt: skip
def test_what_can_not_be_kept(home, now, change):
    with pytest.raises(InvalidRequest):
        add_claim(home, replace(CLAIM, **change), now=now)


def test_a_rule_that_can_not_be_read_is_not_kept(home, now):
    with pytest.raises(InvalidRule, match="at column 10"):
        add_claim(home, replace(CLAIM, rule="photos > much"), now=now)
    with pytest.raises(NotFound):
        claim_named(home, "over-100")


def test_a_list_goes_on_where_it_ended(home):
    every = [claim.id for claim in iterate_claims(home, ClaimFilter())]
    found, start = [], None
    while True:
        part = list_claims(home, ClaimFilter(), limit=5, start=start)
        assert len(part.items) <= 5
        found += [claim.id for claim in part.items]
        if (start := part.next_cursor) is None:
            break
    assert found == every
    assert len(every) > 20


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (DAY, DAY, True),
        (date(2019, 12, 17), None, False),
        (None, date(2019, 12, 15), False),
        (date(2019, 1, 1), date(2020, 1, 1), True),
    ],
)
def test_claims_are_found_by_their_days(home, now, first, last, found):
    add_claim(home, CLAIM, now=now)
    wanted = ClaimFilter(publication="Rodong Sinmun", first=first, last=last)
    assert ("over-100" in [claim.key for claim in iterate_claims(home, wanted)]) is found
