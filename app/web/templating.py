"""Jinja environments of the pages, one for each language."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial, wraps
from typing import Any, cast

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from presslens.app.platform.language import LANGUAGES, Language, language, language_of
from presslens.app.services.accounts.identity import NOBODY
from presslens.app.web.alternatives import shown_focus, shown_in_words
from presslens.app.web.ask_words import asked_title
from presslens.app.web.claim_sentences import evidence_words, verdict_sentence
from presslens.app.web.done_forms import new_mark
from presslens.app.web.menu import MENU
from presslens.app.web.metric_words import (
    in_percent,
    is_share,
    metric_interval,
    metric_name,
    metric_number,
)
from presslens.models.languages import country_name, is_right_to_left, language_name
from presslens.pipelines.failure import FailureCategory
from presslens.pipelines.scans.scan import RejectReason


@cache
def environment(code: str) -> Environment:
    """Return the environment of a language of ``LANGUAGES``.

    Filters: ``day``, ``time``, ``number``, ``percent``, ``interval`` write values in the language,
    ``newspaper`` the name of one,
    ``asked_title`` a claim as readers of the language read it, ``lang_of`` the code of a text's,
    ``metric_name``, ``metric_number`` and ``metric_interval`` metrics and their values,
    ``language_name`` and ``country_name`` those of a code,
    ``photo_words`` what a photo shows and ``photo_focus`` what it is composed around, both as
    people have settled, ``say`` a sentence of the program, its commands as code, ``fault`` why a
    page was refused; ``_`` and ``ngettext`` translate. An undefined name is an error.
    """
    spoken = language(code)
    made = Environment(
        loader=PackageLoader("presslens.app.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"],
    )
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_translations(spoken.catalogue, newstyle=True)  # type: ignore[attr-defined]
    for name in ("gettext", "ngettext") if spoken.has_particles else ():
        made.globals[name] = _finished(cast("Callable[..., str]", made.globals[name]), spoken)
    made.filters |= {
        "say": partial(say_in_html, spoken=spoken),
        "fault": partial(fault_words, spoken=spoken),
        "sentence": begin_sentence,
        "day": spoken.day,
        "newspaper": spoken.newspaper,
        "time": spoken.time,
        "number": spoken.number,
        "percent": spoken.percent,
        "interval": spoken.interval,
        "metric_name": partial(metric_name, spoken=spoken),
        "metric_number": partial(metric_number, spoken=spoken),
        "metric_interval": partial(metric_interval, spoken=spoken),
        "in_percent": in_percent,
        "is_share": is_share,
        "lang_of": language_of,
        "asked_title": partial(asked_title, spoken=spoken),
        "verdict_sentence": partial(verdict_sentence, spoken=spoken),
        "evidence_words": partial(evidence_words, spoken=spoken),
        "photo_words": partial(shown_in_words, spoken=spoken),
        "photo_focus": shown_focus,
        "language_name": partial(language_name, language=code),
        "country_name": partial(country_name, language=code),
    }
    made.globals |= {
        "language": spoken,
        "languages": LANGUAGES,
        "menu": MENU,
        "new_mark": new_mark,
        "right_to_left": is_right_to_left,
    }
    return made


def _finished(translate: Callable[..., str], spoken: Language) -> Callable[..., str]:
    # ``wraps`` keeps the mark by which Jinja hands the function its context.
    return wraps(translate)(lambda *args, **values: spoken.finished(translate(*args, **values)))


def say_in_html(message: str, spoken: Language) -> str:
    """Return a sentence of the program in a language, as code what stands between backticks."""
    parts = (spoken.say(message) or "").split("`")
    if len(parts) % 2 == 0:  # one is not closed
        return "`".join(parts)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if i % 2 else part for i, part in enumerate(parts)
    )


def fault_words(reason: str, spoken: Language) -> str:
    """Return why a page was refused, without the name of its kind of fault before the sentence."""
    kind, found, sentence = say_in_html(reason, spoken).partition(": ")
    kinds = map(spoken.text, (*RejectReason, *FailureCategory))
    return sentence if found and kind in kinds else say_in_html(reason, spoken)


def begin_sentence(text: str) -> str:
    """Return words that begin a sentence, with a capital letter."""
    return text[:1].upper() + text[1:]


def context(**values: Any) -> dict[str, Any]:
    """Return the context that every template has, completed by its own values.

    ``may`` is asked before anything is offered: whether the reader may call an operation of the
    API, or a page by the name of its function. A file offers nothing.
    """
    return {
        "theme": None,
        "coder": None,
        "who": NOBODY,
        "may": lambda _operation: False,
        "here": "",
        "twins": {},
        "cite": None,
        "section": None,
        **values,
    }
