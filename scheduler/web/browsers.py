"""What a browser calls itself, in words that its person recognises: "Firefox on Android", and never more.

The whole ``User-Agent`` would be a fingerprint; it is neither kept nor logged.
"""

from starlette.requests import HTTPConnection

_BROWSERS = (  # the first that is named counts, for each also claims to be those below it
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "Chromebook"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def browser_of(request: HTTPConnection) -> str:
    """Return the name of the browser that asks."""
    return name_of(request.headers.get("user-agent", ""))


def name_of(user_agent: str) -> str:
    """Return the name of a browser and its system, "Another browser" where it tells neither."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "Another browser"
