"""Release texts: a file that was used is never edited; both languages say the same things."""

from hashlib import sha256

import pytest

from scheduler.domain.consent import Release, Scope
from scheduler.domain.errors import NotFound
from scheduler.domain.release_texts import LANGUAGES, ReleaseText
from scheduler.gateways import release_texts

USED = {  # a new text is a new file with a line of its own here; a line is never changed
    "2026-11.en.toml": "a642538ceb44e482447a31d43c6504d4deb555d07c34d4c6eef27f8e8da98bf0",
    "2026-11.es.toml": "85d4dfd5c5a6922089a584fea365d055d5a2215800616dcac0b10f9a2aa25a2d",
}
PLACES = ("CLIENT", "RECIPIENT", "DISCLOSER", "SCOPE", "PURPOSE", "REVOCATION", "EVENT")


def test_no_text_that_was_used_has_been_edited() -> None:
    found = {path.name: sha256(path.read_bytes()).hexdigest() for path in release_texts.FOLDER.iterdir()}

    assert found == USED


@pytest.mark.parametrize(
    "text", release_texts.texts().values(), ids=lambda one: f"{one.version}.{one.language}"
)
def test_a_text_shows_every_element_and_the_choices(text: ReleaseText) -> None:
    client, recipient, discloser, scope, purpose, revocation, event = PLACES
    release = Release(
        "r", "c", "p", client, recipient, discloser, scope, purpose, revocation, expiry_event=event
    )

    shown = text.shown(release, "UTC")

    assert [place for place in PLACES if place not in shown.text] == []
    assert shown.sha256 == sha256(shown.text.encode()).hexdigest()
    assert "42 CFR" in shown.text
    assert set(text.scopes) == set(Scope)


def test_every_version_is_there_in_every_language() -> None:
    versions = {version for version, _ in release_texts.texts()}

    assert set(release_texts.texts()) == {(version, one) for version in versions for one in LANGUAGES}
    assert release_texts.newest("es").language == "es"
    assert release_texts.newest("fr").language == "en"
    with pytest.raises(NotFound):
        release_texts.text("1999-01", "en")
