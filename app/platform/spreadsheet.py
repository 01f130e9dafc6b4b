"""Text cells of CSV tables, quoted so that no spreadsheet takes them for formulas; and the inverse.

Every writer and reader of CSV uses these two functions: what one of them writes, all can read.
https://owasp.org/www-community/attacks/CSV_Injection names the characters.
"""

from __future__ import annotations

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""The beginning of a formula, and of text that was quoted already."""


def quote_formula(text: str) -> str:
    """Return text with a quote before it if a spreadsheet would take it for a formula.

    >>> quote_formula("=1+1"), quote_formula("'=1+1"), quote_formula("'tis")
    ("'=1+1", "''=1+1", "'tis")
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unquote_formula(text: str) -> str:
    """Return the text that ``quote_formula`` was given.

    >>> unquote_formula("'=1+1"), unquote_formula("''=1+1"), unquote_formula("'tis")
    ('=1+1', "'=1+1", "'tis")
    """
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
