"""Parses rules. No rule is ever executed: it becomes a tree, or an error with a column.

The grammar is in ``docs/reference/claims.md``. It is read by precedence (Pratt 1973, "Top down
operator precedence", doi 10.1145/512927.512931).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from presslens.models.errors import PresslensError
from presslens.models.message import Message
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.claim.tree import (
    AGGREGATES,
    COMPARISON_LEVEL,
    FRONT_PAGE,
    LEVELS,
    NOT_LEVEL,
    PAGE_METRICS,
    SIGN_LEVEL,
    Arithmetic,
    Comparison,
    FocusIs,
    Junction,
    LeadFocus,
    Measured,
    Negative,
    Node,
    Not,
    Number,
    OnPage,
    OverEditions,
    Usual,
    UsualPages,
    is_rule,
    written,
)
from presslens.pipelines.statistics.measure import BUILT_IN, FIGURE, LABEL, Weight, Zone
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.plain import PLAIN

LONGEST = 2000
"""Characters of a rule at most."""

MOST_WORDS = 200
"""Words, numbers and signs of a rule at most: so deep can its tree be, and no deeper."""

_TOKEN = re.compile(
    r"""(?P<number>[0-9]+(\.[0-9]+)?)|(?P<name>[A-Za-z_][A-Za-z_0-9]*)
    |(?P<string>"([^"\\]|\\["\\])*")|(?P<sign>!=|<=|>=|[≠≤≥=<>+\-*/%().,])""",
    re.VERBOSE,
)

_SAME = {"≠": "!=", "≤": "<=", "≥": ">="}


class InvalidRule(PresslensError):
    """A rule can't be parsed.

    Attributes:
        column: Where, from 1.
        problem: What is wrong there.
    """

    def __init__(self, column: int, problem: str) -> None:
        super().__init__(
            Message("at column %(column)s: %(problem)s", column=column, problem=problem)
        )
        self.column = column
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number, sign or quoted name; the last one is the end.

    ``column`` is where it begins, from 1.
    """

    kind: str
    text: str
    column: int

    @property
    def shown(self) -> str:
        """Text of the token in an error."""
        return Message("the end") if self.kind == "end" else repr(self.text[:40])


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of a rule, and a last one for its end.

    Raises:
        InvalidRule: It holds what no rule holds, or is too long.
    """
    if len(text) > LONGEST:
        raise InvalidRule(LONGEST + 1, Message("a rule has %(n)s characters at most", n=LONGEST))
    tokens = list(_scanned(text))
    if len(tokens) > MOST_WORDS:
        raise InvalidRule(
            tokens[MOST_WORDS].column, Message("a rule has %(n)s words at most", n=MOST_WORDS)
        )
    return [*tokens, Token("end", "", len(text) + 1)]


def _scanned(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        token = _TOKEN.match(text, at)
        if token is None:
            if text[at] == '"':
                raise InvalidRule(at + 1, Message("a name in quotes does not end"))
            raise InvalidRule(at + 1, Message("%(sign)s can't be read", sign=repr(text[at])))
        kind = token.lastgroup or ""
        yield Token(kind, _SAME.get(token[0], token[0]), at + 1)
        at = token.end()


DEEPEST = 20
"""Brackets within brackets at most."""

LARGEST = 1e12

LONGEST_NUMBER = 25

LONGEST_NAME = 247
"""Characters of a name at most: with what goes before it, it fits its column."""

COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")

POWER = {**LEVELS, **dict.fromkeys(COMPARISONS, COMPARISON_LEVEL)}

USUAL = re.compile(r"mean|median|min|max|rank|p[1-9][0-9]?")

ZONES = {zone.value for zone in Zone if zone is not Zone.ALL}

LAST_PAGE = 999

PAGE_WORDS = ("share", "figure", *PAGE_METRICS)

WORDS = ("share", "page", "baseline", "usual_pages", *PLAIN, *ZONES, *AGGREGATES, "not")


def parse(text: str) -> Node:
    """Return the tree of a rule.

    Raises:
        InvalidRule: It can't be read; the error says where.
    """
    rule = _Parser(tokens_of(text)).whole()
    if len(written(rule)) > LONGEST:
        raise InvalidRule(1, Message("written out, a rule has %(n)s characters at most", n=LONGEST))
    return rule


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0
        self.aggregated = False
        self.compared: tuple[date, ...] | None = None  # the days of its usual values; (): before

    @property
    def here(self) -> Token:
        return self.tokens[self.at]

    def whole(self) -> Node:
        rule = self.expression(0)
        if self.here.kind != "end":
            raise self.expected(Message("'and', 'or' or the end"))
        return self.checked(rule, 1, rule=True)

    def error(self, problem: str, token: Token | None = None) -> InvalidRule:
        token = token or self.here
        return InvalidRule(token.column, problem)

    def expected(self, what: str, token: Token | None = None) -> InvalidRule:
        """Return the error that something else stands where something is wanted."""
        token = token or self.here
        instead = token.shown
        return self.error(
            Message("expected %(wanted)s, not %(found)s", wanted=what, found=instead), token
        )

    def next(self) -> Token:
        token = self.here
        if token.kind != "end":
            self.at += 1
        return token

    def take(self, text: str) -> bool:
        if self.here.text == text and self.here.kind in ("sign", "name"):
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.take(text):
            raise self.expected(repr(text))

    def checked(self, node: Node, column: int, *, rule: bool) -> Node:
        if isinstance(node, LeadFocus):
            raise InvalidRule(
                column, Message("compare the focus with a word: front.lead.focus = facility")
            )
        if is_rule(node) is not rule:
            comparison = Message("expected a comparison, such as photos > 100")
            raise InvalidRule(column, comparison if rule else Message("expected a number"))
        return node

    @contextmanager
    def nested(self) -> Iterator[None]:
        if self.depth == DEEPEST:
            raise self.error(Message("brackets lie in one another %(n)s deep at most", n=DEEPEST))
        self.depth += 1
        yield
        self.depth -= 1

    def expression(self, least: int) -> Node:
        column = self.here.column
        left = self.prefix()
        while self.here.kind != "string" and POWER.get(self.here.text, -1) >= least:
            left = self.infix(left, column)
        return left

    def infix(self, left: Node, column: int) -> Node:
        token = self.next()
        operator = token.text
        if operator in COMPARISONS:
            if isinstance(left, LeadFocus):
                return self.focus(token)
            if is_rule(left):
                raise self.expected(Message("'and' or 'or'"), token)
        junction = operator in ("and", "or")
        left = self.checked(left, column, rule=junction)
        column = self.here.column
        right = self.checked(self.expression(POWER[operator] + 1), column, rule=junction)
        if junction:
            return _joined(operator, left, right)
        make = Comparison if operator in COMPARISONS else Arithmetic
        return make(operator, left, right)

    def focus(self, operator: Token) -> Node:
        if operator.text not in ("=", "!="):
            raise self.error(Message("a focus is equal (=) or not (!=)"), operator)
        token = self.next()
        if token.text not in list(Focus):
            raise self.expected(Message("one of %(words)s", words=", ".join(Focus)), token)
        return FocusIs(operator.text, Focus(token.text))

    def prefix(self) -> Node:
        token = self.next()
        if token.kind == "number":
            return self.number(token)
        if token.kind == "name":
            return self.named(token)
        if token.text == "(" and token.kind == "sign":
            with self.nested():
                inner = self.expression(0)
                self.expect(")")
            return inner
        if token.text == "-":
            column = self.here.column
            with self.nested():
                return Negative(self.checked(self.expression(SIGN_LEVEL), column, rule=False))
        raise self.expected(Message("a number or a metric"), token)

    def number(self, token: Token) -> Node:
        value = Decimal(token.text)
        if len(token.text) > LONGEST_NUMBER or value > Decimal(LARGEST):
            raise self.error(Message("this number is too long or too large"), token)
        return Number(float(value / 100 if self.take("%") else value))

    def named(self, token: Token) -> Node:
        name = token.text
        if name == "not":
            column = self.here.column
            with self.nested():
                return Not(self.checked(self.expression(NOT_LEVEL), column, rule=True))
        if name == "usual_pages":
            return UsualPages()
        if name == "baseline":
            return self.usual()
        if name in AGGREGATES:
            return self.aggregate(token)
        if name == "page":
            return self.on_page(self.page_number())
        if name == "front" and self.here.text == ".":
            word = self.tokens[self.at + 1].text
            if word == "lead":
                self.at += 2
                self.expect(".")
                self.expect("focus")
                return LeadFocus()
            if word != "share":
                return self.on_page(FRONT_PAGE)
        return Measured(self.metric(token, bare=False))

    def page_number(self) -> int:
        self.expect("(")
        token = self.next()
        if token.kind != "number" or not token.text.isdigit():
            raise self.expected(Message("the number of a page, such as page(1)"), token)
        if not 1 <= float(token.text) <= LAST_PAGE:
            raise self.error(Message("pages have the numbers 1 to %(n)s", n=LAST_PAGE), token)
        self.expect(")")
        return int(token.text)

    def on_page(self, page: int) -> Node:
        self.expect(".")
        token = self.next()
        name = token.text if token.kind == "name" else ""
        if name in PAGE_METRICS:
            return OnPage(page, Metric(name))
        if name == "share":
            return _share_of_page(page, self.share(Zone.ALL))
        if name == "figure":
            self.expect("(")
            figure = Metric(FIGURE + self.quoted())
            self.expect(")")
            return Comparison(">", _share_of_page(page, figure), Number(0.0))
        if name in PLAIN:
            words = ", ".join(PAGE_WORDS)
            whole = Message(
                "%(name)s is of whole editions; a page has %(known)s", name=name, known=words
            )
            raise self.error(whole, token)
        raise self.expected(Message("one of %(words)s", words=", ".join(PAGE_WORDS)), token)

    def aggregate(self, token: Token) -> Node:
        if self.aggregated:
            within = Message(
                "%(name)s can't stand in another function over editions", name=f"{token.text}()"
            )
            raise self.error(within, token)
        self.aggregated = True
        inner = self.bracket(lambda: self.expression(0), rule=token.text in ("count", "any", "all"))
        self.aggregated = False
        return OverEditions(token.text, inner)

    def bracket(self, read: Callable[[], Node], *, rule: bool) -> Node:
        with self.nested():
            self.expect("(")
            column = self.here.column
            inner = self.checked(read(), column, rule=rule)
            self.expect(")")
        return inner

    def usual(self) -> Node:
        self.expect(".")
        token = self.next()
        if token.kind != "name" or USUAL.fullmatch(token.text) is None:
            raise self.expected(Message("mean, median, min, max, rank or p1 to p99"), token)
        self.expect("(")
        metric = self.metric(self.next(), bare=True)
        days = None
        if self.here.text == ",":
            if token.text != "mean":
                raise self.error(
                    Message(
                        'named days are compared by their mean: baseline.mean(photos, "…", "…")'
                    )
                )
            days = self.day(), self.day()
            if days[0] > days[1]:
                raise self.error(Message("the last day lies before the first"))
        self.expect(")")
        usual = Usual(token.text, metric, days)
        if self.compared not in (None, usual.days or ()):
            raise self.error(
                Message("a rule compares with the editions before, or with those of the same days"),
                token,
            )
        self.compared = usual.days or ()
        return usual

    def day(self) -> date:
        self.expect(",")
        token = self.here
        try:
            return date.fromisoformat(self.quoted())
        except ValueError:
            wanted = Message('a day in quotes, such as "2025-12-16"')
            raise self.expected(wanted, token) from None

    def metric(self, token: Token, *, bare: bool) -> Metric:
        name = token.text if token.kind == "name" else ""
        if name in PLAIN:
            return Metric(name)
        if name == "share":
            return self.share(Zone.ALL)
        if name in ZONES:
            self.expect(".")
            self.expect("share")
            return self.share(Zone(name))
        if bare:
            return Metric(self.measure(token))
        if name in BUILT_IN or name in ("figure", "label"):
            shown = Message("%(name)s is what photos show: write share(%(name)s …)", name=name)
            raise self.error(shown, token)
        if not name:
            raise self.expected(Message("a metric"), token)
        none = Message("there is no metric %(found)s", found=token.shown)
        raise self.error(_near(none, name, WORDS), token)

    def share(self, zone: Zone) -> Metric:
        self.expect("(")
        name = self.measure(self.next())
        weight = Weight.COUNT
        if self.take(","):
            token = self.next()
            if token.text not in list(Weight):
                raise self.expected(Message("count or area"), token)
            weight = Weight(token.text)
        self.expect(")")
        return Metric(name, zone, weight)

    def measure(self, token: Token) -> str:
        if token.kind == "name" and token.text in BUILT_IN:
            return token.text
        if token.kind == "name" and token.text in ("figure", "label"):
            return (FIGURE if token.text == "figure" else LABEL) + self.quoted()
        if token.kind != "name":
            raise self.expected(Message("what photos show"), token)
        none = Message("photos are not read for %(found)s", found=token.shown)
        raise self.error(_near(none, token.text, BUILT_IN), token)

    def quoted(self) -> str:
        token = self.next()
        if token.kind != "string":
            raise self.expected(Message('a name in quotes, such as "Kim Jong Un"'), token)
        name = re.sub(r"\\(.)", r"\1", token.text[1:-1]).strip()
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            raise self.error(
                Message("a name has 1 to %(n)s printable characters", n=LONGEST_NAME), token
            )
        return name


def _share_of_page(page: int, metric: Metric) -> Measured | OnPage:
    """Return a share of a page; that of page 1 is the share of the front page."""
    if page == FRONT_PAGE:
        return Measured(Metric(metric.name, Zone.FRONT, metric.weight))
    return OnPage(page, metric)


def _joined(word: str, left: Node, right: Node) -> Node:
    """Join two rules; a rule that is joined by the same word becomes part of one junction."""
    parts: tuple[Node, ...] = ()
    for part in (left, right):
        parts += part.parts if isinstance(part, Junction) and part.word == word else (part,)
    return Junction(word, parts)


def _near(problem: Message, name: str, names: tuple[str, ...]) -> Message:
    """Return a problem with the known name that is most like the one that was written."""
    near = difflib.get_close_matches(name[:40], names, n=1)
    if not near:
        return problem
    return Message("%(problem)s: did you mean %(name)s?", problem=problem, name=repr(near[0]))
