from ..filled_archive import filled as filled
from ..filled_archive import full as full
from ..filled_archive import full_on as full_on
