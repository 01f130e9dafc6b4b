"""The accounts of an installation, for who may manage them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from presslens.app.api.access import identity_of, needs, shows_secret
from presslens.app.api.accounts import AccountList
from presslens.app.api.csv_response import table_of
from presslens.app.api.params import Home
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.platform.permissions import AccountRole, Permission
from presslens.app.platform.questions import MOST
from presslens.app.platform.text import LONGEST_NAME
from presslens.app.services.accounts.accounts import (
    Account,
    AccountChange,
    add_account,
    change_account,
    list_accounts,
)
from presslens.app.services.accounts.invitations import (
    LASTS,
    NewInvitation,
    invite,
    list_invitations,
    revoke_invitation,
)
from presslens.app.services.accounts.passwords import new_password
from presslens.app.services.reviews.coder_names import coder_names
from presslens.app.web.page_router import PageRouter, Render, Rows

router = PageRouter()


@router.page("/accounts")
@needs(Permission.ADMIN)
def show_accounts(home: Home, render: Render) -> Response:
    """Show who has an account, and what they may do."""
    return _page(home, render)


@router.post("/accounts", max_body_size=2**16)
@needs(Permission.ADMIN)
@shows_secret
def manage_accounts(
    home: Home,
    render: Render,
    request: Request,
    action: Annotated[
        Literal["add", "role", "disable", "enable", "password", "invite", "revoke"], Form()
    ],
    name: Annotated[str, Form(max_length=LONGEST_NAME)] = "",
    role: Annotated[AccountRole, Form()] = AccountRole.READER,
    account: Annotated[int, Form(ge=0, le=MOST)] = 0,
    invitation: Annotated[str, Form(max_length=16)] = "",
    once: Annotated[str, Form(max_length=32)] = "",
) -> Response:
    """Add, invite or change an account; what is secret is shown in the answer alone."""
    by, now, password = identity_of(request), clock.now(), new_password()
    if action == "add":
        with request.app.state.done_forms.once(once):
            added = add_account(home, name, role=role, password=password, by=by, now=now)
        return _page(home, render, of=added, password=password)
    if action == "password":
        change = AccountChange(password=password)
        with request.app.state.done_forms.once(once):
            changed = change_account(home, account, change, by=by, now=now)
        return _page(home, render, of=changed, password=password)
    if action == "invite":
        with request.app.state.done_forms.once(once):
            invited = invite(home, name, role=role, by=by, now=now)
        return _page(home, render, invited=invited)
    if action == "revoke":
        revoke_invitation(home, invitation, by=by, now=now)
    else:
        change = AccountChange(role=role) if action == "role" else AccountChange(
            enabled=action == "enable"
        )  # fmt: skip
        change_account(home, account, change, by=by, now=now)
    return RedirectResponse("/accounts", status_code=303)


def _page(
    home: Installation,
    render: Render,
    *,
    of: Account | None = None,
    password: str | None = None,
    invited: NewInvitation | None = None,
) -> Response:
    accounts = list_accounts(home)
    answer = render(
        "accounts.html",
        document=lambda: AccountList(accounts),
        table=lambda: Rows(*table_of(Account, accounts)),
        section="accounts",
        accounts=accounts,
        roles=list(AccountRole),
        of=of,
        password=password,
        invitations=list_invitations(home),
        invited=invited,
        coders=lambda: coder_names(home),
        lasts=LASTS.days,
        server=str(render.request.base_url).rstrip("/"),
        now=clock.now(),
        required=home.settings.login_required,
    )
    if password is not None or invited is not None:
        answer.headers["Cache-Control"] = "no-store"
    return answer
