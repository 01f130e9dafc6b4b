"""Messages are text, and remember what they are made of."""

import json
import pickle

from presslens.models.message import Message, dump_message, join_messages, load_message


def test_a_message_is_its_text():
    message = Message("usual %(usual)s", usual=6)
    assert message == "usual 6"
    assert json.dumps({"words": message}) == '{"words": "usual 6"}'
    assert Message("100 % sure") == "100 % sure"


def test_joined_messages_remember_their_parts():
    joined = join_messages([Message("%(n)s pages", n=8), "as before"])
    assert joined == "8 pages; as before"
    assert list(joined.values.values()) == ["8 pages", "as before"]
    assert joined.template % joined.values == joined


def test_a_message_survives_another_process():
    again = pickle.loads(pickle.dumps(Message("%(n)s pages", n=8)))
    assert (again, again.template, again.values) == ("8 pages", "%(n)s pages", {"n": 8})


def test_a_message_is_stored_with_what_it_is_made_of():
    message = join_messages([Message("%(n)s pages", n=8), "as before", Message("never")])
    stored = json.loads(json.dumps(dump_message(message)))
    again = load_message(stored)
    assert again == "8 pages; as before; never"
    assert dump_message(again) == stored
