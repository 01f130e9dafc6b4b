"""Caches the results of an installation's statistics until the revision that counts moves."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from presslens.app.installation import Installation

P = ParamSpec("P")
T = TypeVar("T")


def cached_result(
    home: Installation, question: tuple[Hashable, ...], compute: Callable[[], T]
) -> T:
    """Return the cached result of a question to an installation, or compute it.

    Args:
        question: All that the result depends on, but for the recipe and the revision.
        compute: Computes it. Nobody may change what it returns.
    """
    return home.database.view().result((home.recipe.id, *question), compute)


def is_at_hand(home: Installation, question: tuple[Hashable, ...]) -> bool:
    """Return whether the result of a question is cached, or computed in no time.

    Args:
        question: As ``cached_result`` takes it.
    """
    view = home.database.view()
    return not home.database.views.is_large or view.has((home.recipe.id, *question))


def cached(
    compute: Callable[Concatenate[Installation, P], T],
) -> Callable[Concatenate[Installation, P], T]:
    """Have a function of an installation compute each result once a revision.

    Args:
        compute: A function of an installation's statistics: of its recipe, of what moves its
            revision, and of arguments that can be compared. Nobody may change what it returns.
    """

    @wraps(compute)
    def result(home: Installation, /, *args: P.args, **named: P.kwargs) -> T:
        arguments = (*map(_fixed, args), *((name, _fixed(value)) for name, value in named.items()))
        question = compute.__qualname__, arguments
        return cached_result(home, question, lambda: compute(home, *args, **named))

    return result


def _fixed(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
