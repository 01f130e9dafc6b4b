"""The table of the workers that run, on whichever machine."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from presslens.app.db.columns import NAME, Table
from presslens.app.db.types import Moment


class WorkerRow(Table):
    """A worker, from its start until it ends in good order; one that is lost stays, silent.

    ``owner`` is its name in the leases: machine, process, and a part that tells it from others.
    ``metrics`` is the text of its metrics in the exposition format of Prometheus.
    """

    __tablename__ = "worker"

    owner: Mapped[str] = mapped_column(NAME, primary_key=True)
    version: Mapped[str] = mapped_column(NAME)
    started_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    metrics: Mapped[str] = mapped_column(Text, server_default="")
