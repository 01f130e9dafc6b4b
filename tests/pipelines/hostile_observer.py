"""Lies of a process whose models were taken over by pixels; pool processes import this by name."""

import os
import pickle
from dataclasses import replace

import numpy as np

from presslens.models.geometry import Box
from presslens.models.vocabulary import Headline
from presslens.pipelines.page_observer import observe_page
from presslens.pipelines.scans import process
from presslens.pipelines.scans.scan import RejectReason, ScanRejected


class Bomb:
    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


def _page(**changes):
    return lambda result: replace(result, observation=replace(_observed(result), **changes))


def _photo(**changes):
    def change(result):
        page = _observed(result)
        photo = replace(page.photos[0], **changes)
        return replace(result, observation=replace(page, photos=(photo, *page.photos[1:])))

    return change


def _frame(**changes):
    def change(result):
        frame = replace(_observed(result).photos[0].frame, **changes)
        return _photo(frame=frame)(result)

    return change


def _observed(result):
    assert result.observation is not None
    return result.observation


LIES = {
    "no result": lambda _: None,
    "another type": lambda result: result.observation,
    "another page": lambda result: replace(result, key="x"),
    "neither": lambda result: replace(result, observation=None),
    "two of them": lambda result: replace(
        result, rejection=ScanRejected("a", RejectReason.CORRUPT, "b")
    ),
    "time": lambda result: replace(result, seconds=-1.0),
    "a stage": lambda result: replace(result, stages={"none such": 1.0}),
    "no width": _page(width=0),
    "a width beyond all": _page(width=10**9),
    "a width of half a pixel": _page(width=0.5),
    "a headline of no photo": _page(headlines=(Headline(Box(0, 0, 1, 1), (99,), text="a"),)),
    "a photo that is none": _page(photos=("photo",)),
    "a score above 1": _frame(score=1.5),
    "a score that is a text": _frame(score="1"),
    "a box without an end": _frame(box=Box(0, 0, 1e300, 1)),
    "a box of texts": _frame(box=("0", "0", "1", "1")),
    "features that are no numbers": _photo(features=np.full(3, np.nan, np.float32)),
    "features of two sides": _photo(features=np.zeros((2, 2), np.float32)),
    "features of other numbers": _photo(features=np.zeros(2, np.float64)),
    "maps of one side": _photo(maps=np.zeros(3, np.float32)),
    "a fingerprint that is a text": _photo(fingerprint="abc"),
}


def observe_and_lie(task, following=None):
    """Observe a page, and lie as its key says."""
    result = observe_page(task, following)
    if task.key != "code":
        return LIES.get(task.key, lambda result: result)(result)
    pickled = pickle.dumps((True, Bomb(task.path.with_name("ran"))))
    head = process._ANSWER

    class Head:
        size = head.size

        def pack(self, number, *_):
            process._ANSWER = head
            return head.pack(number, len(pickled), 0) + pickled

    process._ANSWER = Head()
    return result
