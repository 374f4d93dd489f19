"""Handouts: the Markdown that a coordinator writes, as a page that can do no harm.

CommonMark without raw HTML, which comes out as the text it is; without pictures, of which the words are
shown; with links to the web and to mailboxes alone. Headings begin below the page's own.
"""

from collections.abc import MutableMapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup, escape

LEADS_TO = frozenset({"http", "https", "mailto"})
DEEPEST = 6  # there are six headings


class _Handout(MarkdownIt):
    """CommonMark that follows no link but to the web and to mailboxes."""

    def validateLink(self, url: str) -> bool:  # noqa: N802  (the library's name)
        """Tell whether an address may become a link; others stay the text that was written."""
        try:
            return urlsplit(url).scheme.lower() in LEADS_TO
        except ValueError:
            return False


def handout(text: str) -> Markup:
    """Return Markdown as HTML."""
    return Markup(_reader().render(text))  # noqa: S704  (raw HTML is off, and all text escaped there)


@lru_cache(maxsize=1)
def _reader() -> MarkdownIt:
    reader = _Handout("commonmark", {"html": False})
    reader.disable(["html_block", "html_inline"])
    reader.add_render_rule("image", _words_of_picture)
    reader.add_render_rule("heading_open", _heading)
    reader.add_render_rule("heading_close", _heading)
    reader.add_render_rule("link_open", _link)
    return reader


def _words_of_picture(
    _renderer: RendererHTML,
    tokens: Sequence[Token],
    place: int,
    _options: Any,
    _env: MutableMapping[str, Any],
) -> str:
    return str(escape(tokens[place].content))


def _heading(
    renderer: RendererHTML, tokens: Sequence[Token], place: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    token = tokens[place]
    lower = token.copy(tag=f"h{min(int(token.tag[1:]) + 1, DEEPEST)}")
    return renderer.renderToken([lower], 0, options, env)


def _link(
    renderer: RendererHTML, tokens: Sequence[Token], place: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    tokens[place].attrSet("rel", "noopener noreferrer")
    return renderer.renderToken(tokens, place, options, env)
