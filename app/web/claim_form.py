"""The form that a rule is written with, and what it says while somebody types."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from presslens.app.db.queries import ANY_EDITION
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.language import Language
from presslens.app.platform.questions import ask
from presslens.app.services.catalogue.edition_query import EditionQuery
from presslens.app.services.catalogue.editions import list_editions
from presslens.app.services.catalogue.publications import publication_names
from presslens.app.services.claims.registrations import ClaimTest
from presslens.app.services.claims.verdicts import ClaimVerdict, check_rule, judge_rule
from presslens.app.services.figures.figures import list_figures
from presslens.app.services.labels.labels import label_names
from presslens.app.web.claim_words import EXAMPLES, Word, scope_of, vocabulary, words_of
from presslens.pipelines.statistics.claim.context import LEVEL
from presslens.pipelines.statistics.claim.parser import LONGEST, InvalidRule, parse
from presslens.pipelines.statistics.claim.tree import written
from presslens.pipelines.statistics.measure import Inference

LONGEST_RULE = LONGEST + 100
"""Characters of the field; a rule that is too long is an error that the parser words."""

_TOKEN = re.compile(r"\w+|\S|\s*$")


class ClaimForm(EditionQuery):
    """The fields of the form as they were sent; None for those that are empty."""

    rule: str = ask(default="", max_length=LONGEST_RULE)
    level: float | None = ask(gt=0, le=0.5)
    estimand: Inference | None = ask()

    @property
    def complete(self) -> bool:
        """Whether there is enough to judge the rule."""
        return bool(self.rule.strip() and self.publication and self.first and self.last)

    @property
    def test(self) -> ClaimTest:
        """How the rule is tested."""
        return ClaimTest(self.level or LEVEL, self.estimand or Inference.THESE)

    def check(self) -> None:
        """Check that the rule of a complete form can be judged.

        Raises:
            InvalidRule: The rule can't be parsed.
            InvalidRequest: The days are out of order, or the rule can't be about practice.
        """
        check_rule(self.rule, *self._editions, test=self.test)

    def judged(self, home: Installation) -> ClaimVerdict:
        """Return the verdict on the rule of a complete form."""
        return judge_rule(home, self.rule, *self._editions, test=self.test)

    @property
    def _editions(self) -> tuple[str, date, date]:
        if self.publication is None or self.first is None or self.last is None:
            raise InvalidRequest("give rule, publication and from")
        return self.publication, self.first, self.last


@dataclass(frozen=True, slots=True)
class RuleCheck:
    """What can be said of a rule without any data."""

    rule: str  # as it was typed
    # What is wrong; None for a rule that can be read, or for an empty one.
    problem: str | None = None
    column: int | None = None  # where, from 1; None without a problem
    before: str = ""  # the text before the place of the problem
    at: str = ""  # the word at that place, which may be empty at the end
    after: str = ""  # the text after it
    canonical: str = ""  # the rule as it is written out; "" with a problem
    words: tuple[Word, ...] = ()  # its words, with what they mean
    scope: str = ""  # which editions it is about, in a sentence


def checked_rule(text: str, spoken: Language) -> RuleCheck:
    """Return what a rule means, or where it can't be read."""
    if not text.strip():
        return RuleCheck(text)
    try:
        rule = parse(text)
    except InvalidRule as error:
        start = min(error.column - 1, len(text))
        token = _TOKEN.match(text, start)
        end = token.end() if token else start
        return RuleCheck(
            text, error.problem, error.column, text[:start], text[start:end], text[end:]
        )
    words = tuple(words_of(rule, spoken))
    return RuleCheck(text, canonical=written(rule), words=words, scope=scope_of(rule, spoken))


def form_help(home: Installation, form: ClaimForm, spoken: Language) -> dict[str, Any]:
    """Return what the template of the form reads; empty fields are about the latest edition."""
    if form.publication is None or form.first is None:
        latest = list_editions(home, ANY_EDITION, limit=1).to_json()["editions"]
        if latest:
            first = form.first or date.fromisoformat(latest[0]["date"])
            publication = form.publication or latest[0]["publication"]
            days = {"publication": publication, "first": first, "last": form.last or first}
            form = form.model_copy(update=days)
    figures = [figure.name for figure in list_figures(home)]
    return {
        "form": form,
        "check": checked_rule(form.rule, spoken),
        "vocabulary": vocabulary(figures, label_names(home), spoken),
        "examples": [(spoken.text(words), rule) for words, rule in EXAMPLES],
        "form_publications": publication_names(home),
    }
