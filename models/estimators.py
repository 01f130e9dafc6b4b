"""Reads and writes fitted scikit-learn estimators and arrays in ``.skops`` files.

skops is imported here alone, and only when a file is opened: those who need no more than the names
and types beside an estimator do without scikit-learn.
"""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, cast

_TORCH_ADAPTER = "sklearn.externals.array_api_compat.torch"
"""skops imports all packages of scikit-learn to list its estimators; this one imports torch."""


def load_estimators(path: Path, *, trusted: Sequence[str] = ()) -> Any:
    """Return the content of a ``.skops`` file.

    Args:
        trusted: Full names of the types that may be in it beside those of scikit-learn and numpy.

    Raises:
        skops.io.exceptions.UntrustedTypesFoundException: Another type is in it.
    """
    return _skops().loads(_with_present_names(path), trusted=list(trusted))


def save_estimators(content: Any, path: Path, *, compressed: bool = False) -> None:
    """Write estimators and arrays, alone or in a dictionary, to a ``.skops`` file."""
    compression = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    level = 9 if compressed else None
    _skops().dump(content, path, compression=compression, compresslevel=level)


def _with_present_names(path: Path) -> bytes:
    """Return a file whose types have the names that their modules have today.

    Weights of version 0.2 say ``models`` where it is ``presslens.models`` now. A file of today's
    names would be another one, with another hash: the recipe of every archive would change.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(path) as stored, zipfile.ZipFile(content, "w") as renamed:
        for name in stored.namelist():
            part = stored.read(name)
            if name == "schema.json":
                part = part.replace(b'"__module__": "models.', b'"__module__": "presslens.models.')
            renamed.writestr(name, part)
    return content.getvalue()


def _skops() -> ModuleType:
    """Return ``skops.io``, imported without torch: that takes seconds and 200 MB."""
    if "skops.io" not in sys.modules and _TORCH_ADAPTER not in sys.modules:
        # Importing a module that is None raises ImportError, which scikit-learn's walk passes over.
        sys.modules[_TORCH_ADAPTER] = cast(ModuleType, None)
        try:
            import skops.io
        finally:
            del sys.modules[_TORCH_ADAPTER]
    import skops.io

    return cast(ModuleType, skops.io)
