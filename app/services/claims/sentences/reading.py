"""Reads a sentence: which question it asks, which part says what, and what is not understood."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from presslens.app.services.claims.sentences.days import DAY, fixed_day, read_days
from presslens.app.services.claims.sentences.periods import (
    BETWEEN,
    ONE_DAY,
    OTHER,
    NamedArchive,
    SentenceDays,
    SentencePart,
)
from presslens.app.services.claims.sentences.question import (
    FOCUS_OF_LEAD,
    NO_SUBJECT,
    NOTHING_ASKED,
    NUMBER_OR_USUAL,
    PHOTOS,
    Against,
    Amount,
    ClaimQuestion,
    Over,
    Problem,
    Relation,
    problems_of,
)
from presslens.app.services.claims.sentences.refusals import PHOTOS_ALONE, REFUSED
from presslens.app.services.claims.sentences.vocabulary import Phrase, Vocabulary, name_parts
from presslens.models.message import Message, join_messages
from presslens.pipelines.statistics.measure import FIGURE, is_measure
from presslens.pipelines.statistics.plain import PLAIN
from presslens.pipelines.statistics.unusual import FRONT_LEAD

LONGEST = 300
"""Characters of a sentence at most."""

_WORD = re.compile(r"[^\s.,;:!?()\"“”‘’'…]+")
_GAP = re.compile(r"[\s.,;:!?()\"“”‘’'…–—-]+")

FOCUSES = {
    "leader": Relation.LEADER,
    "focus_leader": Relation.LEADER,
    "focus_facility": Relation.FACILITY,
    "focus_neither": Relation.NEITHER,
}
"""What the lead photo of the front page may be about."""

RECORD = Against.RECORD.value

NOT, NO, ABSENT = ABSENCES = "none", "no", "absent"
"""Relations of what no photo shows. "Not" goes with no "every" and no "any", which it may negate;
"no" and "absent" do where those stand before them, and "absent from every" is plain, too."""

GONE = "gone"
"""The relation of what is said to have vanished: there is less of it."""

CHANGES = {"rises": Relation.MORE, "falls": Relation.LESS}
"""Relations of what is said to change: a number beside them may be by how much it does."""

SIZES = {"larger": Relation.MORE, "smaller": Relation.LESS}
"""Relations of numbers and shares; of photos, or of what they show, they tell the size."""

SUPERLATIVES = {"most": Relation.MORE, "fewest": Relation.LESS}
"""Relations to every edition before."""

SIZED = set(PLAIN) - {
    "photos",
    "pages",
    "leader_photos",
    "together_photos",
    "full_page_photo_pages",
}
"""Metrics that are a size, and no number of photos or pages."""

SAME = {GONE: Relation.LESS, **CHANGES, **SIZES, **SUPERLATIVES}

WEAK = {"many": Relation.MORE, "few": Relation.LESS, "appears": Relation.APPEARS}
"""Relations that count where the sentence has no other one."""


@dataclass(frozen=True, slots=True)
class SentenceReading:
    """What is understood of a sentence.

    ``question`` is None where something is missing; ``problems`` say what, each with the field of
    the form that it belongs to.
    """

    text: str
    parts: tuple[SentencePart, ...]  # all of the text, in order
    fields: dict[str, Any]  # of the question, as far as they are understood
    question: ClaimQuestion | None = None
    problems: tuple[Problem, ...] = ()
    notes: tuple[Message, ...] = ()  # what is assumed

    @property
    def unknown(self) -> list[str]:
        """The words that are not understood."""
        return [self.text[one.start : one.end] for one in self.parts if one.kind == "unknown"]

    @property
    def is_negated(self) -> bool:
        """Whether it says that something was not so."""
        negations = ("negation", *ABSENCES)
        return any(
            one.kind in ("refused", "relation") and one.value in negations for one in self.parts
        )

    @property
    def is_about_front(self) -> bool:
        """Whether it names the front page."""
        return any(one.kind == "page" for one in self.parts)

    @property
    def names_subject(self) -> bool:
        """Whether a word says what is measured, beyond "photos" or "pages"."""
        return any(one.kind == "about" for one in self.parts)


def read_sentence(text: str, archive: NamedArchive, words: Vocabulary) -> SentenceReading:
    """Read a sentence about the editions of a newspaper.

    Args:
        text: The sentence.
        archive: What it may name.
        words: Those of its language.
    """
    text = " ".join(text.split())[:LONGEST]
    parts = tuple(_scanned(text, [*words.named(archive.names), *words.phrases], words))
    return _Sentence(text, parts, archive, words).reading()


def _scanned(text: str, phrases: Sequence[Phrase], words: Vocabulary) -> Iterator[SentencePart]:
    """Yield the parts of a text: at each place that of the longest phrase."""
    at = 0
    while at < len(text):
        between = _GAP.match(text, at)
        if between:
            yield SentencePart(at, between.end(), "")
            at = between.end()
            continue
        end = _end_of_word(text, at)
        token = list(_of_token(text, at, phrases, words))
        if token and token[-1].end >= end:
            yield from token
            at = token[-1].end
        else:  # a part of a word says nothing of the whole
            yield SentencePart(at, end, "unknown")
            at = end


def _end_of_word(text: str, at: int) -> int:
    word = _WORD.match(text, at)
    return word.end() if word else at + 1


def _of_token(
    text: str, at: int, phrases: Sequence[Phrase], words: Vocabulary
) -> Iterator[SentencePart]:
    """Yield the phrases from a place to the end of a word, as far as they reach."""
    while at < len(text):
        matches = [(one, m) for one in phrases if (m := one.pattern.match(text, at)) and m[0]]
        if not matches:
            return
        phrase, match = max(matches, key=lambda pair: pair[1].end())
        yield SentencePart(
            at, match.end(), phrase.kind, _value(phrase, match, words), _unit(match, words)
        )
        at = match.end()
        particle = words.particles.match(text, at)
        if particle:
            yield SentencePart(at, particle.end(), "fillers")
            at = particle.end()
        if at >= len(text) or _GAP.match(text, at):
            return


def _unit(match: re.Match[str], words: Vocabulary) -> str | None:
    return words.units.get(match.groupdict().get("unit") or "")


def _value(phrase: Phrase, match: re.Match[str], words: Vocabulary) -> Any:
    if phrase.kind == "when":
        return fixed_day(phrase.value, match) if phrase.value else read_days(match, words)
    if phrase.kind == "number":
        figures = match.groupdict().get("figures")
        value = float(figures.replace(",", "")) if figures else float(phrase.value)
        percent = match["percent"] is not None
        return Amount(round(value / 100, 12) if percent else value, percent)
    return Amount(phrase.value, percent=True) if phrase.kind == "part" else phrase.value


class _Sentence(SentenceDays):
    """Puts the parts of a sentence together."""

    def reading(self) -> SentenceReading:
        """Return what is understood."""
        self.problems += [("q", one) for one in self._refusals()]
        fields = {**self._subject(), **self._numbers(), **self._editions()}
        if set(ABSENCES) & set(self.of("relation")):
            fields |= self._absence(fields)
        fields = {name: value for name, value in fields.items() if value is not None}
        self._mark_unused(fields)
        fields = self._turned(fields)
        if unknown := [one for one in self.parts if one.kind == "unknown"]:
            listed = ", ".join(self._quoted(one) for one in unknown)
            self.problems.insert(0, ("q", Message("not understood: %(words)s", words=listed)))
        question = None
        if {"relation", "first"} <= set(fields):
            question = ClaimQuestion(**{"about": None, **fields})
            self.problems += problems_of(question)
            if question.other_days is not None and not question.relation.compares:
                self.problems.append(("from", ONE_DAY))
        elif "relation" not in fields:
            self.problems.append(("is", NOTHING_ASKED))
        problems: dict[str, list[Message]] = {}
        for field, text in self.problems:
            problems.setdefault(field, []).append(text)
        sentences = problems.pop("q", [])
        said = [(field, texts[0]) for field, texts in problems.items()]
        if sentences:
            said.insert(0, ("q", join_messages(dict.fromkeys(sentences))))
        return SentenceReading(
            self.text,
            tuple(self.parts),
            fields,
            None if said else question,
            tuple(said),
            tuple(self.notes),
        )

    def _quoted(self, part: SentencePart) -> str:
        return f"“{self.text[part.start : part.end]}”"

    def _refusals(self) -> Iterator[Message]:
        """Yield why the sentence is not answered, with the word of each reason."""
        refused = {one.value: one for one in self.parts[::-1] if one.kind == "refused"}
        for value, part in refused.items():
            yield self._refusal(part, value)

    def _refusal(self, part: SentencePart, value: str) -> Message:
        return Message("%(words)s: %(why)s", words=self._quoted(part), why=REFUSED[value])

    def _absence(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Return what is asked of something that is said not to be there: that nothing shows it."""
        words = [one for one in self.parts if one.value in ABSENCES]
        about, word = fields.get("about"), words[0].value
        besides = set(self.of("relation")) - {*ABSENCES, "appears"}
        besides |= set(self.of("number", "part", "against", "instead", "focus"))
        for one in (one for one in self.parts if one.kind == "over"):
            plain = word != NOT and one.start < words[0].start
            if not plain and (word, one.value) != (ABSENT, Over.EACH):
                besides.add(one.value)
        if besides or len(words) > 1 or about == FRONT_LEAD:
            self.problems.append(("q", self._refusal(words[0], "negation")))
            return {}
        self.notes.append(
            Message("%(words)s is asked as “no photo shows it”", words=self._quoted(words[0]))
        )
        none = Amount(0.0, percent=about is not None and is_measure(about))
        over = fields.get("over") or (Over.EACH if none.percent else None)
        return {"relation": Relation.EXACTLY, "amount": none, "over": over}

    def _turned(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Return "more often before a day" as "less often from that day on": rules look back."""
        relation = fields.get("relation")
        bounds = [self.parts[at].value for at, _, _ in self._bounded() if at is not None]
        turned = {Relation.MORE: Relation.LESS, Relation.LESS: Relation.MORE}
        if (
            "before" not in bounds
            or relation not in turned
            or {"amount", "against", "other_days"} & set(fields)
        ):
            return fields
        if "first" not in fields or fields["last"] >= self.archive.days[-1]:
            return fields
        self.notes.append(Message("the days from then on are compared with those before"))
        days = {"first": fields["last"] + DAY, "last": self.archive.days[-1]}
        return {**fields, "relation": turned[relation], **days}

    def _mark_unused(self, fields: dict[str, Any]) -> None:
        """Mark the words as not understood that go with nothing that they could go with."""
        about = fields.get("about") or ""
        used = {at for bound, _, shift in self._bounded() for at in (bound, shift)}
        befores = [at for at in used if at is not None and self.parts[at].value == "before"]
        if befores:  # "before a day than after" says no more than "before a day"
            used |= {i for i, one in enumerate(self.parts) if one.value == "afterwards"}
        relation = fields.get("relation")
        # "20 photos more" is no "more than 20 photos".
        numbers = [one.end for one in self.parts if one.kind in ("number", "part")]
        is_open = self.words.bounds_follow or not numbers or "amount" not in fields
        first_bound = len(self.text) if is_open else numbers[0]
        counted = self.of("amount") or about in SIZED
        values = set(self.of("relation")) - {"appears"}
        unused = {
            "focus": about != FRONT_LEAD and not about.startswith("focus_"),
            "instead": "instead" not in fields and not self._rejected(),
            "against": not fields.get("amount") and not (relation and relation.compares),
        }
        for i, one in enumerate(self.parts):
            lost = one.kind == "bound" and i not in used and one.value not in ("versus", *OTHER)
            lost |= one.kind == "shift" and i not in used
            lost |= one.value == "pages" != about and one.kind == "weak" and bool(self.of("about"))
            lost |= one.value in SIZES and not counted
            lost |= one.value in CHANGES and "amount" in fields and values <= set(CHANGES)
            lost |= one.value in (Relation.MORE, Relation.LESS) and one.start > first_bound
            if lost or unused.get(one.kind, False):
                self.parts[i] = replace(one, kind="unknown")

    def _subject(self) -> dict[str, Any]:
        """Return what it is about, and which relation is asked of it."""
        front, rejected = bool(self.of("page")), self._rejected()
        about = [one for one in self.of("about") if one not in rejected]
        relation = self._relation()
        if FRONT_LEAD in about or (front and self._asks_for_focus(about, relation, rejected)):
            return self._lead([one for one in about if one != FRONT_LEAD], relation)
        about = self._of_leader(about, relation if front else Relation.MORE)
        if not about:
            about = self._units() or self.of("weak")
        if (
            self.of("amount")
            and relation in (None, Relation.APPEARS)
            and not self.of("number", "part")
        ):
            self.problems.append(("is", REFUSED["number"]))
        if len(about) > 1:
            names = ", ".join(one.removeprefix(FIGURE).replace("_", " ") for one in about)
            self.problems.append(("about", Message("ask of one at a time: %(names)s", names=names)))
        if relation in (None, Relation.APPEARS) and self.of("number", "part"):
            part = self.of("part") and not self.of("number")
            relation = Relation.AT_LEAST if part else Relation.EXACTLY
        if relation is None and about:
            relation = Relation.APPEARS
        if not about and relation is not Relation.UNUSUAL:
            self.problems.append(("about", NO_SUBJECT))
        return {
            "about": about[0] if about else None,
            "relation": relation,
            "front": front or None,
        }

    def _of_leader(self, about: list[str], relation: Relation | None) -> list[str]:
        """Return what is asked of the leader: the focus, or photos that show the leader."""
        amounts = self.of("number", "part")
        counted = amounts or relation not in (None, Relation.APPEARS)
        shared = amounts and all(one.percent for one in amounts)
        if about == ["leader_photos"] and (shared or not counted):
            return ["leader"]
        if self.of("focus") and about == ["leader"]:
            return ["focus_leader"]
        both = {"leader", "focus_facility"} == set(about) and self.of("focus")
        return ["focus_facility"] if both else about

    def _units(self) -> list[str]:
        return list(dict.fromkeys(one.unit for one in self.parts if one.unit is not None))

    def _rejected(self) -> list[str]:
        """Return what the sentence puts aside: "the factory rather than the leader"."""
        step = -1 if self.words.bounds_follow else 1
        rejected = []
        for at, mark in enumerate(self.parts):
            beside = (one for one in self.parts[at + step :: step] if one.kind not in BETWEEN)
            other = next(beside, None) if mark.kind == "instead" else None
            if other and other.kind == "about" and other.value in FOCUSES:
                rejected.append(other.value)
        return rejected

    def _asks_for_focus(
        self, about: Sequence[str], relation: Relation | None, rejected: Sequence[str]
    ) -> bool:
        """Return whether a sentence on the front page asks what its lead photo is about."""
        if not about or relation not in (None, Relation.APPEARS) or self.of("number", "part"):
            return False
        return about[0] in FOCUSES and bool(self.of("focus") or rejected or about[0] != "leader")

    def _lead(self, about: Sequence[str], relation: Relation | None) -> dict[str, Any]:
        focuses = {FOCUSES[one] for one in about if one in FOCUSES}
        counted = relation not in (None, Relation.APPEARS) or self.of("number", "part")
        if counted or len(focuses) != 1 or len(about) != len(focuses):
            self.problems.append(("is", FOCUS_OF_LEAD))
            return {"about": FRONT_LEAD}
        return {"about": FRONT_LEAD, "relation": focuses.pop()}

    def _relation(self) -> Relation | None:
        """Return the relation that is asked: a strong one, else a weak one."""
        for part in self.parts:
            if part.value == GONE:
                words = self.text[part.start : part.end]
                self.notes.append(
                    Message("“%(words)s” is asked as “less than before”", words=words)
                )
        names = [SAME.get(one, one) for one in self.of("relation")]
        weak = {*WEAK, *ABSENCES}
        strong = list(dict.fromkeys(Relation(one) for one in names if one not in weak))
        superlative = set(SUPERLATIVES) & set(self.of("relation"))
        if len(strong) > 1 and Relation.UNUSUAL in strong and not superlative:
            strong.remove(Relation.UNUSUAL)
        if len(strong) > 1:
            self.problems.append(("is", REFUSED["two"]))
        if strong:
            return strong[0]
        return next((WEAK[one] for one in WEAK if one in names), None)

    def _numbers(self) -> dict[str, Any]:
        """Return what it is compared with, and how the editions are taken together."""
        numbers = [one for one in self.parts if one.kind in ("number", "part")]
        amounts: list[Amount] = []
        instead: list[float] = []
        marks = [one for one in self.parts if one.kind == "instead"]
        for one in numbers:
            near = [
                mark
                for mark in marks
                if (mark.start >= one.end if self.words.bounds_follow else mark.end <= one.start)
            ]
            if self._beside(one, near):
                instead.append(one.value.value)
            else:
                amounts.append(one.value)
        if len(amounts) > 1 or len(instead) > 1:
            self.problems.append(("number", Message("give one number")))
        self._check_photos(amounts)
        against, over = self.of("against"), self.of("over")
        if not against and "versus" in self.of("bound"):
            against = ["mean"]
        against = list(dict.fromkeys([*against, *self._records()]))
        if (amounts and against and not instead) or (RECORD in against and against != [RECORD]):
            self.problems.append(("than", NUMBER_OR_USUAL))
        if len(over) > 1:
            over = [one for one in over if one != "mean"]
        return {
            "amount": amounts[0] if amounts else None,
            "instead": instead[0] if instead else None,
            "against": Against(against[0]) if against and not amounts else None,
            "over": Over(over[0]) if over else None,
        }

    def _records(self) -> Iterator[str]:
        """Yield that it is compared with every edition before, for each word that says so."""
        for part in self.parts:
            if part.value == RECORD or (part.kind == "relation" and part.value in SUPERLATIVES):
                words = self.text[part.start : part.end]
                self.notes.append(
                    Message("“%(words)s” is compared with every edition before", words=words)
                )
                yield RECORD

    def _check_photos(self, amounts: Sequence[Amount]) -> None:
        """Check that a number of what photos show is one of photos: persons are not counted."""
        counted = any(not one.percent for one in amounts) and self.of("about")
        named = {PHOTOS.name, *self._units()} if PHOTOS.name in self.of("weak") else self._units()
        if counted and PHOTOS.name not in named and not set(self.of("about")) & set(PLAIN):
            self.problems.append(("number", PHOTOS_ALONE))

    def _beside(self, number: SentencePart, marks: Sequence[SentencePart]) -> bool:
        """Return whether nothing but fillers stands between a number and a word of "instead"."""
        for mark in marks:
            low, high = sorted((number, mark), key=lambda one: one.start)
            between = self.parts[self.parts.index(low) + 1 : self.parts.index(high)]
            if all(one.kind in (*BETWEEN, "against") for one in between):
                return True
        return False

    def _editions(self) -> dict[str, Any]:
        """Return the newspaper and the days."""
        for part in self.parts:
            name = str(part.value).removeprefix(FIGURE)
            words = self.text[part.start : part.end]
            if part.kind in ("about", "publication") and words.lower() in name_parts(name):
                self.notes.append(
                    Message("“%(words)s” is read as %(name)s", words=words, name=name)
                )
        named = self.of("publication")
        publication = named[0] if named else self.archive.publication
        if len(named) > 1:
            self.problems.append(("publication", REFUSED["newspapers"]))
        days, other = self.days()
        first, last = days or (None, None)
        return {"publication": publication, "first": first, "last": last, "other_days": other}
