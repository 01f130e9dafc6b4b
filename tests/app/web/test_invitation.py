"""Invitations: a coder gets to the desk that waits, once; what is tried besides opens nothing."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from presslens.app.api.access import LOGIN_COOKIE
from presslens.app.api.rate_limits import FAILURES_A_MINUTE
from presslens.app.platform import clock
from presslens.app.platform.errors import NotFound
from presslens.app.platform.permissions import AccountRole
from presslens.app.services.accounts.accounts import AccountChange, account_named, change_account
from presslens.app.services.accounts.audit import list_audit
from presslens.app.services.accounts.identity import SHELL
from presslens.app.services.accounts.invitations import (
    LASTS,
    accept_invitation,
    find_invitation,
    invite,
    list_invitations,
    revoke_invitation,
)
from presslens.app.services.privacy.erasure import erase_coder
from presslens.app.services.reviews.draws import SampleOrder, draw_sample
from presslens.app.services.reviews.sampling_frame import Question

from ..cli.conftest import installed, invoke
from .test_login import HTML, _quick_passwords, accounts, asking, sign_in

__all__ = ["_quick_passwords", "accounts", "asking", "installed"]

CHOSEN = "a word of one's own"


def choose(client, path, password=CHOSEN, again=None):
    form = {"password": password, "again": password if again is None else again}
    return client.post(path, data=form, headers=HTML)


def test_an_invited_coder_chooses_a_password_and_comes_to_the_desk(
    asking, home, worker, put, scans
):
    put(scans)
    worker.drain()
    people = Question(("people",))
    orders = [SampleOrder(people, items=2, coders=names) for names in ((), ("Ann", "Cho"), ())]
    _, waits, _ = (draw_sample(home, order, now=clock.now()).id for order in orders)
    admin = asking()
    sign_in(admin)
    page = admin.get("/accounts", headers=HTML).text
    assert '<option value="Ann">' in page
    assert '<option value="reviewer" selected>' in page
    made = admin.post(
        "/accounts", data={"action": "invite", "name": " Cho ", "role": "reviewer"}, headers=HTML
    )
    assert made.headers["cache-control"] == "no-store"
    path = re.search(r"/i/pi_[0-9a-f]{12}_[\w-]{43}", made.text)[0]
    secret = path.rpartition("_")[2]
    (listed,) = admin.get("/api/v1/invitations").json()["invitations"]
    assert (listed["name"], listed["role"], "path" in listed) == ("Cho", "reviewer", False)
    assert secret not in admin.get("/accounts", headers=HTML).text
    assert secret not in str(list_audit(home, limit=50).items)

    guest = asking()
    assert guest.get("/review", headers=HTML).status_code == 303
    form = guest.get(path, headers=HTML)
    assert "Ada invites you" in form.text
    assert form.headers["cache-control"] == "no-store"
    assert list_invitations(home)[0].accepted_at is None
    for refused, why in (
        (choose(guest, path, again="another word of it"), "the two passwords differ"),
        (choose(guest, path, "short"), "a password has 12 to 200 characters"),
    ):
        assert (refused.status_code, why in refused.text) == (422, True)
        assert LOGIN_COOKIE not in guest.cookies
    accepted = choose(guest, path)
    assert (accepted.status_code, accepted.headers["location"]) == (303, f"/review/{waits}")
    assert guest.get(f"/review/{waits}", headers=HTML).status_code == 200
    told = guest.get("/api/v1/me").json()
    assert (told["name"], told["permissions"]) == ("Cho", ["read", "export", "review"])
    assert guest.get("/accounts", headers=HTML).status_code == 403
    actions = [(one.action, one.target) for one in list_audit(home, limit=50).items]
    assert {("invite", "Cho"), ("add account", "Cho"), ("sign in", "Cho")} <= set(actions)

    twice = choose(asking(), path)
    assert twice.status_code == 404
    assert "This invitation was used already" in twice.text
    assert sign_in(asking(), "Cho", CHOSEN).status_code == 303
    taken = admin.post("/accounts", data={"action": "invite", "name": "cho"}, headers=HTML)
    assert taken.status_code == 409


def test_an_invitation_that_is_over_revoked_or_of_nobody_opens_nothing(asking, home):
    client, now = asking(), clock.now()
    old = invite(home, "Old", role=AccountRole.REVIEWER, by=SHELL, now=now - LASTS)
    first, second = (
        invite(home, "Ben", role=AccountRole.REVIEWER, by=SHELL, now=now) for _ in range(2)
    )
    token = second.path.removeprefix("/i/")
    for path, why in (
        (old.path, "This invitation is over, it lasted 7 days"),
        (first.path, "This invitation was revoked"),
        (f"{second.path[:-1]}{'A' if second.path[-1] != 'A' else 'B'}", "opens nothing"),
        ("/i/x", "opens nothing"),
    ):
        for answer in (client.get(path, headers=HTML), choose(client, path)):
            assert answer.status_code == 404
            assert why in answer.text
    for _ in range(FAILURES_A_MINUTE):
        last = client.get("/i/x", headers=HTML)
    assert last.status_code == 429
    assert client.get(second.path, headers=HTML).status_code == 200  # a right one is not counted

    plain = asking("http://presslens.test")
    assert "needs HTTPS" in plain.get(second.path, headers=HTML).text
    revoked = revoke_invitation(home, second.id, by=SHELL, now=now)
    assert revoke_invitation(home, second.id, by=SHELL, now=now + timedelta(1)) == revoked
    with pytest.raises(NotFound, match="was revoked"):
        accept_invitation(home, token, CHOSEN, now=now, address=None)

    ada = account_named(home, "Ada")
    invited = invite(home, "Eve", role=AccountRole.ADMIN, by=as_somebody(ada), now=now)
    home_admin = account_named(home, "Rea").id
    change_account(home, home_admin, AccountChange(role=AccountRole.ADMIN), by=SHELL, now=now)
    for gone in (AccountChange(role=AccountRole.READER), AccountChange(enabled=False)):
        change_account(home, ada.id, gone, by=SHELL, now=now)
        with pytest.raises(NotFound, match="was revoked"):
            find_invitation(home, invited.path.removeprefix("/i/"), now=now)
        change_account(home, ada.id, AccountChange(role=AccountRole.ADMIN), by=SHELL, now=now)
    erase_coder(home, "Eve", now=now)
    assert "Eve" not in {one.name for one in list_invitations(home)}
    assert choose(client, invited.path).status_code in (404, 429)


def as_somebody(account):
    """Return the identity of an account at the command line."""
    return replace(SHELL, name=account.name, account_id=account.id)


def test_invitations_are_made_by_command(installed):
    made = invoke("users", "invite", "Dan")
    path = re.search(r"/i/pi_\w+_[\w-]{43}", made.output)[0]
    assert find_invitation(installed, path.removeprefix("/i/"), now=clock.now()).name == "Dan"
    shown = invoke("users", "invitations").output
    assert "Dan" in shown
    assert path not in shown
    number = re.search(r"pi_([0-9a-f]{12})_", path)[1]
    assert "revoked: the invitation of Dan" in invoke("users", "uninvite", number).output
    assert "revoked" in invoke("users", "invitations").output
