"""Signposts: the routing table with an index, so that a request tries a few routes and not all of them.

Starlette tries every route in turn, to find one for a path and to find the path of a name. Here the path, its
first word, and the name are looked up; the routes found are Starlette's own and decide as ever.
"""

from collections.abc import Iterable
from typing import Any

from starlette.datastructures import URLPath
from starlette.routing import BaseRoute, Match, NoMatchFound, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send


class Signposts(BaseRoute):
    """Many routes as one. No path begins with a parameter, and no two routes share a name."""

    def __init__(self, routes: Iterable[Route | WebSocketRoute]) -> None:
        self._by_name: dict[str, Route | WebSocketRoute] = {}
        self._by_path: dict[str, list[Route | WebSocketRoute]] = {}
        self._by_word: dict[str, list[Route | WebSocketRoute]] = {}
        for route in routes:
            assert route.name not in self._by_name, f"two routes are called {route.name}"
            assert not _first_word(route.path).startswith("{"), f"{route.path} begins with a parameter"
            self._by_name[route.name] = route
            self._by_path.setdefault(route.path, []).append(route)
            self._by_word.setdefault(_first_word(route.path), []).append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return how the best route matches: wholly, or but for the method."""
        best: tuple[Match, Scope] = Match.NONE, {}
        path = scope["path"]
        for route in (*self._by_path.get(path, ()), *self._by_word.get(_first_word(path), ())):
            match, child_scope = route.matches(scope)
            if match is Match.FULL:
                return match, {**child_scope, "route": route}
            if match is Match.PARTIAL and best[0] is Match.NONE:
                best = match, {**child_scope, "route": route}
        return best

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Return the path of the route called ``name``.

        Raises:
            NoMatchFound: no route is called so, or it has other parameters.
        """
        route = self._by_name.get(name)
        if route is None:
            raise NoMatchFound(name, path_params)
        return route.url_path_for(name, **path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the route that matched answer."""
        await scope["route"].handle(scope, receive, send)


def _first_word(path: str) -> str:
    return path[1:].partition("/")[0]
