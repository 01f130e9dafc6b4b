"""``presslens users`` and ``presslens keys``: what they print is what the API answers."""

from presslens.app.platform import clock
from presslens.app.services.accounts.accounts import list_accounts
from presslens.app.services.accounts.identity import SHELL
from presslens.app.services.accounts.keys import identify_key, list_keys
from presslens.app.services.accounts.logins import sign_in
from presslens.app.services.accounts.share_links import find_link, list_links

from .conftest import document, invoke, printed


def test_the_first_administrator(installed):
    def may_sign_in(name, password):
        return sign_in(installed, name, password, now=clock.now(), address=None) is not None

    made = document("users", "add", "Ada", "--role", "admin")
    password = made.pop("password")
    assert made == list_accounts(installed)[0].to_json()
    assert may_sign_in("Ada", password)
    document("users", "add", "Ben", "--password-stdin", typed="battery staple horse\n")
    assert may_sign_in("Ben", "battery staple horse")
    assert document("users", "role", "Ben", "editor")["role"] == "editor"
    assert document("users", "disable", "Ben")["disabled_at"]
    assert not may_sign_in("Ben", "battery staple horse")
    assert document("users", "enable", "Ben")["disabled_at"] is None
    assert may_sign_in("Ben", document("users", "password", "Ben")["password"])
    assert [one["name"] for one in document("users", "list")["accounts"]] == ["Ada", "Ben"]


def test_keys_of_programs(installed):
    made = document("keys", "add", "my R", "--scope", "read,export", "--days", "365")
    token = made.pop("token")
    assert made == list_keys(installed)[0].to_json()
    assert identify_key(installed, token, now=clock.now()).permissions == {"read", "export"}
    nightly = document("keys", "add", "the night", "--preset", "nightly")
    assert nightly["scopes"] == ["read", "import"]
    assert len(document("keys", "list")["keys"]) == 2
    assert document("keys", "revoke", made["id"])["revoked_at"]
    assert identify_key(installed, token, now=clock.now()) is None


def test_share_links(installed):
    made = document("links", "add", "/gallery?zone=front", "--days", "3", "--note", "for Jo")
    token = made.pop("path").removeprefix("/s/")
    assert made == list_links(installed, by=SHELL)[0].to_json()
    assert find_link(installed, token, now=clock.now()).target == "/gallery?zone=front"
    told = document("links", "add", "/gallery", "--password-stdin", typed="a word for Jo\n")
    assert told["has_password"]
    assert len(document("links", "list")["links"]) == 2
    assert document("links", "revoke", made["id"])["revoked_at"]
    assert find_link(installed, token, now=clock.now()) is None
    assert "for Jo" in printed("links", "list")


def test_keys_that_are_not_made(installed):
    for words in (
        ("--scope", "read,everything"), ("--scope", ","), ("--preset", "root"), (),
        ("--scope", "read", "--preset", "nightly"), ("--scope", "read", "--days", "367"),
    ):  # fmt: skip
        invoke("keys", "add", "R", *words, code=2)
    assert list_keys(installed) == []


def test_for_people(installed):
    told = printed("users", "add", "Ada", "--role", "admin")
    assert "Ada can sign in, as admin" in told
    assert "Password, shown this once: " in told
    told = printed("keys", "add", "R", "--scope", "read")
    assert "The key, shown this once: pl_" in told
    assert "Authorization: Bearer pl_" in told
    assert "Ada" in printed("users", "list")
    assert "read" in printed("keys", "list")
