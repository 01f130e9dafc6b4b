"""The particles of Korean, whose form follows the last sound of the word before them."""

from __future__ import annotations

import re

FORMS = {
    "은(는)": ("은", "는"),
    "이(가)": ("이", "가"),
    "을(를)": ("을", "를"),
    "과(와)": ("과", "와"),
    "와(과)": ("과", "와"),
    "(이)": ("이", ""),
    "(으)": ("으", ""),
}
"""Both forms as translations write them, with those after a consonant and after a vowel."""

_PARTICLE = re.compile(
    r"(?P<last>[가-힣0-9%]|[A-Z]*[A-Za-z])"
    r"(?P<between>(?:\([^()]*\)|</?\w[^>]*>|&#3[49];|[”’\"'»`])*)"
    rf"(?P<form>{'|'.join(map(re.escape, FORMS))})"
)
"""A particle, and what is spoken last before it."""

_L = 8
"""The final ㄹ, as Unicode numbers the ends of syllables; 0 is none."""

_DIGITS = dict(zip("0123456789%", (1, _L, 0, 1, 0, 0, 1, _L, _L, 0, 0), strict=True))

_LETTERS = {"l": _L, "m": 1, "n": 1} | dict.fromkeys("adefhijorsuvwxyz", 0)
"""The ends of words in Latin letters, as Korean says them; of others both forms stay."""

_CAPITALS = {"L": _L, "M": 1, "N": 1, "R": _L}
"""Letters that are spelled and end with a consonant."""


def with_particles(text: str) -> str:
    """Return a Korean text, of the same type, with the forms of its particles chosen."""
    return type(text)(_PARTICLE.sub(_chosen, text)) if "(" in text else text


def _chosen(match: re.Match[str]) -> str:
    last, between, form = match.group("last", "between", "form")
    end = _end(last)
    if end is None:
        return match[0]
    vowel = not end or (end == _L and form == "(으)")
    return f"{last}{between}{FORMS[form][vowel]}"


def _end(last: str) -> int | None:
    if last[-1] >= "가":
        return (ord(last[-1]) - ord("가")) % 28
    if last.isupper():
        return _CAPITALS.get(last[-1], 0)
    return _DIGITS.get(last, _LETTERS.get(last[-1]))
