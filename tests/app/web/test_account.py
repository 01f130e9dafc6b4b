"""The pages of accounts: one's own, everybody's, and the log."""

import re

from presslens.app.api.access import LOGIN_COOKIE
from presslens.app.platform import clock
from presslens.app.services.accounts.accounts import list_accounts
from presslens.app.services.accounts.audit import list_audit
from presslens.app.services.accounts.logins import begin_login

from .test_login import HTML, PASSWORD, _quick_passwords, accounts, asking, sign_in

__all__ = ["_quick_passwords", "accounts", "asking"]


def key_of(answer):
    assert answer.headers["Cache-Control"] == "no-store"
    return re.search(r"pl_[0-9a-f]{12}_[\w-]{43}", answer.text)[0]


def test_somebody_makes_and_revokes_a_key(asking):
    client, program = asking(), asking()
    sign_in(client, "Rea")
    form = {"action": "key", "name": "R", "preset": "R and pandas", "days": "30"}
    token = key_of(client.post("/account", data=form, headers=HTML))
    bearer = {"Authorization": f"Bearer {token}"}
    assert program.get("/api/v1/me", headers=bearer).json()["permissions"] == ["read", "export"]
    page = client.get("/account", headers=HTML).text
    assert token not in page
    assert token.split("_")[1] in page
    more = client.post("/account", data={**form, "preset": "nightly"}, headers=HTML)
    assert (more.status_code, "import" in more.text) == (422, True)
    client.post("/account", data={"action": "revoke", "key": token.split("_")[1]})
    assert program.get("/api/v1/me", headers=bearer).status_code == 401


def test_a_reload_makes_no_second_key_and_the_log_has_the_address(asking, home):
    client = asking()
    sign_in(client, "Rea")
    once = re.search(r'name="once" value="([\w-]+)"', client.get("/account", headers=HTML).text)[1]
    form = {"action": "key", "name": "R", "preset": "R and pandas", "days": "30", "once": once}
    key = key_of(client.post("/account", data=form, headers=HTML))
    again = client.post("/account", data=form, headers=HTML)
    assert (again.status_code, "done already" in again.text) == (409, True)
    client.post("/account", data={"action": "revoke", "key": key.split("_")[1]})
    client.get("/export", headers=HTML)
    client.get("/api/v1/exports")
    logged = [(one.action, one.address) for one in list_audit(home, limit=9).items][:3]
    address = "testclient"
    assert logged == [("revoke key", address), ("add key", address), ("sign in", address)]


def test_a_new_password_needs_the_old_one_and_ends_other_logins(asking):
    client, other = asking(), asking()
    sign_in(client, "Rea")
    sign_in(other, "Rea")
    form = {"action": "password", "old": "not this one", "new": "another password"}
    assert client.post("/account", data=form).status_code == 422
    assert client.post("/account", data={**form, "old": PASSWORD}).status_code == 303
    assert client.get("/account", headers=HTML).status_code == 200
    assert other.get("/account", headers=HTML).status_code == 303
    assert sign_in(other, "Rea").status_code == 401
    assert sign_in(other, "Rea", "another password").status_code == 303


def test_somebody_ends_their_other_logins(asking):
    client, other = asking(), asking()
    sign_in(client, "Rea")
    sign_in(other, "Rea")
    assert "Sign the others out" in client.get("/account", headers=HTML).text
    assert client.post("/account", data={"action": "logins"}).status_code == 303
    assert client.get("/account", headers=HTML).status_code == 200
    assert other.get("/account", headers=HTML).status_code == 303


def test_an_administrator_manages_accounts(asking, home):
    client, new = asking(), asking()
    sign_in(client)
    added = client.post("/accounts", data={"action": "add", "name": "Ben", "role": "editor"})
    assert added.headers["Cache-Control"] == "no-store"
    password = re.search(r'id="made-password" value="([^"]+)"', added.text)[1]
    assert sign_in(new, "Ben", password).status_code == 303
    ben = next(one.id for one in list_accounts(home) if one.name == "Ben")
    client.post("/accounts", data={"action": "role", "account": ben, "role": "reader"})
    assert new.get("/api/v1/me").json()["permissions"] == ["read", "export"]
    again = client.post("/accounts", data={"action": "password", "account": ben})
    assert password not in again.text
    assert new.get("/api/v1/me").status_code == 401
    client.post("/accounts", data={"action": "disable", "account": ben})
    login = begin_login(home, ben, now=clock.now(), address=None)
    cookie = {"Cookie": f"{LOGIN_COOKIE}={login.token}"}
    assert new.get("/api/v1/me", headers=cookie).status_code == 401
    client.post("/accounts", data={"action": "enable", "account": ben})
    assert next(one for one in list_accounts(home) if one.id == ben).disabled_at is None
    listed = client.get("/accounts.json").json()["accounts"]
    assert [one["name"] for one in listed] == ["Ada", "Ben", "Rea"]
    actions = [one["action"] for one in client.get("/audit.json").json()["audit"]]
    assert {"add account", "change account", "disable account", "set password"} <= set(actions)
    assert client.get("/audit.csv").text.startswith("id,at,actor")
    assert "Log of use" in client.get("/audit", headers=HTML).text


def test_the_last_administrator_stays(asking, home):
    client = asking()
    sign_in(client)
    ada = next(one.id for one in list_accounts(home) if one.name == "Ada")
    answer = client.post("/accounts", data={"action": "disable", "account": ada}, headers=HTML)
    assert (answer.status_code, "only account" in answer.text) == (409, True)


def test_a_reader_sees_no_accounts(asking):
    client = asking()
    sign_in(client, "Rea")
    for path in ("/accounts", "/accounts.csv", "/audit", "/audit.json"):
        assert client.get(path).status_code == 403


def test_whoever_sits_at_the_computer_makes_keys_for_no_person(client):
    form = {"action": "key", "name": "nightly", "preset": "nightly", "days": "1"}
    key_of(client.post("/account", data=form, headers=HTML))
    assert "nightly" in client.get("/account", headers=HTML).text
    assert client.post("/account", data={"action": "logins"}).status_code == 403
