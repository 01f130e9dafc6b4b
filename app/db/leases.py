"""The table of leases: which worker does which piece of work, and until when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from presslens.app.db.columns import NAME, SHA, JobKind, Table, choice
from presslens.app.db.types import Moment


class LeaseRow(Table):
    """A worker's lease of one piece of work until ``until_at``; a second lease does no harm.

    ``key`` is the id of the row that the work is about: an edition, a scan, a reference, a label
    or an outcome, by ``kind``. ``version`` hashes what the result depends on beside that row.
    ``attempts`` counts the leases, ``failures`` the times that the work failed.
    """

    __tablename__ = "lease"

    kind: Mapped[JobKind] = mapped_column(choice(JobKind, "kind", checked=False), primary_key=True)
    key: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[str] = mapped_column(SHA, primary_key=True)
    owner: Mapped[str] = mapped_column(NAME, index=True)
    until_at: Mapped[datetime] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=1)
    failures: Mapped[int] = mapped_column(default=0)
