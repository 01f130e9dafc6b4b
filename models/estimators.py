"""Writes fitted scikit-learn estimators and arrays to ``.skops`` files, and reads their attributes.

A ``.skops`` file is a ZIP archive: ``schema.json`` says how objects hang together, and each array
is a file in numpy's own format. Whoever reads estimators needs no more than these arrays: without
scikit-learn and skops, which take three seconds of the processor to import, and without any code
that a file could name. Only those who write one import skops.
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import numpy as np

_TORCH_ADAPTER = "sklearn.externals.array_api_compat.torch"
"""skops imports all packages of scikit-learn to list its estimators; this one imports torch."""


def load_estimators(path: Path) -> Any:
    """Return the content of a ``.skops`` file.

    An estimator comes as a namespace of its attributes, whatever its class.

    Raises:
        ValueError: Something else is in it.
    """
    with zipfile.ZipFile(path) as archive:
        return _content(json.loads(archive.read("schema.json")), archive)


def _content(node: dict[str, Any], archive: zipfile.ZipFile) -> Any:
    """Return the object of a node of the schema."""
    match node["__loader__"]:
        case "JsonNode":
            return json.loads(node["content"])
        case "ObjectNode":
            return SimpleNamespace(**_content(node["content"], archive))
        case "DictNode":
            return {key: _content(value, archive) for key, value in node["content"].items()}
        case "ListNode":
            return [_content(item, archive) for item in node["content"]]
        case "TupleNode":
            return tuple(_content(item, archive) for item in node["content"])
        case "SliceNode":
            return slice(*(node["content"][name] for name in ("start", "stop", "step")))
        case "NdArrayNode" if node["type"] == "numpy":
            return np.load(io.BytesIO(archive.read(node["file"])), allow_pickle=False)
    raise ValueError(f"a .skops file holds a {node['__class__']} ({node['__loader__']})")


def save_estimators(content: Any, path: Path, *, compressed: bool = False) -> None:
    """Write estimators and arrays, alone or in a dictionary, to a ``.skops`` file."""
    compression = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    level = 9 if compressed else None
    _skops().dump(content, path, compression=compression, compresslevel=level)


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
