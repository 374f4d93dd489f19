"""Where to go after signing in: nowhere but to a page of this site."""

import pytest

from scheduler.web.browsers import name_of
from scheduler.web.ways_back import local_path, with_next


@pytest.mark.parametrize("path", ["/family", "/family/book?day=2026-11-03", "/room/s1"])
def test_a_path_of_this_site_is_taken(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "elsewhere",
    [
        "",
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "family",
        "/\tevil.example",
        "/\n/evil.example",
        "/" + "x" * 300,
    ],
)
def test_everything_else_is_not(elsewhere: str) -> None:
    assert local_path(elsewhere) == ""


def test_the_wanted_path_travels_in_the_address() -> None:
    assert with_next("/sign-in/code", "/family/book?day=1") == "/sign-in/code?next=/family/book%3Fday%3D1"
    assert with_next("/sign-in/code", "") == "/sign-in/code"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox on Android"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/18.5 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
            "Edge on Windows",
        ),
        ("curl/8.5.0", "Another browser"),
        ("", "Another browser"),
    ],
)
def test_a_browser_is_called_what_its_person_calls_it(user_agent: str, name: str) -> None:
    assert name_of(user_agent) == name
