"""``presslens users`` and ``presslens keys``: what they print is what the API answers."""

import json

import pytest
from typer.testing import CliRunner

from presslens.app.cli import cli
from presslens.app.installation import open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.services.accounts.accounts import list_accounts
from presslens.app.services.accounts.identity import SHELL
from presslens.app.services.accounts.keys import identify_key, list_keys
from presslens.app.services.accounts.logins import sign_in
from presslens.app.services.accounts.share_links import find_link, list_links


@pytest.fixture
def home(scripted):
    """Return the installation that the commands work on."""
    with open_installation(Settings()) as opened:
        yield opened


@pytest.fixture
def run(home):
    """Return a function that runs a command and returns what it prints as JSON."""

    def invoke(*words, code=0, **more):
        result = CliRunner().invoke(cli, [*words, "--json"], **more)
        assert result.exit_code == code, result.output
        return json.loads(result.stdout) if code == 0 else result.output

    return invoke


def test_the_first_administrator(run, home):
    made = run("users", "add", "Ada", "--role", "admin")
    password = made.pop("password")
    assert made == list_accounts(home)[0].to_json()
    now = clock.now()
    assert sign_in(home, "Ada", password, now=now, address=None).account.name == "Ada"
    run("users", "add", "Ben", "--password-stdin", input="battery staple horse\n")
    assert sign_in(home, "Ben", "battery staple horse", now=now, address=None) is not None
    assert run("users", "role", "Ben", "editor")["role"] == "editor"
    assert run("users", "disable", "Ben")["disabled_at"]
    assert sign_in(home, "Ben", "battery staple horse", now=now, address=None) is None
    assert run("users", "enable", "Ben")["disabled_at"] is None
    other = run("users", "password", "Ben")["password"]
    assert sign_in(home, "Ben", other, now=clock.now(), address=None) is not None
    assert [one["name"] for one in run("users", "list")["accounts"]] == ["Ada", "Ben"]


def test_keys_of_programs(run, home):
    made = run("keys", "add", "my R", "--scope", "read,export", "--days", "365")
    token = made.pop("token")
    assert made == list_keys(home)[0].to_json()
    assert identify_key(home, token, now=clock.now()).permissions == {"read", "export"}
    nightly = run("keys", "add", "the night", "--preset", "nightly")
    assert nightly["scopes"] == ["read", "import"]
    assert len(run("keys", "list")["keys"]) == 2
    assert run("keys", "revoke", made["id"])["revoked_at"]
    assert identify_key(home, token, now=clock.now()) is None


def test_share_links(run, home):
    made = run("links", "add", "/gallery?zone=front", "--days", "3", "--note", "for Jo")
    path = made.pop("path")
    assert made == list_links(home, by=SHELL)[0].to_json()
    token = path.removeprefix("/s/")
    assert find_link(home, token, now=clock.now()).target == "/gallery?zone=front"
    with_password = run("links", "add", "/gallery", "--password-stdin", input="a word for Jo\n")
    assert with_password["has_password"]
    assert len(run("links", "list")["links"]) == 2
    assert run("links", "revoke", made["id"])["revoked_at"]
    assert find_link(home, token, now=clock.now()) is None
    assert "for Jo" in CliRunner().invoke(cli, ["links", "list"]).output


@pytest.mark.parametrize(
    "words",
    [
        ("--scope", "read,everything"),
        ("--scope", ","),
        ("--preset", "root"),
        ("--scope", "read", "--preset", "nightly"),
        (),
        ("--scope", "read", "--days", "367"),
    ],
)
def test_keys_that_are_not_made(run, home, words):
    run("keys", "add", "R", *words, code=2)
    assert list_keys(home) == []


def test_for_people(home):
    told = CliRunner().invoke(cli, ["users", "add", "Ada", "--role", "admin"]).output
    assert "Ada can sign in, as admin" in told
    assert "Password, shown this once: " in told
    told = CliRunner().invoke(cli, ["keys", "add", "R", "--scope", "read"]).output
    assert "The key, shown this once: pl_" in told
    assert "Authorization: Bearer pl_" in told
    assert "Ada" in CliRunner().invoke(cli, ["users", "list"]).output
    assert "read" in CliRunner().invoke(cli, ["keys", "list"]).output
