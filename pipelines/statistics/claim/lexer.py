"""The words, numbers and signs of a rule, and the error of its parser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from presslens.models.errors import PresslensError
from presslens.models.message import Message

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
