"""Asking: sentences and choices become questions; what is unusual is told."""

import re
from datetime import date, timedelta

import pytest

from presslens.app.platform.language import language
from presslens.app.services.claims.sentences.periods import NamedArchive
from presslens.app.services.claims.sentences.question import (
    Against,
    Amount,
    ClaimQuestion,
    Relation,
    problems_of,
    rule_of,
)
from presslens.app.services.claims.sentences.reading import read_sentence
from presslens.app.services.claims.sentences.vocabulary import vocabulary
from presslens.app.web.ask_words import question_sentence
from presslens.app.web.metric_words import metric_name
from presslens.pipelines.statistics.measure import BUILT_IN
from presslens.pipelines.statistics.plain import PLAIN
from presslens.pipelines.statistics.unusual import FRONT_LEAD

from .conftest import shown

DAY = date(2019, 12, 16)
DAYS = [DAY, date(2019, 12, 31)]
NOVEMBER = date(2019, 11, 1), date(2019, 11, 30)
WEAK = ("photos", "pages")


def made_questions():
    """Yield questions of all kinds that can be a rule."""
    subjects = [*PLAIN, *BUILT_IN, FRONT_LEAD, "figure:Kim Jong Un", None]
    for about in subjects:
        for relation in Relation:
            for last in DAYS:
                for against, amount, other in [
                    (None, None, None), (Against.MEAN, None, None), (Against.RECORD, None, None),
                    (None, Amount(0.12, True), None), (None, Amount(0.0, True), None),
                    (None, Amount(12), None),
                    (None, None, NOVEMBER), (None, None, NOVEMBER[:1] * 2),
                ]:  # fmt: skip
                    if (amount or other) and not relation.compares:
                        continue
                    if about == "leader" and amount == Amount(12):
                        continue  # "photos of the leader" are those that surely show him
                    where = ("Rodong Sinmun", DAY, last)
                    question = ClaimQuestion(
                        about, relation, *where, against=against, amount=amount, other_days=other
                    )
                    if not list(problems_of(question)):
                        yield question


@pytest.mark.parametrize("code", ["en", "ko"])
def test_a_made_sentence_is_read_as_the_same_question(code):
    named = ["figure:Kim Jong Un", *(one for one in (*PLAIN, *BUILT_IN) if one not in WEAK)]
    names = [(metric_name(one, language(code)), "about", one) for one in named]
    archive = NamedArchive("Rodong Sinmun", DAYS, names)
    made = list(made_questions())
    assert len(made) > 300
    for question in made:
        sentence = question_sentence(question, language(code))
        read = read_sentence(sentence, archive, vocabulary(code)).question
        assert read is not None, sentence
        assert (rule_of(read), read.first, read.last) == (
            rule_of(question), question.first, question.last,
        ), sentence  # fmt: skip


def test_a_sentence_is_shown_with_its_rule_and_asked(client, edition):
    sentence = "Were there more than 2 photos on 16 December?"
    page = shown(client, "/ask", q=sentence)
    assert '<mark class="when">16 December</mark>' in page
    assert "<code>photos &gt; 2</code>" in page
    assert "On 16 December 2019 the number of photos was higher than 2." in page
    assert "No year is named: 2019, the nearest." in page
    document = client.get("/ask.json", params={"q": sentence}).json()
    again = client.get("/ask.json", params=document["asked"]).json()
    assert again["rule"] == document["rule"] == "photos > 2"

    answer = client.post("/ask", data={"q": sentence}, follow_redirects=False)
    assert answer.status_code == 303
    assert "photos &gt; 2" in shown(client, answer.headers["location"])
    claims = client.get("/api/v1/claims", params={"drafts": True}).json()["claims"]
    (asked,) = [one for one in claims if one["draft"]]
    assert (asked["statement"], asked["rule"]) == (sentence, "photos > 2")
    assert sentence in shown(client, "/ask")  # among the questions in work
    typed = "12월 16일에 사진이 2장이 넘었나?"
    answer = client.post("/ask", data={"q": typed}, follow_redirects=False)
    address = answer.headers["location"]
    page, korean = (shown(client, address, lang=code) for code in ("en", "ko"))
    assert "<h1>On 16 December 2019 the number of photos was higher than 2.</h1>" in page
    assert f'Asked as <q lang="ko">{typed}</q>' in page
    assert "<h1>2019년 12월 16일에 ‘사진’ 수치가 2보다 높았다.</h1>" in korean
    assert client.post("/ask", data={"q": "Did tractors appear?"}).status_code == 422
    assert client.post("/ask", data={"q": "What was unusual in December?"}).status_code == 422


def test_what_is_not_understood_is_named_and_what_is_missing_said_beside_its_field(client, edition):
    page = shown(client, "/ask", q="Did tractors appear on 16 December?")
    assert '<mark class="unknown">tractors</mark>' in page
    assert "What can be asked that is near to it" in page
    page = shown(client, "/ask", 422, **{"about": "photos", "is": "more", "than": "number"})
    assert 'aria-describedby="problem-number"' in page
    page = shown(client, "/ask", 422, **{"about": "photos", "is": "more", "number": "many"})
    assert "A number is written 100" in page
    page = shown(client, "/ask", q="12월 16일에 사진이 2장이 넘었나?", lang="ko")
    assert "<code>photos &gt; 2</code>" in page
    assert "2019년 12월 16일에 ‘사진’ 수치가 2보다 높았다." in page
    page = shown(client, "/ask", q="Did children or fireworks appear on 16 December?")
    assert ">Did fireworks appear on 16 December?</a>" in page
    event = {"date": "2019-12-16", "title": "Leader visits a factory", "source": "x"}
    assert client.post("/api/v1/events", json=event).status_code == 201
    page = shown(client, "/ask", q="Were there more crowds since the factory visit?")
    assert ">Were there more crowds since 16 December 2019?</a>" in page
    page = shown(client, "/ask", q="Was the Sinmun unusual on 16 December?")
    assert "“Sinmun” is read as Rodong Sinmun." in page
    page = shown(client, "/ask", q="Did fireworks ever appear?")
    assert "No day is named: all days at hand, 16 December 2019." in page
    front = {"about": "leader_photos", "is": "appears", "page": "front"}
    page = shown(client, "/ask", 422, **front)
    assert "A count of the front page is compared with a number." in page
    page = shown(client, "/ask", q="The leader was not on the front page.")
    assert "No day is named: the latest edition, of 16 December 2019." in page
    assert "no photos with the leader on the front page." in page
    assert "appeared." not in page, "the opposite is not offered"
    page = shown(client, "/ask", q="Were there more children on Pentecost than in November?")
    assert "Name the days that are asked about, too" in page
    assert 'name="than_from" value="2019-11-01"' in page
    assert "the share of photos with children" not in page, "no day is taken silently"
    page = shown(client, "/ask", q="Did the photos become more colourful on 16 December?")
    assert ">Was 16 December 2019 unusual?</a>" in page
    assert "the number of photos" not in page
    page = shown(client, "/ask", q="Were children with tractors rarer on 16 December?")
    assert "was lower than" in page
    assert "was higher than" not in page, "less is not offered as more"
    page = shown(client, "/ask", q="Were colourful photos printed on 16 December?")
    assert "higher than 0" not in page
    page = shown(client, "/ask", q="Why did tractors appear on 16 December?")
    assert "Not understood: “tractors”; “Why”: photographs do not tell" in page
    page = shown(client, "/ask", q="How many photos were there on 16 December?")
    assert re.search(r'href="/timeline\?[^"]*metric=photos[^"]*from=2019-12-16', page)
    assert ">The number, day by day<" in page


def test_the_number_of_the_form_is_asked_with_all_its_digits(client, edition):
    choices = {"about": "children", "is": "more", "from": "2019-12-16"}
    for number, rule in [("0.05 %", "0.0005"), ("12.345 %", "0.12345"), ("99.9 %", "0.999")]:
        answer = client.get("/ask.json", params={**choices, "number": number}).json()
        again = client.get("/ask.json", params=answer["asked"]).json()
        assert answer["rule"] == again["rule"] == f"share(children) > {rule}"
    for unclear in ("2,5 %", "12,34", "9" * 20):
        assert client.get("/ask", params={**choices, "number": unclear}).status_code == 422


def test_what_is_unusual_is_told_with_what_is_usual(client, edition, add_summary):
    page = shown(client, "/ask", q="Was 16 December unusual?")
    assert "nothing in the edition is unlike those before it" in page
    assert "No analysed edition of these days" in shown(client, "/ask", q="Was 20 May unusual?")
    rows = client.get("/ask.json", params={"q": "What was unusual in December?"}).json()
    assert rows["unusual"] == []
    for days in range(1, 13):  # no worker compares them
        add_summary(DAY - timedelta(days), photos=30, pages=3, publication="Rodong Sinmun")
    page = shown(client, "/ask", q="Was 16 December unusual?")
    assert "Yes: it is unlike the editions before it" in page
    assert '<p class="quiet">Rodong Sinmun</p>' in page
    assert "compares it again" not in page
    page = shown(client, "/ask", q="What was unusual in December?")
    assert "12 editions are not compared with the usual yet" in page


def test_an_empty_archive_and_start_offer_the_line(client):
    assert "What do you want to know?" in shown(client, "/ask")
    assert "No edition is at hand yet" in shown(client, "/ask", q="Did children appear?")
