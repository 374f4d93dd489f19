"""Release texts as files: ``texts/releases/<version>.<language>.toml``.

A file that was used is never edited; ``tests/gateways/test_release_texts.py`` pins the hash of each.
"""

import tomllib
from functools import lru_cache
from pathlib import Path

from scheduler.domain.consent import Scope
from scheduler.domain.errors import NotFound
from scheduler.domain.release_texts import LANGUAGES, ReleaseText

FOLDER = Path(__file__).parent.parent / "texts" / "releases"


@lru_cache(maxsize=1)
def texts() -> dict[tuple[str, str], ReleaseText]:
    """Return all texts by version and language; read once."""
    found = [_read(path) for path in sorted(FOLDER.glob("*.toml"))]
    return {(one.version, one.language): one for one in found}


def text(version: str, language: str) -> ReleaseText:
    """Return the text of a version in a language.

    Raises:
        NotFound: there is none.
    """
    found = texts().get((version, language))
    if found is None:
        raise NotFound("release text")
    return found


def newest(language: str) -> ReleaseText:
    """Return the newest text in a language; in English where there is none in it."""
    wanted = language if language in LANGUAGES else "en"
    return max((one for one in texts().values() if one.language == wanted), key=lambda one: one.version)


def _read(path: Path) -> ReleaseText:
    version, language = path.stem.split(".")
    told = tomllib.loads(path.read_text("utf-8"))
    return ReleaseText(
        version=version,
        language=language,
        form=told["form"],
        scopes={Scope(name): words for name, words in told["scopes"].items()},
        months=tuple(told["months"]),
        until_day=told["until_day"],
        until_event=told["until_event"],
        until_both=told["until_both"],
        discloser=told["discloser"],
        purpose=told["purpose"],
        revocation_text=told["revocation_text"],
    )
