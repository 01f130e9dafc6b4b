"""Makes one classic script of modules, for a page that is a file: modules need a server."""

from __future__ import annotations

import re
from pathlib import Path

SCRIPTS_AT = Path(__file__).parent / "static" / "js"

_IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?"\./(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:class|function|const)) (\w+)", re.MULTILINE)


def bundle(entry: str) -> str:
    """Return a module and all that it imports, in one script of functions.

    Only what the project's own modules do is understood: named imports of files beside them, and
    exported classes, functions and constants.

    Args:
        entry: The name of a file in ``static/js``, without its suffix.
    """
    parts: dict[str, str] = {}
    _add(entry, parts)
    return '"use strict";\n' + "\n".join(parts.values())


def _add(name: str, parts: dict[str, str]) -> None:
    if name in parts:
        return
    text = (SCRIPTS_AT / f"{name}.js").read_text(encoding="utf-8")
    for imported in _IMPORT.finditer(text):
        _add(imported[2], parts)
    exported = [one[2] for one in _EXPORT.finditer(text)]
    body = _EXPORT.sub(r"\1 \2", _IMPORT.sub(_taken, text))
    given = ", ".join(exported)
    parts[name] = f"const module_{name} = (() => {{\n{body}\nreturn {{ {given} }};\n}})();\n"


def _taken(found: re.Match[str]) -> str:
    names, module = found[1], found[2]
    return f"const {{{names}}} = module_{module};\n" if names else ""
