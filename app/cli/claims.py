"""``presslens claims``: test what is claimed of editions."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer
from rich.markup import escape

from presslens.app.api import links
from presslens.app.cli.console import emit_json, out, say
from presslens.app.cli.days import DAY, read_day
from presslens.app.cli.options import FirstOption, JsonOption, LastOption
from presslens.app.cli.progress import progress
from presslens.app.cli.tables import ReadableTable, print_table
from presslens.app.installation import Installation, open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.services.catalogue.scope import check_publication
from presslens.app.services.claims.claims import (
    ClaimFilter,
    ClaimState,
    NewClaim,
    add_claim,
    claim_named,
    find_claim,
    iterate_claims,
    remove_claim,
)
from presslens.app.services.claims.families import FamilyVerdict, check_family
from presslens.app.services.claims.registrations import ClaimTest, freeze_claim
from presslens.app.services.claims.verdicts import ClaimVerdict, claim_verdict, judge_rule
from presslens.pipelines.statistics.claim.context import LEVEL
from presslens.pipelines.statistics.claim.quantity import TruthValue
from presslens.pipelines.statistics.claim.verdict import WORDS, percent
from presslens.pipelines.statistics.corrections import Correction
from presslens.pipelines.statistics.measure import Inference

cli = typer.Typer()

COLOURS = {TruthValue.TRUE: "green", TruthValue.FALSE: "red", TruthValue.UNDECIDED: "yellow"}
LARGEST = 2**31 - 1
MOST_SHOWN = 12

ClaimArgument = Annotated[str, typer.Argument(help="Its key, or the id of a version.")]
LevelOption = Annotated[
    float | None, typer.Option(help="Largest probability of a wrong verdict; 0.05 is 5 %.")
]
EstimandOption = Annotated[
    Inference | None, typer.Option(help="About these editions, or the newspaper's practice.")
]
RuleArgument = Annotated[str, typer.Argument(help="For instance: photos > 100")]
ClaimPublicationOption = Annotated[str, typer.Option(help="The newspaper.")]
ClaimFirstOption = Annotated[
    date,
    typer.Option("--from", parser=read_day, metavar=DAY, help="First day that it is about."),
]
ClaimLastOption = Annotated[
    date | None,
    typer.Option("--to", parser=read_day, metavar=DAY, help="Last day; without it, the first one."),
]


@cli.callback(invoke_without_command=True)
def claims(context: typer.Context, as_json: JsonOption = False) -> None:
    """Test what is claimed of editions. Without a command: list the stored claims."""
    if context.invoked_subcommand is None:
        list_all(as_json=as_json)


@cli.command("list")
def list_all(
    publication: Annotated[str | None, typer.Option(help="Only of this newspaper.")] = None,
    first: FirstOption = None,
    last: LastOption = None,
    versions: Annotated[bool, typer.Option("--versions", help="Old versions too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the stored claims."""
    with open_installation(Settings()) as home, progress("reading claims"):
        check_publication(home, publication)
        asked = ClaimFilter(publication, versions=versions, first=first, last=last)
        claims = list(iterate_claims(home, asked))
    if as_json:
        emit_json([claim.to_json() for claim in claims])
        return
    if not claims:
        say("there are no such claims: `presslens claims add` keeps one")
        return
    table = ReadableTable.of("id", "days", whole=("id", "days"))
    table.column("key, statement, rule")
    for claim in claims:
        told = f"{_key(claim)}\n{claim.statement}\n{claim.rule}"
        table.add_row(str(claim.id), _days(claim, "\n"), escape(told))
    print_table(table)


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
    freeze: Annotated[bool, typer.Option("--freeze", help="Freeze it at once.")] = False,
    level: LevelOption = None,
    estimand: EstimandOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep a claim; --freeze registers it before its data come in."""
    if not freeze and (level, estimand) != (None, None):
        raise typer.BadParameter("--level and --estimand are kept by --freeze only")
    days = first, last or first
    new = NewClaim(statement, rule, publication, *days, source=source, note=note, key=key)
    with open_installation(Settings()) as home:
        claim_id, created = add_claim(home, new, now=clock.now())
        if freeze:
            freeze_claim(home, claim_id, _test(level, estimand) or ClaimTest(), now=clock.now())
        claim = find_claim(home, claim_id)
    if as_json:
        emit_json({**claim.to_json(), "created": created})
        return
    say(f"claim {claim.id}: {_key(claim)} is {'kept' if created else 'there already'}")
    if freeze:
        _show_registration(claim)


@cli.command("freeze")
def freeze(
    claim: ClaimArgument,
    level: LevelOption = None,
    estimand: EstimandOption = None,
    recipe: Annotated[
        bool, typer.Option("--recipe", help="Freeze the recipe of today as well.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Register a claim before its data come in: its rule, its test, and the time, with a hash."""
    with open_installation(Settings()) as home, progress("freezing", kept="nothing is frozen"):
        test = _test(level, estimand) or ClaimTest()
        found = _find(home, claim)
        freeze_claim(home, found.id, test, recipe=recipe, now=clock.now())
        result = find_claim(home, found.id)
    if as_json:
        emit_json(result.to_json())
    else:
        _show_registration(result)


@cli.command("check")
def check(
    rules: Annotated[
        list[str] | None, typer.Argument(help="A rule, photos > 100; with --family: keys.")
    ] = None,
    publication: Annotated[str | None, typer.Option(help="The newspaper.")] = None,
    first: FirstOption = None,
    last: ClaimLastOption = None,
    family: Annotated[
        bool, typer.Option("--family", help="Judge the claims of these keys together.")
    ] = False,
    every: Annotated[bool, typer.Option("--all", help="Judge all claims together.")] = False,
    correction: Annotated[
        Correction, typer.Option(help="How a family is corrected: holm or bh.")
    ] = Correction.HOLM,
    level: LevelOption = None,
    estimand: EstimandOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge a rule without keeping it, or a family of claims corrected for each other."""
    if family or every:
        if every is bool(rules) or (publication, first, last, estimand) != (None,) * 4:
            raise typer.BadParameter("name the keys after --family, or give --all and no key")
        with open_installation(Settings()) as home, progress("judging"):
            found = check_family(
                home,
                None if every else rules,
                correction=correction,
                level=LEVEL if level is None else level,
                now=clock.now(),
            )
        emit_json(found.to_json()) if as_json else _show_family(found)
        return
    if rules is None or len(rules) != 1 or publication is None or first is None:
        raise typer.BadParameter("give one rule in quotes, --publication and --from")
    days = first, last or first
    with open_installation(Settings()) as home, progress("judging"):
        test = _test(level, estimand) or ClaimTest()
        judgement = judge_rule(home, rules[0], publication, *days, test=test)
    if as_json:
        emit_json(links.verdict_document(judgement.to_json()))
    else:
        _show(judgement)


@cli.command("verdict")
def verdict(
    claim: Annotated[str | None, typer.Argument(help="Its key, or the id of a version.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All claims, as a table.")] = False,
    publication: Annotated[
        str | None, typer.Option(help="Of --all, those of this newspaper.")
    ] = None,
    first: Annotated[
        date | None,
        typer.Option(
            "--from", parser=read_day, metavar=DAY, help="Of --all, those about this day or later."
        ),
    ] = None,
    last: Annotated[
        date | None,
        typer.Option(
            "--to", parser=read_day, metavar=DAY, help="Of --all, those about this day or earlier."
        ),
    ] = None,
    level: LevelOption = None,
    estimand: EstimandOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge a claim: true, false or undecided, and why. A look at a frozen one is logged."""
    if (claim is None) is not every:
        raise typer.BadParameter("name a claim, or give --all")
    if not every and (publication, first, last) != (None,) * 3:
        raise typer.BadParameter("--publication, --from and --to choose among --all claims")
    asked = ClaimFilter(publication, first=first, last=last)
    with open_installation(Settings()) as home:
        check_publication(home, publication)
        claims = [_find(home, claim)] if claim else list(iterate_claims(home, asked))
        with progress("judging", kept="looks at frozen claims until then are logged") as work:
            test = _test(level, estimand)
            verdicts = [
                claim_verdict(home, one.id, test=test, now=clock.now())
                for one in work.track(claims)
            ]
    documents = [links.verdict_document(one.to_json()) for one in verdicts]
    if as_json:
        emit_json(documents if every else documents[0])
    elif every and not claims:
        say("there are no such claims: `presslens claims list` lists all")
    elif every:
        _table(list(zip(claims, verdicts, strict=True)))
    else:
        one, result = claims[0], verdicts[0]
        out.print(f"[bold]{_key(one)}[/bold]: {escape(one.statement)}", soft_wrap=True)
        _show(result)
        say(f"source: {one.source}" + (f"; {one.note}" if one.note else ""))


@cli.command("remove")
def remove(claim: ClaimArgument, as_json: JsonOption = False) -> None:
    """Remove a claim of yours with all its versions."""
    with open_installation(Settings()) as home:
        result = _find(home, claim)
        remove_claim(home, result.id)
    if as_json:
        emit_json({"removed": result.key})
    else:
        say(f"{result.key} is removed")


def _find(home: Installation, text: str) -> ClaimState:
    if text.isascii() and text.isdigit() and 0 < int(text[:11]) <= LARGEST:
        return find_claim(home, int(text[:11]))
    return claim_named(home, text)


def _test(level: float | None, estimand: Inference | None) -> ClaimTest | None:
    if level is None and estimand is None:
        return None
    return ClaimTest(LEVEL if level is None else level, estimand or Inference.THESE)


def _key(claim: ClaimState) -> str:
    notes = [f"version {claim.version}"] if claim.version > 1 or not claim.latest else []
    notes += [] if claim.latest else ["an old one"]
    if claim.registration is not None:
        notes.append(f"frozen {claim.registration.frozen_at:%Y-%m-%d}")
    if claim.changes_frozen is not None:
        notes.append(f"changes version {claim.changes_frozen}, which is frozen")
    return f"{claim.key} ({', '.join(notes)})" if notes else claim.key


def _days(about: ClaimState | ClaimVerdict, between: str = " ") -> str:
    first, last = about.first.isoformat(), about.last.isoformat()
    return first if first == last else f"{first} –{between}{last}"


def _coloured(truth: TruthValue) -> str:
    return f"[{COLOURS[truth]}]{truth.value}[/{COLOURS[truth]}]"


def _show(judgement: ClaimVerdict) -> None:
    result = judgement.verdict
    about = escape(f"{result.rule} ({judgement.publication}, {_days(judgement)})")
    out.print(f"{_coloured(result.truth)}: {about}", soft_wrap=True)
    for reason in result.reasons:
        say(f"  {reason}")
    say(result.test_sentence())
    for point in judgement.tipping:
        say(f"  {point.words}")
    if judgement.timing is not None:
        say(judgement.timing["sentence"])
        for look in judgement.looks[-MOST_SHOWN:]:
            say(
                f"  looked at {look.looked_at:%Y-%m-%d %H:%M}: {look.verdict.value},"
                f" editions: {look.editions}, recipe {look.recipe_id[:16]}"
            )
        say(f"looks: {judgement.looks_count}")
    photos = [photo for one in judgement.evidence for photo in one.photos]
    if photos:
        ids = ", ".join(str(i) for i in dict.fromkeys(photo.id for photo in photos[:MOST_SHOWN]))
        say(f"photos to look at: {ids}")
    say(
        f"editions: {result.n}, pages analysed: {judgement.pages_seen} of {judgement.pages},"
        f" editions before: {result.baseline}\n"
        f"recipe {judgement.recipe_id[:16]}, rule {result.version[:16]}"
    )


def _show_registration(claim: ClaimState) -> None:
    frozen = claim.registration
    if frozen is None:
        return
    test = frozen.test
    say(
        f"{claim.key} is frozen since {frozen.frozen_at:%Y-%m-%d %H:%M}, to be tested at a level"
        f" of {percent(test.level)} about {WORDS[test.estimand]}; editions of its days by then:"
        f" {frozen.scans}\nsha256 {frozen.sha256}"
    )


def _show_family(found: FamilyVerdict) -> None:
    table = ReadableTable.of("days", whole=("days",))
    for heading in ("claim", "verdict", "alone", "p if true", "p if false"):
        table.column(heading)
    for claim, _, member in found.members:
        table.add_row(
            _days(claim, "\n"),
            f"{_key(claim)}\n{escape(claim.statement)}",
            _coloured(member.truth),
            member.alone.value,
            f"{member.adjusted_true:.3g}",
            f"{member.adjusted_false:.3g}",
        )
    table.notes = found.method
    print_table(table)


def _table(judged: list[tuple[ClaimState, ClaimVerdict]]) -> None:
    table = ReadableTable.of("days", "verdict", "key, statement, why", whole=("days", "verdict"))
    for claim, judgement in judged:
        told = [_key(claim), claim.statement, *judgement.verdict.reasons[:2]]
        table.add_row(
            _days(claim, "\n"),
            _coloured(judgement.verdict.truth),
            escape("\n".join(told)),
        )
    counts = {t: sum(result.verdict.truth is t for _, result in judged) for t in TruthValue}
    table.notes = ", ".join(f"{n} {truth.value}" for truth, n in counts.items())
    print_table(table)
