"""Sentences for readers that other languages can say too: a template, and its values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self


class Message(str):
    """A sentence in English: a template with its values filled in.

    A message is text wherever text is wanted, in JSON and in terminals for instance. Pages in
    another language translate ``template``, and those of ``values`` that are texts, and fill in
    again.

    >>> Message("usual %(usual)s", usual=6)
    'usual 6'
    """

    template: str
    values: dict[str, object]

    def __new__(cls, template: str, **values: object) -> Self:
        """Return a template with its values.

        Args:
            template: Names values as ``%(name)s``; without values, it is the sentence itself.
            values: Numbers, names, or other messages.
        """
        made = super().__new__(cls, template % values if values else template)
        made.template, made.values = template, values
        return made


def join_messages(parts: Iterable[str], separator: str = "; ") -> Message:
    """Return texts one after the other as one message, each of which can be translated."""
    values: dict[str, object] = {f"part{i}": part for i, part in enumerate(parts)}
    return Message(separator.join(f"%({name})s" for name in values), **values)


def join_notes(*notes: str | None) -> Message | None:
    """Return notes one after the other, each once; None without any."""
    return join_messages(dict.fromkeys(filter(None, notes))) if any(notes) else None


def dump_message(message: object) -> Any:
    """Return a text, or a day as a text, as JSON that ``load_message`` makes the same of."""
    if not isinstance(message, Message):
        return str(message)
    values = {
        name: value if isinstance(value, int | float | None) else dump_message(value)
        for name, value in message.values.items()
    }
    return {"template": message.template, "values": values}


def load_message(stored: Any) -> str:
    """Return the message that ``dump_message`` has dumped."""
    if isinstance(stored, str):
        return stored
    values = {
        name: load_message(value) if isinstance(value, str | dict) else value
        for name, value in stored["values"].items()
    }
    template = stored["template"]
    return Message(template, **values)


def dump_document(value: Any) -> Any:
    """Return a document as JSON, of whose messages ``load_document`` makes the same again."""
    if isinstance(value, str):
        return dump_message(value)
    if isinstance(value, Mapping):
        return {name: dump_document(one) for name, one in value.items()}
    return [dump_document(one) for one in value] if isinstance(value, list | tuple) else value


def load_document(stored: Any) -> Any:
    """Return the document that ``dump_document`` has dumped."""
    if isinstance(stored, list):
        return [load_document(one) for one in stored]
    if not isinstance(stored, dict):
        return stored
    if stored.keys() == {"template", "values"}:
        return load_message(stored)
    return {name: load_document(one) for name, one in stored.items()}
