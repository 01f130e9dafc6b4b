"""What tests of the laboratory share with those of the rooms that it tries."""

from ..app.conftest import *  # noqa: F403 - the fixtures, also those that fixtures ask for
from ..app.conftest import _shared_statements  # noqa: F401
from ..app.filled_archive import filled, full  # noqa: F401
from ..models.conftest import *  # noqa: F403
from ..pipelines.conftest import *  # noqa: F403
