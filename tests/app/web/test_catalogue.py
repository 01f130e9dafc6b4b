"""The catalogues of translations are complete, and say what the messages say."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from presslens.app.platform.language import LANGUAGES
from presslens.lab.catalogue import ROOT, catalogue_file, untranslated, written
from presslens.lab.catalogue import updated as gather_and_update

updated = cache(gather_and_update)
"""Reads all sources, once a language."""

TRANSLATED = [code for code in LANGUAGES if code != "en"]
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%")
TAG = re.compile(r"</?[a-z][^>]*>")
SPEAKERS = {"text", "plural", "gettext", "ngettext", "_", "N_", "Message", "NotFound"}
FACES = ("app/web/", "app/charts/")
AVOIDED = {
    "발행호": "호",
    "퍼센트포인트": "%p",
    "부호자": "코더",
    "부호화": "코딩",
    "라벨": "레이블",
    "보관소": "아카이브",
    "작업자": "워커",
    "답변": "답",
    "세요": "십시오",
}
"""Korean words that pages avoid, each with the one that pages say."""


@pytest.fixture(scope="module", params=TRANSLATED)
def code(request) -> str:
    return request.param


def test_a_catalogue_holds_all_messages_of_the_program_and_no_others(code):
    path = catalogue_file(code)
    assert path.read_bytes() == written(updated(code)), "run: python -m presslens.lab.catalogue"


def test_every_message_is_translated(code):
    assert not list(untranslated(updated(code)))


def test_translations_have_the_placeholders_and_the_tags_of_their_messages(code):
    wrong = []
    for message in updated(code):
        if not message.id:
            continue
        # Of two forms the second one is for any number: a language of one form has its parts.
        wanted = _texts(message.id)[-1]
        for pattern in (PLACEHOLDER, TAG):
            for text in _texts(message.string):
                # Korean writes percentage points with a sign of their own.
                said = text.replace("%%p", "") if "point" in wanted else text
                if set(pattern.findall(said)) != set(pattern.findall(wanted)):
                    wrong.append((wanted, text))
    assert not wrong


def test_translations_fill_in(code):
    """Templates format all that they say, Python what has values; words are said by both."""
    wrong = []
    for message in updated(code):
        values = dict.fromkeys(re.findall(r"%\((\w+)\)", "".join(_texts(message.id))), "7")
        files = {file for file, _ in message.locations}
        formatted = any(file.endswith(".html") for file in files) or bool(values)
        plain = not values and any(not file.endswith(".html") for file in files)
        for text in _texts(message.string) if message.id else ():
            try:
                shown = {text % values} if formatted else set()
            except (ValueError, TypeError, KeyError):
                shown = {"%%"}
            shown |= {text} if plain else set()
            if (
                len(shown) > 1
                or "%%" in min(shown)
                or (plain and "vocabulary" in files and "%" in text)
            ):
                wrong.append(text)
    assert not wrong


def test_korean_pages_have_one_word_for_a_thing():
    texts = [text for message in updated("ko") if message.id for text in _texts(message.string)]
    assert not [(word, text) for word in AVOIDED for text in texts if word in text]


def test_a_message_is_one_literal_outside_of_f_strings():
    wrong = []
    for file in sorted(ROOT.glob("*/**/*.py")):
        if file.relative_to(ROOT).parts[0] in ("app", "models", "pipelines"):
            source = file.read_text()
            if not any(f"{name}(" in source for name in _speakers(file)):
                continue
            nodes = list(ast.walk(ast.parse(source)))
            # Two literals in one call are gathered as one message, that no page ever says.
            wrong += [f"{file}:{node.lineno}" for node in _runs_together(file, nodes)]
            # What stands within an f-string is not gathered by every version of Python.
            strings = (node for node in nodes if isinstance(node, ast.JoinedStr))
            wrong += [
                f"{file}:{node.lineno}"
                for node in (inner for string in strings for inner in ast.walk(string))
                if isinstance(node, ast.Call) and _speaks(node, file) and _is_text(node.args[:1])
            ]
    assert not wrong


def test_messages_are_gathered_where_they_stand():
    known = {message.id for message in updated("ko")}
    assert "reviewed by people" in known  # Python
    assert "Skip to the content" in known  # templates
    assert "there is no such edition" in known  # errors
    assert "the mean over the editions of the days" in known  # words that tables hold


def _texts(text) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _runs_together(file: Path, nodes: list[ast.AST]) -> Iterator[ast.Call]:
    for node in nodes:
        if isinstance(node, ast.Call) and _speaks(node, file):
            chosen = [one.value if isinstance(one, ast.Subscript) else one for one in node.args[:1]]
            choices = [one for one in chosen if isinstance(one, ast.IfExp | ast.BoolOp | ast.Dict)]
            if any(_is_text(list(ast.walk(one))) for one in choices):
                yield node


def _speaks(call: ast.Call, file: Path) -> bool:
    called = call.func
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name in _speakers(file)


def _speakers(file: Path) -> set[str]:
    face = str(file.relative_to(ROOT)).startswith(FACES)
    return SPEAKERS if face else {"Message", "NotFound"}


def _is_text(arguments: list[ast.AST]) -> bool:
    return any(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in arguments)


def test_the_glossary_has_the_korean_words_of_the_pages():
    text = (ROOT / "docs" / "reference" / "glossary.md").read_text().partition("## In Korean")[2]
    rows = dict(re.findall(r"^\| (.+?) \| ([가-힣0-9 ]+) \|$", text, re.MULTILINE))
    assert rows.pop("English") == LANGUAGES["ko"]
    said: dict[str, set[str]] = {}
    for message in updated("ko"):
        for one in _texts(message.id):
            said.setdefault(one.casefold(), set()).update(_texts(message.string))
    assert len(rows) > 20
    assert {word: korean for word, korean in rows.items() if not _is_said(word, korean, said)} == {}


def _is_said(word: str, korean: str, said: dict[str, set[str]]) -> bool:
    return korean in said.get(word, set()) | said.get(f"{word}s", set())
