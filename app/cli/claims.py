"""``presslens claims``: test what is claimed of editions."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer
from rich.markup import escape
from rich.text import Text

from presslens.app.api import links
from presslens.app.cli.command import Printed, command, opened
from presslens.app.cli.comparison import help_lines
from presslens.app.cli.options import Helps
from presslens.app.cli.progress import progress
from presslens.app.cli.tables import ReadableTable
from presslens.app.cli.usage import DAY, read_day
from presslens.app.installation import Installation, open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.services.catalogue.edition_query import EditionQuery
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
from presslens.app.services.questions.questions import question_state
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
LAST = "Last day; without it, the first one."
ClaimFirstOption = Annotated[
    date, typer.Option("--from", parser=read_day, metavar=DAY, help="First day that it is about.")
]
ClaimLastOption = Annotated[
    date | None, typer.Option("--to", parser=read_day, metavar=DAY, help=LAST)
]


@command(cli, doing="reading claims")
def claims(home: Installation) -> Printed:
    """Test what is claimed of editions. Without a command: list the stored claims."""
    return _listed(home, ClaimFilter())


@command(cli, "list", doing="reading claims")
def list_all(
    home: Installation,
    query: Annotated[EditionQuery, Helps(publication="Only of this newspaper.")],
    versions: Annotated[bool, typer.Option("--versions", help="Old versions too.")] = False,
) -> Printed:
    """List the stored claims."""
    check_publication(home, query.publication)
    chosen = ClaimFilter(**query.model_dump(), versions=versions)
    return _listed(home, chosen)


def _listed(home: Installation, chosen: ClaimFilter) -> Printed:
    claims = list(iterate_claims(home, chosen))
    yield [claim.to_json() for claim in claims]
    if not claims:
        yield "there are no such claims: `presslens claims add` keeps one"
        return
    heads = ("id", "days", "key, statement, rule")
    rows = (
        (one.id, _days(one, "\n"), f"{_key(one)}\n{one.statement}\n{one.rule}") for one in claims
    )
    yield ReadableTable.of(*heads, whole=("id", "days"), rows=rows)


@command(cli, "add")
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
) -> Printed:
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
    yield {**claim.to_json(), "created": created}
    yield f"claim {claim.id}: {_key(claim)} is {'kept' if created else 'there already'}"
    if freeze:
        yield from _registered(claim)


@command(cli, "freeze", doing="freezing", remains="nothing is frozen")
def freeze(
    home: Installation,
    claim: ClaimArgument,
    level: LevelOption = None,
    estimand: EstimandOption = None,
    recipe: Annotated[
        bool, typer.Option("--recipe", help="Freeze the recipe of today as well.")
    ] = False,
) -> Printed:
    """Register a claim before its data come in: its rule, its test, and the time, with a hash."""
    test = _test(level, estimand) or ClaimTest()
    stored = _find(home, claim)
    freeze_claim(home, stored.id, test, recipe=recipe, now=clock.now())
    result = find_claim(home, stored.id)
    yield result
    yield from _registered(result)


@command(cli, "show", doing="reading the claim")
def show(home: Installation, claim: ClaimArgument) -> Printed:
    """Show a claim or a question as it is stored, with its scheduled looks; nothing is judged."""
    state = question_state(home, _find(home, claim).id)
    stored = state.claim
    yield state
    yield f"{_key(stored)}{' (a question in work)' if stored.draft else ''}: {stored.statement}"
    yield f"{stored.rule} ({stored.publication}, {_days(stored)})"
    if stored.source or stored.note:
        yield f"source: {stored.source}" + (f"; {stored.note}" if stored.note else "")
    if stored.kept_after is not None:
        yield f"kept after looking, looks before: {stored.kept_after}"
    yield from _registered(stored)
    for look in state.looks:
        yield (
            f"  looked at {look.looked_at:%Y-%m-%d %H:%M}: {look.verdict.value}, photos:"
            f" {look.answered} of {state.planned}, at {percent(look.risk)}"
        )


@command(cli, "check")
def check(
    rules: Annotated[
        list[str] | None, typer.Argument(help="A rule, photos > 100; with --family: keys.")
    ] = None,
    *,
    query: Annotated[EditionQuery, Helps(last=LAST)],
    family: Annotated[
        bool, typer.Option("--family", help="Judge the claims of these keys together.")
    ] = False,
    every: Annotated[bool, typer.Option("--all", help="Judge all claims together.")] = False,
    correction: Annotated[
        Correction, typer.Option(help="How a family is corrected.")
    ] = Correction.HOLM,
    level: LevelOption = None,
    estimand: EstimandOption = None,
) -> Printed:
    """Judge a rule without keeping it, or a family of claims corrected for each other."""
    if family or every:
        if every is bool(rules) or not query.scope.whole or estimand is not None:
            raise typer.BadParameter("name the keys after --family, or give --all and no key")
        with opened("judging") as home:
            result = check_family(
                home,
                None if every else rules,
                correction=correction,
                level=LEVEL if level is None else level,
                now=clock.now(),
            )
        yield result
        yield _family_table(result)
        return
    if rules is None or len(rules) != 1 or query.publication is None or query.first is None:
        raise typer.BadParameter("give one rule in quotes, --publication and --from")
    days = query.first, query.last or query.first
    with opened("judging") as home:
        test = _test(level, estimand) or ClaimTest()
        judgement = judge_rule(home, rules[0], query.publication, *days, test=test)
    yield links.linked_verdict(judgement)
    yield from _judged(judgement)


@command(cli, "verdict")
def verdict(
    claim: Annotated[str | None, typer.Argument(help="Its key, or the id of a version.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All claims, as a table.")] = False,
    *,
    query: Annotated[
        EditionQuery,
        Helps(
            publication="Of --all, those of this newspaper.",
            first="Of --all, those about this day or later.",
            last="Of --all, those about this day or earlier.",
        ),
    ],
    level: LevelOption = None,
    estimand: EstimandOption = None,
) -> Printed:
    """Judge a claim: true, false or undecided, and why. A look at a frozen one is logged."""
    if (claim is None) is not every:
        raise typer.BadParameter("name a claim, or give --all")
    if not every and not query.scope.whole:
        raise typer.BadParameter("--publication, --from and --to choose among --all claims")
    with open_installation(Settings()) as home:
        check_publication(home, query.publication)
        chosen = ClaimFilter(**query.model_dump())
        claims = [_find(home, claim)] if claim else list(iterate_claims(home, chosen))
        with progress("judging", remains="looks at frozen claims until then are logged") as work:
            test = _test(level, estimand)
            verdicts = [
                claim_verdict(home, one.id, test=test, now=clock.now())
                for one in work.track(claims)
            ]
    documents = [links.linked_verdict(one).to_json() for one in verdicts]
    yield documents if every else documents[0]
    if every and not claims:
        yield "there are no such claims: `presslens claims list` lists all"
    elif every:
        yield _table(list(zip(claims, verdicts, strict=True)))
    else:
        one = claims[0]
        yield Text.from_markup(f"[bold]{_key(one)}[/bold]: {escape(one.statement)}")
        yield from _judged(verdicts[0])
        yield f"source: {one.source}" + (f"; {one.note}" if one.note else "")


@command(cli, "remove")
def remove(home: Installation, claim: ClaimArgument) -> Printed:
    """Remove a claim of yours with all its versions."""
    result = _find(home, claim)
    remove_claim(home, result.id, now=clock.now())
    yield {"removed": result.key}
    yield f"{result.key} is removed"


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


def _judged(judgement: ClaimVerdict) -> Printed:
    result = judgement.verdict
    about = escape(f"{result.rule} ({judgement.publication}, {_days(judgement)})")
    yield Text.from_markup(f"{_coloured(result.truth)}: {about}")
    for reason in result.reasons:
        yield f"  {reason}"
    yield result.test_sentence()
    for helps in judgement.helps:
        yield from help_lines(helps)
    for point in judgement.tipping:
        yield f"  {point.words}"
    if judgement.timing is not None:
        yield judgement.timing["sentence"]
        for look in judgement.looks[-MOST_SHOWN:]:
            yield (
                f"  looked at {look.looked_at:%Y-%m-%d %H:%M}: {look.verdict.value},"
                f" editions: {look.editions}, recipe {look.recipe_id[:16]}"
            )
        yield f"looks: {judgement.looks_count}"
    photos = [photo for one in judgement.evidence for photo in one.photos]
    if photos:
        ids = ", ".join(str(i) for i in dict.fromkeys(photo.id for photo in photos[:MOST_SHOWN]))
        yield f"photos to look at: {ids}"
    yield (
        f"editions: {result.n}, pages analysed: {judgement.pages_seen} of {judgement.pages},"
        f" editions before: {result.baseline}\n"
        f"recipe {judgement.recipe_id[:16]}, rule {result.version[:16]}"
    )


def _registered(claim: ClaimState) -> Printed:
    frozen = claim.registration
    if frozen is not None:
        yield (
            f"{claim.key} is frozen since {frozen.frozen_at:%Y-%m-%d %H:%M}, to be tested at a"
            f" level of {percent(frozen.test.level)} about {WORDS[frozen.test.estimand]}; editions"
            f" of its days by then: {frozen.scans}\nsha256 {frozen.sha256}"
        )


def _family_table(family: FamilyVerdict) -> ReadableTable:
    heads = ("days", "claim", "verdict", "alone", "p if true", "p if false")
    table = ReadableTable.of(*heads, whole=("days",), notes=family.method)
    for claim, _, member in family.members:
        table.add_row(
            _days(claim, "\n"),
            f"{_key(claim)}\n{escape(claim.statement)}",
            _coloured(member.truth),
            member.alone.value,
            f"{member.adjusted_true:.3g}",
            f"{member.adjusted_false:.3g}",
        )
    return table


def _table(judged: list[tuple[ClaimState, ClaimVerdict]]) -> ReadableTable:
    counts = {t: sum(result.verdict.truth is t for _, result in judged) for t in TruthValue}
    notes = ", ".join(f"{n} {truth.value}" for truth, n in counts.items())
    heads = ("days", "verdict", "key, statement, why")
    table = ReadableTable.of(*heads, whole=("days", "verdict"), notes=notes)
    for claim, judgement in judged:
        words = escape("\n".join([_key(claim), claim.statement, *judgement.verdict.reasons[:2]]))
        table.add_row(_days(claim, "\n"), _coloured(judgement.verdict.truth), words)
    return table
