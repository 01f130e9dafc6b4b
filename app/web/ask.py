"""Asking: a sentence or a few choices become a question that the claims language can say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Annotated, Any

from fastapi import Form, Response
from fastapi.responses import RedirectResponse
from pydantic import Field

from presslens.app.api.access import needs
from presslens.app.api.params import Home, read_query
from presslens.app.db.queries import EditionScope
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.language import Language, language, language_of
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import Day, ask
from presslens.app.services.catalogue.edition_query import EditionQuery
from presslens.app.services.catalogue.publications import PublicationState, publications_by_latest
from presslens.app.services.claims.claims import NewClaim, open_questions
from presslens.app.services.claims.events import EventFilter, iterate_events
from presslens.app.services.claims.sentences.each import sentences_of_each, sentences_since
from presslens.app.services.claims.sentences.periods import NamedArchive
from presslens.app.services.claims.sentences.question import (
    NOTHING_ASKED,
    Against,
    Amount,
    ClaimQuestion,
    Over,
    Relation,
    problems_of,
    rule_of,
)
from presslens.app.services.claims.sentences.reading import LONGEST, SentenceReading, read_sentence
from presslens.app.services.claims.sentences.vocabulary import FIGURES, vocabulary
from presslens.app.services.questions.questions import ask_question
from presslens.app.services.statistics.baseline import baseline_document
from presslens.app.services.statistics.unusual import EditionFlags, FlagState, unusual_editions
from presslens.app.web.ask_flags import Flagged, asked_flags, flagged_in, foreseen_flags
from presslens.app.web.ask_words import NONE, amount_words, question_sentence
from presslens.app.web.claim_form import RuleCheck, checked_rule
from presslens.app.web.edition_numbers import IMPORTANT
from presslens.app.web.metric_words import metric_choices, metric_name
from presslens.app.web.page_router import PageRouter, Render, Rows
from presslens.app.web.preferences import coder_of
from presslens.models.message import Message
from presslens.pipelines.statistics.claim.tree import written
from presslens.pipelines.statistics.measure import is_measure
from presslens.pipelines.statistics.unusual import FRONT_LEAD

router = PageRouter()

MOST_DAYS = 40
"""Unusual editions that are shown at most; the timeline has all."""

LONGEST_NUMBER = 20

_NUMBER = re.compile(rf"\s*(?P<value>{FIGURES})\s*(?P<percent>%)?\s*")

COMPARED = {"is": (True, [one.value for one in Relation if one.compares])}
_FEW_SUBJECTS = ["", FRONT_LEAD]
OFFERED: Mapping[str, Mapping[str, tuple[bool, list[str]]]] = {
    "page": {"about": (False, _FEW_SUBJECTS)},
    "than": COMPARED,
    "number": COMPARED | {"than": (True, [Against.NUMBER])},
    "than_from": COMPARED | {"than": (True, [Against.DAYS])},
    "than_to": COMPARED | {"than": (True, [Against.DAYS])},
    "usually": COMPARED | {"than": (True, [Against.NUMBER])},
    "over": {"about": (False, [""]), "several": (True, ["yes"])},
    **{one.value: {"about": (one.is_focus, [FRONT_LEAD])} for one in Relation},
    **{one.value: {"about": (False, _FEW_SUBJECTS)} for one in Relation if one.compares},
    "appears": {"about": (False, _FEW_SUBJECTS)},
}
"""When a field, or an option of what is asked, applies: what other fields have, or don't have."""

COLUMNS = ("edition", "publication", "date", "metric", "value", "usual", "rule")


class AskForm(EditionQuery):
    """A sentence, or the choices that make a question; None where nothing is chosen."""

    q: str = ask(default="", max_length=LONGEST)
    about: Annotated[str, Field(max_length=300)] = ask(default="")
    page: Annotated[str, Field(pattern="front")] | None = ask()
    relation: Relation | None = ask(alias="is")
    than: Against | None = ask()
    number: str = ask(default="", max_length=LONGEST_NUMBER)
    usually: str = ask(default="", max_length=LONGEST_NUMBER)
    over: Over | None = ask()
    than_from: Day | None = ask()
    than_to: Day | None = ask()

    @property
    def chosen(self) -> bool:
        """Whether a choice is made, which counts more than a sentence."""
        return bool(self.about or self.relation)


def form_of(question: ClaimQuestion, spoken: Language) -> AskForm:
    """Return the choices that make a question."""
    than_from, than_to = question.other_days or (None, None)
    return AskForm(
        about=question.about or "",
        page="front" if question.front else None,
        relation=question.relation,
        than=Against.DAYS if question.other_days else question.against,
        number=amount_words(question.amount, spoken),
        usually="" if question.instead is None else f"{question.instead:g}",
        over=question.over,
        than_from=than_from,
        than_to=than_to,
        publication=question.publication,
        first=question.first,
        last=question.last,
    )


@dataclass(frozen=True)
class AskView:
    """What the page shows of a sentence or of choices."""

    home: Installation
    form: AskForm
    spoken: Language
    coder: str | None = None  # who asks; None: nobody gave a name

    @cached_property
    def newspapers(self) -> list[PublicationState]:
        """The newspapers that have editions, that with the latest first."""
        return publications_by_latest(self.home)

    @cached_property
    def publication(self) -> str | None:
        """The newspaper that is asked about; None: there is none."""
        named = self.form.publication
        return named or (self.newspapers[0].publication if self.newspapers else None)

    def _archive(self, publication: str, code: str) -> NamedArchive:
        editions = unusual_editions(self.home, EditionScope(publication)).editions
        days = sorted({one.date for one in editions})
        return NamedArchive(publication, days, tuple(self._names(language(code))))

    def _names(self, spoken: Language) -> Iterator[tuple[str, str, str]]:
        choices = metric_choices(self.home)
        for name in (*choices["plain"], *choices["shares"]):
            if name not in ("photos", "pages"):
                yield metric_name(name, spoken), "about", name
        for name in (*choices["figures"], *choices["labels"]):
            bare = name.partition(":")[2]
            for text in dict.fromkeys((bare, bare.replace("_", " "), metric_name(name, spoken))):
                yield text, "about", name
        for paper in self.newspapers:
            for text in (paper.publication, *paper.aliases):
                yield text, "publication", paper.publication
        whole = [(name.partition(":")[2], "about", name) for name in choices["figures"]]
        whole += [(one.publication, "publication", one.publication) for one in self.newspapers]
        yield from vocabulary(spoken.code).parts_of(whole)

    @cached_property
    def reading(self) -> SentenceReading | None:
        """What is understood of the sentence; None: choices are made, or nothing is asked."""
        if not self.form.q.strip() or self.form.chosen or self.publication is None:
            return None
        return self._read(self.form.q, self.publication)

    @cached_property
    def _code(self) -> str:
        """The language of the sentence."""
        return language_of(self.form.q)

    def _read(self, text: str, publication: str) -> SentenceReading:
        words, archive = vocabulary(self._code), self._archive(publication, self._code)
        read = read_sentence(text, archive, words)
        named = read.fields.get("publication", publication)
        if named != publication:  # the days are those of the newspaper that is named
            read = read_sentence(text, self._archive(named, self._code), words)
        return read

    @cached_property
    def each(self) -> list[str]:
        """The sentences that ask of one day, one thing or one event each; none without such."""
        if self.reading is None or self.question is not None or self.publication is None:
            return []
        publication = self.reading.fields.get("publication", self.publication)
        at_hand = self._archive(publication, self._code).days
        if not at_hand:
            return []
        day_words, words = language(self._code).day, vocabulary(self._code)
        sentences = sentences_of_each(self.reading, at_hand, day_words)
        if not sentences:
            events = iterate_events(self.home, EventFilter(publication=publication))
            titled = [(one.day, one.title) for one in events]
            sentences = sentences_since(self.reading, titled, day_words, words)
        return [one for one in sentences if self._read(one, publication).question is not None]

    @cached_property
    def _chosen(self) -> tuple[ClaimQuestion | None, dict[str, Message]]:
        form = self.form
        problems: dict[str, Message] = {}
        if form.relation is None:
            problems["is"] = NOTHING_ASKED
        first = form.first or self.latest
        if self.publication is None or first is None:
            problems["from"] = Message("no edition is at hand")
        if problems or form.relation is None or self.publication is None or first is None:
            return None, problems
        amount, instead = _amount(form.number), _amount(form.usually)
        for name, text, read in (
            ("number", form.number, amount),
            ("usually", form.usually, instead),
        ):
            if text.strip() and read is None:
                problems[name] = Message("a number is written 100, 2.5 or 12 %")
        compared = form.relation.compares and form.than in (None, Against.NUMBER)
        other = None
        if form.than is Against.DAYS and form.than_from is not None and form.relation.compares:
            other = form.than_from, form.than_to or form.than_from
        question = ClaimQuestion(
            form.about or None,
            form.relation,
            self.publication,
            first,
            form.last or first,
            front=form.page is not None,
            against=form.than,
            amount=amount if compared else None,
            instead=instead.value if instead and form.relation.compares else None,
            over=form.over,
            other_days=other,
        )
        problems = {**dict(problems_of(question)), **problems}
        return (None if problems else question), problems

    @cached_property
    def question(self) -> ClaimQuestion | None:
        """The question; None where something is missing, or nothing is asked."""
        if self.form.chosen:
            return self._chosen[0]
        return self.reading.question if self.reading else None

    @cached_property
    def problems(self) -> dict[str, Message]:
        """What is missing, by the field of the form."""
        if self.form.chosen:
            return self._chosen[1]
        return dict(self.reading.problems) if self.reading else {}

    @property
    def asks_how_many(self) -> bool:
        """Whether the sentence asks for a number, or a day, that the timeline has."""
        parts = self.reading.parts if self.reading else ()
        asked = any(one.kind == "refused" and one.value in ("number", "day") for one in parts)
        return asked and self.choices.about not in ("", FRONT_LEAD)

    @cached_property
    def latest(self) -> Any:
        """The latest day of the newspaper; None without editions."""
        days = [one.last for one in self.newspapers if one.publication == self.publication]
        return days[0] if days else None

    @cached_property
    def choices(self) -> AskForm:
        """The choices as the form shows them: what is understood of a sentence is filled in."""
        if self.question is not None:
            return form_of(self.question, self.spoken)
        form = self.form.model_copy(update={"publication": self.publication})
        if self.reading is not None:
            read = self.reading.fields
            form = form.model_copy(
                update={
                    "about": read.get("about", ""),
                    "relation": read.get("relation"),
                    "publication": read.get("publication", self.publication),
                    "first": read.get("first"),
                    "last": read.get("last"),
                    "number": amount_words(read.get("amount"), self.spoken),
                    "than": read.get("against"),
                    "over": read.get("over"),
                    "page": "front" if read.get("front") else None,
                }
            )
            if "other_days" in read:
                than_from, than_to = read["other_days"]
                other = {"than": Against.DAYS, "than_from": than_from, "than_to": than_to}
                form = form.model_copy(update=other)
        # A day that a sentence names and nobody understands is not silently the latest one.
        first = form.first or (None if self.reading else self.latest)
        return form.model_copy(update={"first": first, "last": form.last or first})

    def offers(self, field: str) -> bool:
        """Return whether a field, or an option of what is asked, applies to the choices."""
        form = self.choices
        chosen = {
            "about": form.about,
            "is": form.relation or Relation.UNUSUAL,
            "than": form.than or (Against.NUMBER if form.number else ""),
            "several": "yes" if form.first != form.last else "no",
        }
        return field in self.problems or all(
            (chosen[name] in values) is wanted for name, (wanted, values) in OFFERED[field].items()
        )

    @cached_property
    def sentence(self) -> str:
        """The question in words."""
        return question_sentence(self.question, self.spoken) if self.question else ""

    @cached_property
    def rule(self) -> str:
        """The rule that the question becomes; "" of one that asks for whatever is unusual."""
        node = rule_of(self.question) if self.question else None
        return written(node) if node is not None else ""

    @property
    def check(self) -> RuleCheck:
        """How the rule is read."""
        return checked_rule(self.rule, self.spoken)

    @property
    def statement(self) -> str:
        """What a claim that is kept of it says: the sentence that was asked, else the made one."""
        return self.reading.text if self.reading else self.sentence

    def _near(self, where: tuple[str, date, date]) -> Iterator[ClaimQuestion]:
        """Yield questions about what is named, and none about what nobody has named.

        What is said not to be so is never turned into the question whether it is.
        """
        reading, form = self.reading, self.form
        fields = reading.fields if reading else {}
        about, front = fields.get("about") or form.about, bool(fields.get("front") or form.page)
        if reading and not about and reading.is_about_front:
            about = FRONT_LEAD
        if reading and reading.unknown and not reading.names_subject:
            # Who has a name that nobody enrolled may be the leader.
            about = "leader" if any(one[0].isupper() for one in reading.unknown) else ""
        if not about:
            return
        negated, other = bool(reading and reading.is_negated), fields.get("other_days")
        if about == FRONT_LEAD:
            relations = [one for one in Relation if one.is_focus]
            if negated:
                relations = [one for one in relations if one != fields.get("relation")]
        elif negated:
            if is_measure(about):
                none = ClaimQuestion(about, Relation.EXACTLY, *where, front=front, amount=NONE)
                yield replace(none, over=Over.EACH)
            relations = [Relation.LESS]
        else:
            less = fields.get("relation", form.relation) in (Relation.LESS, Relation.AT_MOST)
            relations = [Relation.LESS if less else Relation.MORE]
            if other is None and not less and is_measure(about):
                relations.insert(0, Relation.APPEARS)
            relations += [Relation.UNUSUAL] if other is None else []
        for one in relations:
            yield ClaimQuestion(about, one, *where, front=front, other_days=other)

    @cached_property
    def nearest(self) -> list[tuple[str, AskForm]]:
        """Questions that can be asked and are near to what was not understood."""
        if self.question is not None or self.each or not (self.reading or self.form.chosen):
            return []
        first, last = self.choices.first, self.choices.last
        if self.publication is None or first is None or last is None or first > last:
            return []
        where = self.publication, first, last
        questions = [*self._near(where), ClaimQuestion(None, Relation.UNUSUAL, *where)]
        return [
            (question_sentence(one, self.spoken), form_of(one, self.spoken))
            for one in questions
            if not list(problems_of(one))
        ]

    @cached_property
    def _flags(self) -> Sequence[EditionFlags]:
        question = self.question
        return asked_flags(self.home, question) if question and question.lists else ()

    @property
    def waiting(self) -> int:
        """The number of editions of the days that nobody has compared with others yet."""
        return sum(one.state is FlagState.WAITING for one in self._flags)

    @property
    def compared(self) -> int:
        """The number of editions of the days that are compared with others."""
        return len(self._flags) - self.waiting

    @cached_property
    def unusual(self) -> list[tuple[EditionFlags, list[Flagged]]]:
        """The unusual editions of the days, each with its flags.

        The important ones come first; of a single day those that are farthest from usual.
        """
        days = [(one, flagged_in(one)) for one in self._flags if one.flags][:MOST_DAYS]
        if self.question is None or not self.question.one_day:
            return days
        return [(one, foreseen_flags(self.home, one, flags, self.coder)) for one, flags in days]

    @cached_property
    def beside(self) -> list[Mapping[str, Any]]:
        """The important numbers of a single edition beside what is usual; none of several days."""
        if len(self._flags) != 1 or (self.question and not self.question.one_day):
            return []
        try:
            baseline = baseline_document(self.home, self._flags[0].id)
        except InvalidRequest:  # too few of its pages could be looked at
            return []
        rows = {one["metric"]: one for one in baseline["metrics"]}
        return [rows[name] for name in IMPORTANT if name in rows]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the table of the page: what is unusual, with its rule."""
        for edition, flags in self.unusual:
            for one in flags:
                yield {
                    "edition": edition.id,
                    "publication": edition.publication,
                    "date": edition.date.isoformat(),
                    **{key: one.flag.get(key) for key in ("metric", "value", "usual")},
                    "rule": written(one.rule) if one.rule else None,
                }

    def document(self) -> dict[str, Any]:
        """Return all of it as JSON."""
        question = self.question
        notes = self.reading.notes if self.reading else ()
        return {
            "schema": 1,
            "q": self.form.q or None,
            "asked": form_of(question, self.spoken).given() if question else None,
            "statement": self.statement or None,
            "sentence": self.sentence or None,
            "rule": self.rule or None,
            "problems": {name: self.spoken.say(text) for name, text in self.problems.items()},
            "assumed": [self.spoken.say(one) for one in notes],
            "each": self.each,
            "unusual": [*self.rows()],
        }


def _amount(text: str) -> Amount | None:
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    value = float(match["value"].replace(",", ""))
    return Amount(round(value / 100, 12), percent=True) if match["percent"] else Amount(value)


@router.page("/ask")
@needs(Permission.READ)
def show_ask(home: Home, render: Render, form: Annotated[AskForm, read_query(AskForm)]) -> Response:
    """Show what a sentence or choices ask, the rule that they become, and what is unusual."""
    view = AskView(home, form, language(render.code), coder_of(render.request))
    asks = form.chosen or bool(form.q.strip())
    return render(
        "ask.html",
        document=view.document,
        table=lambda: Rows(COLUMNS, view.rows()),
        status=422 if asks and view.question is None and form.chosen else 200,
        section="ask",
        view=view,
        asks=asks,
        choices=lambda: metric_choices(home),
        offered=OFFERED,
        form_of=lambda question: form_of(question, view.spoken),
        open_questions=lambda: open_questions(home),
    )


@router.post("/ask")
@needs(Permission.REVIEW)
def ask_on_page(
    home: Home, render: Render, form: Annotated[AskForm, read_query(AskForm, Form)]
) -> RedirectResponse:
    """Ask a question, which looks at what is known, and go to its page."""
    view = AskView(home, form, language(render.code))
    question = view.question
    if question is None or not view.rule:
        raise InvalidRequest(next(iter(view.problems.values()), Message("nothing is asked")))
    claim = NewClaim(
        statement=view.statement,
        rule=view.rule,
        publication=question.publication,
        first=question.first,
        last=question.last,
        note=view.sentence if view.reading else None,
    )
    who = coder_of(render.request)
    claim_id, _ = ask_question(home, claim, coder=who, now=clock.now())
    return RedirectResponse(f"/ask/{claim_id}", status_code=303)
