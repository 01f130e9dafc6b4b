"""Claims with their verdicts, as they are listed; no look at a frozen claim is logged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.services.claims.claims import (
    ClaimFilter,
    ClaimState,
    claims_at_hand,
    iterate_claims,
)
from presslens.app.services.claims.families import MOST_CLAIMS, judge_claims
from presslens.app.services.claims.verdicts import claim_verdict
from presslens.pipelines.statistics.corrections import Correction

COLUMNS = (
    "id", "key", "version", "statement", "rule", "publication", "from", "to", "source", "note",
    "seeded", "frozen_at", "verdict", "n", "reasons", "p_true_adjusted", "p_false_adjusted",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClaimQuery:
    """Which claims are listed, and how they are judged; None means any."""

    criteria: ClaimFilter  # newspaper and days
    source: str | None = None  # the claim's source
    # Contained in the statement, the source, the note or the key; letter case is ignored.
    text: str | None = None
    state: str | None = None  # a verdict, or "frozen"
    # How all of them are corrected for each other; None: each is judged alone.
    family: Correction | None = None

    def admits(self, claim: ClaimState) -> bool:
        """Return whether a claim is listed, whatever its verdict is."""
        if self.source is not None and claim.source != self.source:
            return False
        if self.state == "frozen" and claim.registration is None:
            return False
        if self.family is not None and claim.registration is not None:
            return False
        texts = (claim.statement, claim.source, claim.note or "", claim.key)
        return self.text is None or any(self.text.lower() in one.lower() for one in texts)


def claim_documents(home: Installation, asked: ClaimQuery) -> Iterator[dict[str, Any]]:
    """Yield each claim with its verdict, as soon as it is judged; those with editions come first.

    ``verdict`` is None for a frozen claim whose verdict nobody has looked at as it is today.
    """
    present, absent = parted(home, asked)
    if asked.family is not None:
        absent = []  # claims about days without editions have no chance to be wrong
    yield from judged(home, [*present, *absent], asked)


def parted(home: Installation, asked: ClaimQuery) -> tuple[list[ClaimState], list[ClaimState]]:
    """Return the claims of whose days an edition is at hand, and the others; neither is judged."""
    claims = [claim for claim in _claims(home, asked) if asked.admits(claim)]
    at_hand = claims_at_hand(home, claims)
    return (
        [claim for claim in claims if claim.id in at_hand],
        [claim for claim in claims if claim.id not in at_hand],
    )


def judged(
    home: Installation, claims: list[ClaimState], asked: ClaimQuery
) -> Iterator[dict[str, Any]]:
    """Yield claims with their verdicts, those whose verdict is asked for."""
    if asked.family is not None and claims:
        documents = _together(home, claims, asked.family)
    else:
        documents = (_alone(home, claim) for claim in claims)
    for document in documents:
        if asked.state in (None, "frozen") or document["verdict"] == asked.state:
            yield document


def claim_rows(documents: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield claims with their verdicts as rows of ``COLUMNS``."""
    for one in documents:
        yield {**one, "reasons": "; ".join(one["reasons"])}


def _claims(home: Installation, asked: ClaimQuery) -> list[ClaimState]:
    return list(islice(iterate_claims(home, asked.criteria), MOST_CLAIMS))


def _alone(home: Installation, claim: ClaimState) -> dict[str, Any]:
    found = claim_verdict(home, claim.id, now=clock.now(), log=False, details=False)
    if not found.repeats_last_look:
        return {**claim.to_json(), "verdict": None, "n": None, "reasons": []}
    return {**claim.to_json(), **_told(found.to_json())}


def _told(verdict: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("verdict", "n", "reasons", "comparisons", "comparisons_left_out", "level", "recipe")
    return {key: verdict[key] for key in kept}


def _together(
    home: Installation, claims: list[ClaimState], correction: Correction
) -> Iterator[dict[str, Any]]:
    family = judge_claims(home, claims, correction=correction).to_json()["claims"]
    for claim, member in zip(claims, family, strict=True):
        yield {
            **_alone(home, claim),
            "verdict": member["verdict"],
            "verdict_alone": member["verdict_alone"],
            "p_true_adjusted": member["p_true_adjusted"],
            "p_false_adjusted": member["p_false_adjusted"],
        }
