"""Control characters in an address: nobody types them, and PostgreSQL keeps no NUL in its texts."""

import re
from urllib.parse import unquote_plus

from starlette.types import Scope

from scheduler.domain.errors import Unreadable

_CONTROL = re.compile("[\x00-\x1f\x7f]")


def check(scope: Scope) -> None:
    """Return when path and query are made of letters that people use.

    Raises:
        Unreadable: they are not.
    """
    query = (scope.get("query_string") or b"").decode("latin-1")
    if _CONTROL.search(scope["path"]) or _CONTROL.search(unquote_plus(query)):
        raise Unreadable("control characters in the address")
