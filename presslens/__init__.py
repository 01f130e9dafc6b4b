"""Measures how a newspaper uses photographs.

Scans of an edition in, photos and their statistics out, without a database:

>>> edition = presslens.analyze(scans, publication="Rodong Sinmun")
>>> edition.composition.pages
1

An archive, in a folder of this disk, or at an address by ``presslens.connect(url, key)``; both
answer alike:

>>> with presslens.open(folder) as archive:
...     frame = archive.share("children", by="publication").to_pandas()
>>> frame["group"].tolist()
['Minju Joson', 'Rodong Sinmun']

Any table with a row for each photo, from whatever detector:

>>> photos = [{"edition": day, "probability": p} for day in "abcdef" for p in (0.1, 0.9)]
>>> presslens.estimate(photos, "children").groups[0].n
12

The folders of this package are links to those beside it: a checkout keeps its layout, and an
installation takes one name. Nothing is imported before it is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from presslens.archive import Archive as Archive
    from presslens.archive import connect as connect
    from presslens.archive import open as open
    from presslens.connection import Items as Items
    from presslens.errors import MissingLibrary as MissingLibrary
    from presslens.errors import NoFile as NoFile
    from presslens.errors import NotAllowed as NotAllowed
    from presslens.errors import NotThere as NotThere
    from presslens.errors import OtherVersion as OtherVersion
    from presslens.errors import PresslensError as PresslensError
    from presslens.errors import Refused as Refused
    from presslens.errors import RequestFailed as RequestFailed
    from presslens.errors import Unavailable as Unavailable
    from presslens.pictures import Edition as Edition
    from presslens.pictures import analyze as analyze
    from presslens.plain import TableEstimates as TableEstimates
    from presslens.plain import TableFit as TableFit
    from presslens.plain import estimate as estimate
    from presslens.plain import regress as regress
    from presslens.results_baselines import Baseline as Baseline
    from presslens.results_claims import ClaimVerdict as ClaimVerdict
    from presslens.results_comparisons import Changes as Changes
    from presslens.results_comparisons import Comparison as Comparison
    from presslens.results_photos import Photo as Photo
    from presslens.results_statistics import Statistic as Statistic
    from presslens.results_statistics import Trend as Trend

_PLACES = {
    "archive": ("Archive", "connect", "open"),
    "connection": ("Items",),
    "errors": (
        "MissingLibrary", "NoFile", "NotAllowed", "NotThere", "OtherVersion", "PresslensError",
        "Refused", "RequestFailed", "Unavailable",
    ),
    "pictures": ("Edition", "analyze"),
    "plain": ("TableEstimates", "TableFit", "estimate", "regress"),
    "results_claims": ("ClaimVerdict",),
    "results_photos": ("Photo",),
    "results_baselines": ("Baseline",),
    "results_comparisons": ("Changes", "Comparison"),
    "results_statistics": ("Statistic", "Trend"),
}  # fmt: skip
"""The names that programs may use, by the module that has them."""

__all__ = sorted(name for names in _PLACES.values() for name in names)


if not TYPE_CHECKING:  # types know each name, and no other

    def __getattr__(name: str) -> Any:
        """Return what a name stands for; its module is imported when it is first used."""
        for module, names in _PLACES.items():
            if name in names:
                own = import_module(f"presslens.{module}")
                value = getattr(own, name)
                globals()[name] = value
                return value
        raise AttributeError(f"module 'presslens' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the names that programs may use."""
    return __all__
