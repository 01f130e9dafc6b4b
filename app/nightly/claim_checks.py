"""Checks registered claims after a night: what each verdict is, and was the night before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import select

from presslens.app.db.claims import ClaimRegistrationRow
from presslens.app.db.nightly import NightlyRunRow
from presslens.app.installation import Installation
from presslens.app.services.claims.claims import find_claim
from presslens.app.services.claims.registrations import Look, log_look
from presslens.app.services.claims.verdicts import ClaimVerdict, claim_verdict
from presslens.models.errors import PresslensError
from presslens.models.message import Message
from presslens.pipelines.result import Served


@dataclass(frozen=True, slots=True)
class ClaimCheck(Served):
    """The verdict on a registered claim after a night."""

    SERVED: ClassVar[str] = """
        id=claim_id claim=key version statement verdict editions recipe=recipe_id before
        changed reasons
    """

    claim_id: int  # id of the version
    key: str  # the claim's key
    version: int
    statement: str  # the claim in words
    verdict: str  # its truth value, "true", "false" or "undecided"; "unknown" where it failed
    editions: int  # number of editions that the verdict rests on
    recipe_id: str  # the recipe of the numbers
    before: str | None  # the verdict of the night before; None: it was not checked then
    reasons: tuple[str, ...]  # why it changed, and what the verdict rests on

    @property
    def changed(self) -> bool:
        """Whether the verdict is another one than the night before."""
        return self.before is not None and self.before != self.verdict

    @property
    def is_first(self) -> bool:
        """Whether no night has checked it before."""
        return self.before is None


UNKNOWN = "unknown"


def check_claims(home: Installation, *, now: datetime) -> list[ClaimCheck]:
    """Return the verdicts on all registered claims; a look that tells something new is logged."""
    with home.database.read() as session:
        ids = session.scalars(
            select(ClaimRegistrationRow.claim_id).order_by(ClaimRegistrationRow.claim_id)
        ).all()
    before = _night_before(home) if ids else {}
    return [_check(home, claim_id, before.get(claim_id), now) for claim_id in ids]


def _night_before(home: Installation) -> dict[int, Mapping[str, Any]]:
    """Return the checks of the latest night that made some, by the claim's id."""
    query = (
        select(NightlyRunRow.document)
        .where(NightlyRunRow.ended_at.is_not(None))
        .order_by(NightlyRunRow.id.desc())
    )
    with home.database.read() as session:
        for document in session.scalars(query):
            if document and document.get("claims"):
                return {check["id"]: check for check in document["claims"]}
    return {}


def _check(
    home: Installation, claim_id: int, before: Mapping[str, Any] | None, now: datetime
) -> ClaimCheck:
    claim = find_claim(home, claim_id)
    was = before["verdict"] if before else None
    reasons: tuple[str, ...]
    try:
        checked = claim_verdict(home, claim_id, now=now, log=False, details=False)
    except PresslensError as error:  # one claim that can't be checked keeps no other from it
        verdict, n, reasons = UNKNOWN, 0, (str(error),)
    else:
        verdict, n = checked.verdict.truth.value, checked.verdict.n
        reasons = checked.verdict.reasons
        if not checked.repeats_last_look:
            log_look(home, claim_id, Look(now, checked.recipe_id, n, checked.verdict.truth))
        if before is not None and was != verdict:
            reasons = (_why(before, checked), *reasons)
    named = (claim.key, claim.version, claim.statement)
    return ClaimCheck(claim_id, *named, verdict, n, home.recipe.id, was, reasons)


def _why(before: Mapping[str, Any], checked: ClaimVerdict) -> Message:
    """Return what is different from the night before, as far as it explains another verdict."""
    if before["recipe"] != checked.recipe_id:
        return Message("the recipe is another one than the night before")
    if before["editions"] != checked.verdict.n:
        return Message(
            "editions that it rests on: %(now)s; the night before: %(before)s",
            now=checked.verdict.n,
            before=before["editions"],
        )
    return Message(
        "it rests on as many editions as the night before: what is known of their photos changed,"
        " by reviews, corrections, figures or labels"
    )
