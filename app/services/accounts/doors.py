"""What must be there before others than this machine may reach an installation."""

from __future__ import annotations

from app.errors import NotPermitted
from app.installation import Installation
from app.services.accounts.accounts import has_admin


def check_doors(home: Installation) -> None:
    """Check that an installation that asks for logins has somebody who can give them.

    Raises:
        NotPermitted: It has no administrator.
    """
    if home.settings.login_required and not has_admin(home):
        raise NotPermitted(
            f"the server on {home.settings.host} would ask everybody to sign in, and nobody can:"
            " run `presslens users add NAME --role admin` first"
        )
