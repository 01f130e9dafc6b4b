"""A bar is shown where somebody looks, and nowhere else."""

import sys
from types import SimpleNamespace

from presslens.progress_bar import progress_bar


class Notebook:
    """What a kernel has of IPython: pages are shown, and shown anew."""

    def __init__(self):
        self.shown = []
        self.display = SimpleNamespace(HTML=str, display=self.show)

    def get_ipython(self):
        return SimpleNamespace(kernel=object())

    def show(self, page, *, display_id):
        self.shown.append(page)
        return SimpleNamespace(update=self.shown.append)


def test_a_function_is_called_with_what_is_done():
    calls = []
    with progress_bar("analysing", lambda *call: calls.append(call)) as update:
        update(1, 8, "a.png")
    assert calls == [(1, 8, "a.png")]


def test_nothing_is_shown_where_nobody_looks(capsys):
    for progress in (None, False):
        with progress_bar("analysing", progress) as update:
            update(1, 8, "a.png")
    assert capsys.readouterr() == ("", "")


def test_a_terminal_has_a_bar_on_its_error_output(capsys):
    with progress_bar("analysing", True) as update:
        update(1, 8, "a.png")
        update(8, 8, "b.png")
    shown = capsys.readouterr()
    assert (shown.out, "analysing" in shown.err) == ("", True)


def test_a_notebook_has_a_bar_that_goes_at_the_end(monkeypatch):
    notebook = Notebook()
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    with progress_bar("analysing") as update:
        update(1, 8, "<a>.png")
        update(8, 8, "b.png")
    first, middle, last = notebook.shown
    assert (first, last) == ("", "")
    assert middle == '<progress value="1" max="8"></progress> analysing: 1 of 8 &lt;a&gt;.png'
    with progress_bar("analysing", False) as update:
        update(1, 8, "a.png")
    assert len(notebook.shown) == 3
