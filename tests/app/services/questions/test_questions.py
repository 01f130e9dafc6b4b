"""A question is asked, drawn for, looked at on its schedule, and decided; then it stays decided."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from presslens.app.db.samples import SampleRow
from presslens.app.db.tables import SubjectReadingRow
from presslens.app.platform.errors import Conflict
from presslens.app.services.claims.claims import (
    NewClaim,
    add_claim,
    find_claim,
    keep_claim,
    open_questions,
    remove_claim,
)
from presslens.app.services.claims.families import check_family
from presslens.app.services.claims.registrations import ClaimTest, freeze_claim
from presslens.app.services.claims.verdicts import claim_verdict
from presslens.app.services.questions.plans import (
    SECONDS,
    draw_for_question,
    foreseen_answers,
    planned_editions,
    suggested_plan,
)
from presslens.app.services.questions.questions import (
    ask_question,
    look_at_question,
    question_state,
)
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.samples.samples import find_items
from presslens.models.vocabulary import Subject
from presslens.pipelines.statistics.claim.boundary import LOOKS, answers_needed, stage_risk
from presslens.pipelines.statistics.claim.parser import parse

from ...conftest import DAY
from ...first_states import made_once

BLOCKS = [
    (20 + 100 * x, 20 + 100 * y, 110 + 100 * x, 110 + 100 * y) for y in (0, 1) for x in (0, 1)
]


@pytest.fixture
@made_once
def edition(home, worker, put, make):
    """Thirty-two photos, of which the machine can't tell whether people are in them.

    An earlier upload of the day is superseded.
    """
    for pages in (1, 8):
        put({f"{i}.png": make(BLOCKS, tint=9 * i) for i in range(pages)})
        worker.drain()
    with home.database.write() as session:
        people = SubjectReadingRow.subject == Subject.PEOPLE
        session.execute(update(SubjectReadingRow).where(people).values(probability=0.6))


def claim(rule, statement="People are in most of the photos."):
    return NewClaim(statement, rule, "Rodong Sinmun", DAY, DAY)


def answer(home, sample, number, now, shows=True):
    """Answer so many photos of a sample, those not answered yet, in their order."""
    _, items = find_items(home, sample)
    waiting = [item for item in items if not item.answered][:number]
    for item in waiting:
        given = NewReview(item.photo_id, "A", {"people": shows}, seconds=3.0)
        review_photo(home, given, now=now)


def test_a_question_is_drawn_for_and_decided_by_its_scheduled_looks_alone(home, edition, now):
    asked, new = ask_question(home, claim("share(people) > 0.4"), coder="A", now=now)
    assert new
    assert ask_question(home, claim("share(people) > 0.4"), now=now) == (asked, False)
    state = question_state(home, asked)
    assert [(one.stage, one.number, one.answered) for one in state.looks] == [(0, 1, 0)]
    assert (state.verdict, state.decided_after, state.next_after) == ("undecided", None, None)
    assert look_at_question(home, asked, now=now).looks == state.looks, "nothing has changed"
    assert [one.id for one in open_questions(home)] == [asked]

    plan = suggested_plan(home, state)
    assert plan.seconds == SECONDS
    assert 5 <= plan.photos <= 32
    surer = question_state(home, asked, ClaimTest(0.02))
    risks = [stage_risk(surer.level_left, stage) for stage in range(1, 20)]
    assert sum(risks) + state.looks[0].risk == pytest.approx(0.02), "the first look counts"
    assert suggested_plan(home, surer).photos >= plan.photos
    (where,) = planned_editions(home, scope=plan.draw.scope)
    assert (where.day, where.photos) == (DAY, 32)
    freeze_claim(home, asked, ClaimTest(), now=now)
    state = draw_for_question(home, asked, coder="A", now=now + timedelta(minutes=1))
    assert draw_for_question(home, asked, now=now).plans == state.plans, "one plan at a time"
    assert state.registered_first
    assert [one.id for one in open_questions(home)] == [asked], "it can be taken up again"
    (drawn,) = state.plans
    assert (drawn.stage, drawn.answered) == (1, 0)
    assert [one.photos for one in planned_editions(home, sample=drawn.sample)] == [drawn.photos]
    assert suggested_plan(home, state) is None

    needed = answers_needed(drawn.photos, 1)
    answer(home, drawn.sample, needed - 1, now)
    between = look_at_question(home, asked, now=now)
    assert (between.looks, between.next_after) == (state.looks, 1), "no look is due"
    answer(home, drawn.sample, 1, now)
    assert question_state(home, asked).is_due
    while state.decision is None:
        assert claim_verdict(home, asked, now=now).verdict.truth == state.verdict
        state = look_at_question(home, asked, now=now)
        last = state.looks[-1]
        assert last.risk <= state.test.level
        assert last.low < last.value <= last.high
        answer(home, drawn.sample, state.next_after or 0, now)
        assert len(state.looks) <= LOOKS + 1
    assert state.verdict == "true"
    assert open_questions(home) == []
    assert state.decided_after == len(state.looks)
    assert sum(one.risk for one in state.looks) <= state.test.level
    answer(home, drawn.sample, drawn.photos, now, shows=False)
    assert look_at_question(home, asked, now=now).looks == state.looks, "it stays decided"
    judged = claim_verdict(home, asked, now=now)
    assert judged.verdict.truth == state.verdict, "whatever is answered since"
    assert (judged.looks_count, judged.repeats_last_look) == (len(state.looks), True)
    for item in find_items(home, drawn.sample)[1]:
        review_photo(home, NewReview(item.photo_id, "A", {"people": False}), now=now)
    taken_back = claim_verdict(home, asked, now=now)
    assert taken_back.verdict.truth == state.verdict
    assert "it would be false; the decision stands" in taken_back.stands
    ((_, _, member),) = check_family(home, [state.claim.key], now=now).members
    assert (member.alone, member.truth) == (state.verdict, state.verdict)
    assert claim_verdict(home, asked, now=now).looks_count == len(state.looks), "it is no look"
    with pytest.raises(Conflict, match="decided"):
        draw_for_question(home, asked, now=now)

    later = now + timedelta(days=1)
    again, _ = ask_question(home, claim("share(people) > 0.4", "In other words."), now=later)
    freeze_claim(home, again, ClaimTest(), now=later)
    state = question_state(home, again)
    assert (state.asked_before, state.asked_here, state.registered_first) == (asked, 2, False)


def test_who_has_seen_the_answer_cannot_register_before_it_or_look_at_a_fresh_level(
    home, edition, now
):
    minute = timedelta(minutes=1)
    before, _ = add_claim(home, claim("share(people) > 0.4", "Stored, and asked later."), now=now)
    asked, _ = ask_question(home, claim("share(people) > 0.4", "Asked."), now=now)
    with ThreadPoolExecutor(3) as pool:
        draws = [pool.submit(draw_for_question, home, asked, now=now) for _ in range(3)]
        problems = [problem for one in draws if (problem := one.exception())]
    assert {type(one) for one in problems} <= {Conflict}
    with home.database.read() as session:
        assert len(session.scalars(select(SampleRow)).all()) == 1, "one draw of three at once"
    state = question_state(home, asked)
    assert len(state.plans) == 1
    answer(home, state.plan.sample, answers_needed(state.plan.photos, 2), now)
    state = look_at_question(home, asked, now=now)
    assert state.decision is None
    remove_claim(home, asked, now=now)
    assert open_questions(home) == []
    assert question_state(home, asked).looks == state.looks, "discarding it forgets no look"
    assert ask_question(home, claim("share(people) > 0.4", "Asked."), now=now) == (asked, False)
    assert [one.id for one in open_questions(home)] == [asked]

    with pytest.raises(Conflict, match="drawn for or decided already"):
        freeze_claim(home, asked, ClaimTest(0.02), now=now)
    for words in ("0.4 < share(people)", "not share(people) <= 40 %"):
        again, _ = ask_question(home, claim(words, words), now=now + minute)
        freeze_claim(home, again, ClaimTest(), now=now + 2 * minute)
        other = question_state(home, again)
        assert (other.asked_before, other.registered_first) == (asked, False)
        risks = [one.risk for one in (*state.looks, *other.looks)]
        assert other.looks[0].stage > state.plan.stage, "its level is what the others left"
        assert sum(risks) <= other.test.level
    longer = replace(claim("share(people) > 0.4", "A day longer."), last=DAY + timedelta(days=1))
    again, _ = ask_question(home, longer, now=now + minute)
    freeze_claim(home, again, ClaimTest(), now=now + 2 * minute)
    other = question_state(home, again)
    assert (other.asked_before, other.registered_first) == (asked, False), "no edition came then"
    freeze_claim(home, before, ClaimTest(), now=now + 2 * minute)
    assert not question_state(home, before).registered_first
    near, _ = ask_question(home, claim("share(people) > 0.45", "Nearly."), now=now + minute)
    freeze_claim(home, near, ClaimTest(), now=now + 2 * minute)
    assert question_state(home, near).answered_first == state.plan.answered

    decided, _ = ask_question(home, claim("pages = 8", "Decided."), now=now)
    with pytest.raises(Conflict, match="drawn for or decided already"):
        freeze_claim(home, decided, ClaimTest(0.001), now=now)
    spent, _ = ask_question(home, claim("share(people) > 0.5", "Undecided."), now=now)
    with pytest.raises(Conflict, match="spent"):
        freeze_claim(home, spent, ClaimTest(0.001), now=now)


def test_both_sides_of_a_look_have_their_intervals(home, edition, now):
    asked, _ = ask_question(home, claim("share(people) > share(crowd)"), now=now)
    (look,) = question_state(home, asked).looks
    assert look.low <= look.value <= look.high
    assert look.against_low <= look.against <= look.against_high


def test_what_is_known_at_once_is_registered_when_it_was_known(home, edition, now):
    asked, _ = ask_question(home, claim("pages = 8"), now=now)
    freeze_claim(home, asked, ClaimTest(), now=now + timedelta(minutes=1))
    state = question_state(home, asked)
    assert (state.verdict, state.registered_first, state.asked_before) == ("true", False, None)


def test_numbers_too_near_get_a_first_draw_and_two_terms_one_draw_that_asks_of_both(
    home, edition, now
):
    near, _ = ask_question(home, claim("share(people) > 0.6", "Near."), now=now)
    (look,) = question_state(home, near).looks
    rule = f"share(people) > {look.value}"
    nearest, _ = ask_question(home, claim(rule, "Nearest."), now=now)
    plan = suggested_plan(home, question_state(home, nearest))
    assert not plan.decides, "a first draw, which tells whether the machine is right"
    assert (plan.is_timed, plan.minutes) == (False, max(1, round(plan.photos * SECONDS / 60)))

    both = "share(people) > 0.4 and share(fireworks) < 0.5"
    asked, _ = ask_question(home, claim(both, "Both."), now=now)
    plan = suggested_plan(home, question_state(home, asked))
    assert (plan.draw.measures, plan.seconds) == (("people", "fireworks"), 2 * SECONDS)
    state = draw_for_question(home, asked, now=now)
    answer(home, state.plan.sample, 1, now)
    assert question_state(home, asked).answered == 0, "each photo is asked both"
    counted, *others = foreseen_answers(
        home, [parse(one) for one in ("pages = 8", both)], "Rodong Sinmun", DAY, None
    )
    assert (counted.truth, counted.plan) == ("true", None)
    assert others[0].truth == "undecided"


def test_what_is_counted_is_decided_at_once_and_a_question_that_is_kept_says_how_often_one_looked(
    home, edition, now
):
    asked, _ = ask_question(home, claim("pages = 8"), now=now)
    state = question_state(home, asked)
    assert (state.verdict, state.decided_after, state.plans) == ("true", 1, ())
    kept = keep_claim(home, asked, coder="A", now=now)
    assert (kept.draft, kept.kept_after) == (False, 1)
    remove_claim(home, asked, now=now)

    other, _ = ask_question(home, claim("pages > 9 and photos > 3 and pages = 8"), now=now)
    assert question_state(home, other).verdict == "false"
    assert find_claim(home, other).draft
    no_edition = NewClaim("None.", "photos > 3", "Nobody", DAY, DAY)
    unknown, _ = ask_question(home, no_edition, now=now)
    state = question_state(home, unknown)
    assert (state.looks, state.is_due, suggested_plan(home, state)) == ((), True, None)
    with pytest.raises(Conflict, match="would not decide"):
        draw_for_question(home, unknown, now=now)
