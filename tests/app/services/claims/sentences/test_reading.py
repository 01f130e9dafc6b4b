"""Sentences in English and Korean, and the rules that they are read as."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from presslens.app.services.claims.sentences.periods import NamedArchive
from presslens.app.services.claims.sentences.question import (
    Against,
    Amount,
    ClaimQuestion,
    Over,
    Relation,
    problems_of,
    rule_of,
)
from presslens.app.services.claims.sentences.reading import read_sentence
from presslens.app.services.claims.sentences.vocabulary import vocabulary
from presslens.pipelines.statistics.claim.parser import parse
from presslens.pipelines.statistics.claim.tree import written

DAYS = [date(2025, 11, 24) + timedelta(days=i) for i in range(38)]
NAMES = [
    ("Kim Jong Un", "about", "figure:Kim Jong Un"), ("김정은", "about", "figure:Kim Jong Un"),
    ("indoor", "about", "label:indoor"), ("Sample Daily", "publication", "Sample Daily"),
    ("Sample Evening", "publication", "Sample Evening"),
]  # fmt: skip
ARCHIVE = NamedArchive("Sample Daily", DAYS, NAMES)
TABLE = (Path(__file__).parents[4] / "data" / "sentences.txt").read_text("utf-8")
FEWEST_HELD_OUT = 0.8


def read(sentence: str):
    code = "ko" if re.search("[가-힣]", sentence) else "en"
    return read_sentence(sentence, ARCHIVE, vocabulary(code))


def row_of(sentence: str) -> str:
    question = read(sentence).question
    if question is None:
        return f"{sentence} | -"
    rule = "unusual" if question.lists else written(rule_of(question))
    days = dict.fromkeys(f"{day:%m-%d}" for day in (question.first, question.last))
    return f"{sentence} | {rule} | {' '.join(days)}"


def rows(part: str) -> list[str]:
    return [line for line in part.splitlines() if line and not line.startswith("#")]


def test_sentences_are_read_as_their_rules_or_not_at_all():
    own, held_out = map(rows, TABLE.split("# held out"))
    assert [row_of(row.split(" | ")[0]) for row in own + held_out] == own + held_out
    assert len(own + held_out) > 100
    read_rows = [row for row in held_out if not row.endswith("| -")]
    assert len(read_rows) / len(held_out) >= FEWEST_HELD_OUT


def test_a_reading_shows_its_parts_and_names_what_it_does_not_know():
    reading = read("Did children appear more often after 17 December?")
    assert "".join(reading.text[one.start : one.end] for one in reading.parts) == reading.text
    kinds = {reading.text[one.start : one.end]: one.kind for one in reading.parts}
    assert kinds["children"] == "about"
    assert kinds["more often"] == "relation"
    assert (kinds["after"], kinds["17 December"]) == ("bound", "when")
    assert [str(one) for one in reading.notes] == ["no year is named: 2025, the nearest"]
    unread = read("Did tractors appear after 17 December?")
    assert unread.unknown == ["tractors"]
    assert dict(unread.problems)["q"] == "not understood: “tractors”"
    assert unread.fields["first"] == date(2025, 12, 18)
    assert read("어린이날이 나왔나?").unknown == ["어린이날이"]
    assert read("").question is None
    assert read_sentence("Did children appear?", NamedArchive("X", []), vocabulary("en")).problems


def test_a_year_that_is_not_named_is_that_of_the_nearest_editions():
    years = NamedArchive("X", [date(2019, 12, 16), date(2020, 1, 3), date(2022, 6, 1)])

    def first(sentence: str) -> date:
        question = read_sentence(sentence, years, vocabulary("en")).question
        assert question is not None
        return question.first

    assert first("Were there more than 9 photos on 16 December?") == date(2019, 12, 16)
    assert first("Were there more than 9 photos on 5 June?") == date(2022, 6, 5)
    assert first("Were there more than 9 photos in 2021?") == date(2021, 1, 1)
    assert first("Were there more than 9 photos in the latest edition?") == date(2022, 6, 1)
    assert read("Did children appear on 31 February?").question is None


DAY, WEEK = (DAYS[0], DAYS[0]), (DAYS[0], DAYS[6])


def asked(about, relation, days=DAY, **more) -> ClaimQuestion:
    return ClaimQuestion(about, relation, "X", *days, **more)


@pytest.mark.parametrize(
    ("question", "rule"),
    [
        (asked("pages", "exactly", amount=Amount(8), instead=6), "pages = 8 and usual_pages = 6"),
        (asked("photos", "more", amount=Amount(9), instead=6),
         "photos > 9 and baseline.median(photos) = 6"),
        (asked("photos", "more", WEEK, amount=Amount(9), over=Over.SUM), "sum(photos) > 9"),
        (asked("photos", "more", amount=Amount(9), front=True), "front.photos > 9"),
        (asked("people", "less", WEEK, against=Against.USUAL),
         "mean(share(people)) < baseline.mean(people)"),
        (asked("people", "less", WEEK, against=Against.USUAL, over=Over.EACH),
         "share(people) < baseline.p10(people)"),
        (asked("people", "more", front=True),
         "front.share(people) > baseline.p90(front.share(people))"),
        (asked("people", "unusual"),
         "share(people) > baseline.p90(people) or share(people) < baseline.p10(people)"),
        (asked('figure:A "B"', "appears"), r'share(figure "A \"B\"") > 0'),
        (asked("front_lead_focus", "neither", WEEK), "any(front.lead.focus = neither)"),
        (asked("front_lead_focus", "leader", WEEK, over=Over.EACH), "front.lead.focus = leader"),
        (asked("people", "more", WEEK, other_days=(DAYS[7], DAYS[13])),
         'mean(share(people)) > baseline.mean(people, "2025-12-01", "2025-12-07")'),
    ],
)  # fmt: skip
def test_a_question_becomes_a_rule_of_the_language(question, rule):
    question = ClaimQuestion(
        **{name: getattr(question, name) for name in question.__slots__}
        | {"relation": Relation(question.relation)}
    )
    assert list(problems_of(question)) == []
    assert written(rule_of(question)) == rule
    assert parse(rule) == rule_of(question)


@pytest.mark.parametrize(
    ("question", "field"),
    [
        (asked(None, Relation.MORE), "about"),
        (asked("tractors", Relation.MORE), "about"),
        (asked("photos", Relation.LEADER), "is"),
        (asked("front_lead_focus", Relation.MORE), "is"),
        (asked("photos", Relation.MORE, against=Against.NUMBER), "number"),
        (asked("photos", Relation.MORE, amount=Amount(0.1, percent=True)), "number"),
        (asked("largest_photo", Relation.MORE, amount=Amount(3)), "number"),
        (asked("people", Relation.MORE, amount=Amount(3), front=True), "number"),
        (asked("pages", Relation.MORE, front=True, amount=Amount(3)), "page"),
        (asked("photos", Relation.MORE, front=True), "than"),
        (asked("photos", Relation.UNUSUAL, front=True), "page"),
        (asked("people", Relation.MORE, over=Over.SUM), "over"),
        (asked("people", Relation.AT_LEAST, against=Against.RECORD), "than"),
        (asked("people", Relation.MORE, WEEK, against=Against.RECORD, over=Over.MEAN), "over"),
        (asked("photos", Relation.APPEARS, (DAYS[1], DAYS[0])), "to"),
    ],
)
def test_what_is_missing_is_said_beside_its_field(question, field):
    assert field in dict(problems_of(question))
