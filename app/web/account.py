"""One's own account: its keys, its password, and the browsers that are signed in with it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from presslens.app.api.access import LOGIN_COOKIE, address_of, identity_of, needs
from presslens.app.api.accounts import key_owner
from presslens.app.api.params import Home
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.platform.errors import InvalidRequest, NotPermitted
from presslens.app.platform.permissions import PRESETS, Permission
from presslens.app.platform.text import LONGEST_NAME, fold_name
from presslens.app.services.accounts.accounts import AccountChange, change_account
from presslens.app.services.accounts.identity import Identity, Via
from presslens.app.services.accounts.keys import (
    LONGEST_DAYS,
    NewApiKey,
    add_key,
    list_keys,
    revoke_key,
)
from presslens.app.services.accounts.logins import (
    begin_login,
    end_other_logins,
    has_password,
    list_logins,
)
from presslens.app.services.accounts.passwords import LONGEST, SHORTEST
from presslens.app.web.login import set_login
from presslens.app.web.page_router import PageRouter, Render
from presslens.models.message import Message

router = PageRouter()

Word = Annotated[str, Form(max_length=LONGEST)]


@router.page("/account", twins=())
@needs(Permission.READ)
def show_account(home: Home, render: Render, request: Request) -> Response:
    """Show who one is here, one's keys and logins."""
    return _page(home, render, identity_of(request))


@router.post("/account", max_body_size=2**16)
@needs(Permission.READ)
def change_own_account(
    home: Home,
    render: Render,
    request: Request,
    action: Annotated[Literal["key", "revoke", "password", "logins"], Form()],
    name: Annotated[str, Form(max_length=LONGEST_NAME)] = "",
    preset: Annotated[str, Form(max_length=LONGEST_NAME)] = "",
    days: Annotated[int, Form(ge=1, le=LONGEST_DAYS)] = 90,
    key: Annotated[str, Form(max_length=16)] = "",
    once: Annotated[str, Form(max_length=32)] = "",
    old: Word = "",
    new: Word = "",
) -> Response:
    """Make a key, which is shown once; revoke one; change the password; end other logins."""
    who, now = identity_of(request), clock.now()
    if action == "key":
        scopes = PRESETS.get(preset, frozenset())
        owner = key_owner(who, None)
        with request.app.state.done_forms.once(once):
            made = add_key(home, name, scopes=scopes, days=days, account=owner, by=who, now=now)
        return _page(home, render, who, made=made)
    answer = RedirectResponse("/account", status_code=303)
    if action == "revoke":
        revoke_key(home, key, by=who, now=now)
    elif action == "logins":
        end_other_logins(home, _signed_in(who), keep=request.cookies.get(LOGIN_COOKIE, ""))
    else:
        _change_password(home, request, answer, old, new)
    return answer


def _change_password(
    home: Installation, request: Request, answer: Response, old: str, new: str
) -> None:
    """Set another password; all logins end, and this browser gets another one.

    Raises:
        NotPermitted: Nobody has signed in.
        InvalidRequest: The old password is another one, or the new one can't be used.
        TooManyRequests: Too many old passwords were tried.
    """
    who, now = identity_of(request), clock.now()
    account = _signed_in(who)
    request.app.state.rate_limits.count_try(address_of(request), f"name {fold_name(who.label)}")
    if not has_password(home, account, old):
        raise InvalidRequest(Message("the old password is another one: nothing was changed"))
    change_account(home, account, AccountChange(password=new), by=who, now=now)
    set_login(answer, begin_login(home, account, now=now, address=who.address))


def _signed_in(who: Identity) -> int:
    """Return the account of who has signed in.

    Raises:
        NotPermitted: Nobody has: whoever sits at this machine, and keys, have no logins.
    """
    if who.via is not Via.LOGIN or who.account_id is None:
        raise NotPermitted(Message("this is for who has signed in, with a name and a password"))
    return who.account_id


def _page(
    home: Installation, render: Render, who: Identity, *, made: NewApiKey | None = None
) -> Response:
    own = who.account_id is not None
    base = render.request.base_url
    answer = render(
        "account.html",
        section="account",
        keys=list_keys(home, account_id=who.account_id),
        logins=list_logins(home, who.account_id) if who.account_id is not None else [],
        own=own,
        permissions=[one for one in Permission if who.may(one)],
        made=made,
        server=str(base).rstrip("/"),
        presets=[name for name, scopes in PRESETS.items() if scopes <= who.permissions],
        scopes_of=PRESETS,
        shortest=SHORTEST,
        longest=LONGEST,
        longest_days=LONGEST_DAYS,
        now=clock.now(),
    )
    if made is not None:
        answer.headers["Cache-Control"] = "no-store"
    return answer
