"""The names of coders: of accounts that may answer, and of all who have answered or are to."""

from __future__ import annotations

from sqlalchemy import select

from presslens.app.db.accounts import AccountRow
from presslens.app.db.page_reviews import PageReviewRow
from presslens.app.db.reviews import ReviewRow
from presslens.app.db.samples import SampleRow
from presslens.app.installation import Installation
from presslens.app.platform.permissions import Permission


def coder_names(home: Installation) -> list[str]:
    """Return the names of coders, for forms that ask for one."""
    with home.database.read() as session:
        accounts = session.scalars(select(AccountRow).where(AccountRow.disabled_at.is_(None)))
        names = {row.name for row in accounts if Permission.REVIEW in row.role.permissions}
        for column in (ReviewRow.coder, PageReviewRow.coder):
            names |= set(session.scalars(select(column).distinct()))
        names = names.union(*session.scalars(select(SampleRow.coders)))
    return sorted(names, key=str.casefold)
