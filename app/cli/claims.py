"""``presslens claims``: test what is claimed of editions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from app import clock
from app.api import links
from app.cli.console import emit_json, out, progress
from app.cli.options import JsonOption
from app.installation import Installation, open_installation
from app.services.claims.claims import (
    ClaimFilter,
    ClaimState,
    NewClaim,
    add_claim,
    claim_named,
    find_claim,
    iterate_claims,
    remove_claim,
)
from app.services.claims.verdicts import ClaimVerdict, claim_verdict, judge_rule
from app.settings import Settings
from pipelines.statistics.claim.quantity import TruthValue

cli = typer.Typer()

COLOURS = {TruthValue.TRUE: "green", TruthValue.FALSE: "red", TruthValue.UNDECIDED: "yellow"}
LARGEST = 2**31 - 1
MOST_SHOWN = 12

ClaimArgument = Annotated[str, typer.Argument(help="Its key, or the id of a version.")]
RuleArgument = Annotated[str, typer.Argument(help="For instance: photos > 100")]
ClaimPublicationOption = Annotated[str, typer.Option(help="The newspaper.")]
ClaimFirstOption = Annotated[
    datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day that it is about.")
]
ClaimLastOption = Annotated[
    datetime | None,
    typer.Option("--to", formats=["%Y-%m-%d"], help="Last day; without it, the first one."),
]


@cli.callback(invoke_without_command=True)
def claims(context: typer.Context, as_json: JsonOption = False) -> None:
    """Test what is claimed of editions. Without a command: list the stored claims."""
    if context.invoked_subcommand is None:
        list_all(as_json=as_json)


@cli.command("list")
def list_all(
    publication: Annotated[str | None, typer.Option(help="Only of this newspaper.")] = None,
    versions: Annotated[bool, typer.Option("--versions", help="Old versions too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the stored claims."""
    with open_installation(Settings()) as home:
        claims = list(iterate_claims(home, ClaimFilter(publication, versions=versions)))
    if as_json:
        emit_json([claim.to_json() for claim in claims])
        return
    table = Table("id", "key", "days", "statement", "rule")
    for claim in claims:
        table.add_row(
            str(claim.id),
            _key(claim),
            _days(claim.first.isoformat(), claim.last.isoformat()),
            escape(claim.statement),
            escape(claim.rule),
        )
    out.print(table)


@cli.command("add")
def add(
    rule: RuleArgument,
    statement: Annotated[str, typer.Option(help="What is claimed, in words.")],
    publication: ClaimPublicationOption,
    first: ClaimFirstOption,
    last: ClaimLastOption = None,
    source: Annotated[str, typer.Option(help="Who claims it, and where.")] = "",
    note: Annotated[str | None, typer.Option(help="How the rule reads the source.")] = None,
    key: Annotated[
        str | None, typer.Option(help="Small letters, digits, hyphens; again: a new version.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Keep a claim."""
    days = first.date(), (last or first).date()
    new = NewClaim(statement, rule, publication, *days, source=source, note=note, key=key)
    with open_installation(Settings()) as home:
        claim_id, created = add_claim(home, new, now=clock.now())
        claim = find_claim(home, claim_id)
    if as_json:
        emit_json({**claim.to_json(), "created": created})
    else:
        out.print(f"claim {claim.id}: {_key(claim)} is {'kept' if created else 'there already'}")


@cli.command("check")
def check(
    rule: RuleArgument,
    publication: ClaimPublicationOption,
    first: ClaimFirstOption,
    last: ClaimLastOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge a rule without keeping it."""
    days = first.date(), (last or first).date()
    with open_installation(Settings()) as home:
        judgement = judge_rule(home, rule, publication, *days)
    if as_json:
        emit_json(links.verdict_document(judgement.to_json()))
    else:
        _show(judgement)


@cli.command("verdict")
def verdict(
    claim: Annotated[str | None, typer.Argument(help="Its key, or the id of a version.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All claims, as a table.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Judge a claim: true, false or undecided, and why."""
    if (claim is None) is not every:
        raise typer.BadParameter("name a claim, or give --all")
    with open_installation(Settings()) as home:
        claims = [_find(home, claim)] if claim else list(iterate_claims(home, ClaimFilter()))
        with progress("judging") as bar:
            verdicts = [claim_verdict(home, one.id) for one in bar.track(claims)]
    documents = [links.verdict_document(one.to_json()) for one in verdicts]
    if as_json:
        emit_json(documents if every else documents[0])
    elif every:
        _table(list(zip(claims, verdicts, strict=True)))
    else:
        one, result = claims[0], verdicts[0]
        out.print(f"[bold]{_key(one)}[/bold]: {escape(one.statement)}")
        _show(result)
        out.print(f"source: {escape(one.source)}" + (f"; {escape(one.note)}" if one.note else ""))


@cli.command("remove")
def remove(claim: ClaimArgument, as_json: JsonOption = False) -> None:
    """Remove a claim of yours with all its versions."""
    with open_installation(Settings()) as home:
        result = _find(home, claim)
        remove_claim(home, result.id)
    if as_json:
        emit_json({"removed": result.key})
    else:
        out.print(f"{result.key} is removed")


def _find(home: Installation, text: str) -> ClaimState:
    if text.isascii() and text.isdigit() and 0 < int(text[:11]) <= LARGEST:
        return find_claim(home, int(text[:11]))
    return claim_named(home, text)


def _key(claim: ClaimState) -> str:
    old = "" if claim.latest else ", an old one"
    return claim.key if claim.version == 1 else f"{claim.key} (version {claim.version}{old})"


def _days(first: str, last: str) -> str:
    return first if first == last else f"{first} – {last}"


def _coloured(truth: TruthValue) -> str:
    return f"[{COLOURS[truth]}]{truth.value}[/{COLOURS[truth]}]"


def _show(judgement: ClaimVerdict) -> None:
    result = judgement.verdict
    days = _days(judgement.first.isoformat(), judgement.last.isoformat())
    about = escape(f"{result.rule} ({judgement.publication}, {days})")
    out.print(f"{_coloured(result.truth)}: {about}")
    for reason in result.reasons:
        out.print(f"  {escape(reason)}")
    photos = [photo for one in judgement.evidence for photo in one.photos]
    if photos:
        ids = ", ".join(str(i) for i in dict.fromkeys(photo.id for photo in photos[:MOST_SHOWN]))
        out.print(f"photos to look at: {ids}")
    out.print(
        f"editions: {result.n}, pages analysed: {judgement.pages_seen} of {judgement.pages},"
        f" editions before: {result.baseline}\n"
        f"recipe {judgement.recipe_id[:16]}, rule {result.version[:16]}"
    )


def _table(judged: list[tuple[ClaimState, ClaimVerdict]]) -> None:
    table = Table()
    table.add_column("claim", overflow="fold")
    for heading in ("days", "verdict", "why"):
        table.add_column(heading)
    for claim, judgement in judged:
        reasons = judgement.verdict.reasons
        table.add_row(
            f"{_key(claim)}\n{escape(claim.statement)}",
            _days(claim.first.isoformat(), claim.last.isoformat()),
            _coloured(judgement.verdict.truth),
            escape("\n".join(reasons[:2])),
        )
    counts = {t: sum(result.verdict.truth is t for _, result in judged) for t in TruthValue}
    table.caption = ", ".join(f"{n} {truth.value}" for truth, n in counts.items())
    out.print(table)
