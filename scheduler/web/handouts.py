"""Handouts: the Markdown that a coordinator writes, as a page that can do no harm.

CommonMark without raw HTML, which comes out as the text it is; without pictures, of which the words are
shown; with links to the web and to mailboxes alone. No heading is as high as the page's own.
"""

import re
from collections.abc import MutableMapping, Sequence
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup, escape

LEADS_TO = re.compile("(?:https?://|mailto:)", re.IGNORECASE)


class _Handout(MarkdownIt):
    """CommonMark that follows no link but to the web and to mailboxes."""

    def validateLink(self, url: str) -> bool:  # noqa: N802  (the library's name)
        """Tell whether an address may become a link; others stay the text that was written."""
        return LEADS_TO.match(url) is not None


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
    if tokens[place].tag == "h1":
        tokens[place].tag = "h2"
    return renderer.renderToken(tokens, place, options, env)


def _link(
    renderer: RendererHTML, tokens: Sequence[Token], place: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    tokens[place].attrSet("rel", "noopener noreferrer")
    return renderer.renderToken(tokens, place, options, env)
