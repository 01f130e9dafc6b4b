"""The way of a new coder: the invitation, training, the desk, a flag, and the own answers."""

from datetime import date

import pytest
from playwright.sync_api import expect

from presslens.app.platform import clock
from presslens.app.platform.permissions import AccountRole
from presslens.app.services.accounts.identity import SHELL
from presslens.app.services.accounts.invitations import invite
from presslens.app.services.reviews.coded_answers import CodedAnswer, keep_answers
from presslens.app.services.reviews.coding_desk import coding_desk
from presslens.app.services.reviews.draws import SampleOrder, draw_sample
from presslens.app.services.reviews.flags import list_flags
from presslens.app.services.reviews.sample_progress import sample_overviews
from presslens.app.services.reviews.sampling_frame import Question
from presslens.app.services.reviews.training import make_training
from presslens.app.services.samples.samples import find_items

from ...journeys.conftest import axe as axe
from ...journeys.test_every_page import ALLOW, LOOKS
from ..first_states import made_once
from .conftest import serving
from .test_login import _quick_passwords, accounts

__all__ = ["_quick_passwords", "accounts"]

BLOCKS = [(20 + 56 * x, 20 + 60 * y, 70 + 56 * x, 74 + 60 * y) for y in range(5) for x in range(5)]
PEOPLE = Question(("people",))


@pytest.fixture
@made_once
def samples(home, worker, put, make):
    """A sample that two have coded, and one that waits for Cho."""
    put({"a.png": make(BLOCKS)})
    put({"b.png": make(BLOCKS, tint=9)}, day=date(2019, 12, 17))
    worker.drain()
    now = clock.now()
    order = SampleOrder(PEOPLE, 40, second=1.0, name="known")
    known = draw_sample(home, order, now=now).id
    for coder in ("Ann", "Ben"):
        answers = [
            CodedAnswer(f"device-{coder}-{one.id}", one.id, {"people": one.id % 2 == 0})
            for one in find_items(home, known)[1]
        ]
        keep_answers(home, known, coder, answers, now=now)
    order = SampleOrder(PEOPLE, 25, coders=("Cho",), second=0.0, seed=7, name="cho", repeat=0.5)
    return draw_sample(home, order, now=now).id


def test_a_coder_is_invited_trained_codes_flags_and_looks_through(
    home, settings, accounts, samples, open_tab, axe
):
    found = []

    def check(tab, name):
        for width, look, language in ((1280, "light", "en"), (390, "dark", "ko")):
            there = tab.url
            tab.goto(there + ("&" if "?" in there else "?") + f"lang={language}")
            tab.set_viewport_size({"width": width, "height": 844})
            tab.emulate_media(color_scheme=look)
            tab.evaluate(ALLOW)
            tab.evaluate(axe)
            told = tab.evaluate("(rules) => axe.run(document, {runOnly: rules})", LOOKS["light"])
            assert told["passes"]
            found.extend(
                f"{name} {width} {look} {one['id']}: {node['html'][:160]}"
                for one in told["violations"]
                for node in one["nodes"]
            )
            assert tab.evaluate("document.documentElement.scrollWidth") <= width, name
            tab.goto(there)

    now = clock.now()
    path = invite(home, "Cho", role=AccountRole.REVIEWER, by=SHELL, now=now).path
    training = make_training(home, samples, "Cho", "Ada", items=3, now=now)
    changes = {"require_login": True, "allowed_hosts": "127.0.0.1", "requests_per_minute": 0}
    with serving(settings.model_copy(update=changes)) as site:
        tab = open_tab(bypass_csp=True, reduced_motion="reduce")
        tab.goto(f"{site}{path}")
        check(tab, "invitation")
        for field in tab.locator("input[type=password]").all():
            field.fill("a word of one's own")
        tab.locator("main form button").click()
        expect(tab).to_have_url(f"{site}/review/{samples}")

        tab.goto(f"{site}/review")
        tab.get_by_role("link", name="Your training").click()
        check(tab, "training")
        named = tab.locator(".training [data-do] kbd").first  # once the keys are heard
        for one in training.items:
            expect(named).not_to_be_empty()
            tab.keyboard.press("y")
            told = (
                "Right: yes." if one.known == "yes" else "You said: yes. People have settled: no."
            )
            expect(tab.locator(".said")).to_contain_text(told)
            if one is training.items[0]:
                check(tab, "what is known")
            expect(named).not_to_be_empty()
            tab.keyboard.press(".")
            expect(tab.locator(".said")).to_have_count(0)
        right = sum(one.known == "yes" for one in training.items)
        expect(tab.locator("main")).to_contain_text(f"{right} of 3 answered as people")
        check(tab, "how it went")

        asked = coding_desk(home, samples, "Cho").left
        assert asked > 25
        tab.set_viewport_size({"width": 1280, "height": 844})
        tab.goto(f"{site}/review/{samples}")
        mine = tab.locator("[data-show=mine]")
        for done in range(asked):
            expect(mine).to_have_text(f"{done} of {asked}")
            tab.wait_for_function("() => document.querySelector('.stage img')?.naturalWidth > 0")
            if not done:
                tab.keyboard.press("t")
                tab.keyboard.type("a poster?")
                tab.keyboard.press("Enter")
                expect(tab.locator("#messages")).to_contain_text("Flagged to talk about")
            tab.keyboard.press("y")
        expect(tab.locator("[data-show=ended]")).to_be_visible()
        expect(tab.locator("[data-show=state]")).to_have_text("all stored")
        (flag,) = list_flags(home, is_open=True)
        assert (flag.coder, flag.note) == ("Cho", "a poster?")

        tab.goto(f"{site}/review/mine?measure=people")
        expect(tab.locator(".tiles li")).to_have_count(25)
        check(tab, "mine")
        tab.locator(".tiles button").filter(has_text="no").first.click()
        expect(tab.locator(".tiles li")).to_have_count(24)
        (overview,) = sample_overviews(home, "Cho", sample_id=samples)
        assert overview.progress.coders["Cho"].constancy.to_json()["n"] == asked - 25
        for name in ("team", "codebook"):
            tab.goto(f"{site}/review/{samples}/{name}")
            check(tab, name)
        tab.goto(f"{site}/review/talk")
        check(tab, "talk")
    assert not found
