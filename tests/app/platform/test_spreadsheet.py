"""Text survives the way through a CSV cell, and no cell begins as a formula does."""

from hypothesis import given
from hypothesis import strategies as st

from presslens.app.platform.spreadsheet import quote_formula, unquote_formula

TEXTS = st.text() | st.text("='+-@\t\r1 ", max_size=5)


@given(TEXTS)
def test_unquoting_is_the_inverse_of_quoting(text):
    assert unquote_formula(quote_formula(text)) == text


@given(TEXTS)
def test_a_quoted_cell_is_no_formula(text):
    assert not quote_formula(text).startswith(("=", "+", "-", "@", "\t", "\r"))
