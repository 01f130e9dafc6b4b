"""All tables of a database: every module that has some is imported here."""

from __future__ import annotations

import importlib
import pkgutil

import presslens.app.db
from presslens.app.db.columns import Table

METADATA = Table.metadata

for _module in pkgutil.iter_modules(presslens.app.db.__path__, "presslens.app.db."):
    if not _module.ispkg:
        importlib.import_module(_module.name)
