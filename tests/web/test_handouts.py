"""Handouts: what a coordinator writes in Markdown can do no harm on a family's page."""

import pytest

from scheduler.web.handouts import handout


def test_markdown_becomes_a_page_whose_headings_lie_below_the_pages_own() -> None:
    page = handout("# Top\n\n## Part\n\n- one\n- **two**\n\n> said\n")

    assert page == (
        "<h2>Top</h2>\n<h2>Part</h2>\n<ul>\n<li>one</li>\n<li><strong>two</strong></li>\n</ul>\n"
        "<blockquote>\n<p>said</p>\n</blockquote>\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "Hello <img src=x onerror=alert(1)>",
        "<b onclick=x()>bold</b>",
        "<!-- hidden -->",
        "<style>p{}</style>",
        "&lt;script&gt;",
        "`<script>`",
        "```\n<script>\n```",
    ],
)
def test_raw_html_comes_out_as_the_text_it_is(text: str) -> None:
    page = handout(text)

    for tag in ("<script", "<img", "<b ", "<!--", "<style"):
        assert tag not in page
    assert "&lt;" in page


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "&#106;avascript:alert(1)",
        "java\tscript:alert(1)",
        "vbscript:x",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "/family",
        "//elsewhere.example",
        "http:family",
    ],
)
def test_an_address_that_leads_elsewhere_than_the_web_or_a_mailbox_is_no_link(address: str) -> None:
    for text in (f"[words]({address})", f"[words](<{address}>)", f"<{address}>", f"[w]: {address}\n\n[w]"):
        assert "<a" not in handout(text)


@pytest.mark.parametrize("address", ["https://al-anon.org/?a=1", "HTTP://nami.org", "mailto:a@b.org"])
def test_a_link_to_the_web_or_a_mailbox_tells_nobody_whence_one_comes(address: str) -> None:
    assert handout(f"[words]({address})") == (
        f'<p><a href="{address}" rel="noopener noreferrer">words</a></p>\n'
    )


def test_of_a_picture_the_words_are_shown() -> None:
    assert handout("![a <b>house</b>](https://elsewhere.example/spy.png)") == (
        "<p>a &lt;b&gt;house&lt;/b&gt;</p>\n"
    )
