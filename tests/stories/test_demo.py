"""The demo, started as a newcomer starts it."""

import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.demo.folder import Folder, NotADemo
from scheduler.demo.start import make
from tests.stories.demo_process import Demo, hearth, running_demo

ROLES = {
    "administrator": 1,
    "client": 4,
    "clinician": 4,
    "coordinator": 1,
    "family_member": 6,
    "privacy_officer": 1,
    "supervisor": 1,
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo that was started for the first time."""
    with running_demo(tmp_path_factory.mktemp("demo") / "data") as started:
        yield started


def test_people_json_names_everybody_of_the_small_program(demo: Demo) -> None:
    counted = {role: sum(person["role"] == role for person in demo.people) for role in ROLES}
    assert counted == ROLES
    assert all(set(person) == {"name", "email", "role", "zone", "sign_in_url"} for person in demo.people)


def test_each_sign_in_address_signs_its_person_in_at_once(demo: Demo) -> None:
    for person in demo.people:
        with demo.browser() as browser:
            assert browser.get(person["sign_in_url"]).status_code == 200
            assert "Sign out" in browser.get("/account").text


def test_a_made_up_sign_in_address_opens_nothing(demo: Demo) -> None:
    with demo.browser() as browser:
        assert browser.get("/demo/sign-in/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").status_code == 404


def test_the_cookies_of_plain_http_have_no_host_prefix(demo: Demo) -> None:
    with demo.browser() as browser:
        browser.get(demo.person("Rosa Rivera")["sign_in_url"])
        assert "hearth" in browser.cookies


def test_the_inbox_has_a_link_that_leads_to_the_door(demo: Demo) -> None:
    with demo.browser() as browser:
        inbox = browser.get("/demo/mail?to=rosa.rivera@mail.example").text
        newest = re.findall(r'href="(/demo/mail/[^"?]+)"', inbox)[0]
        letter = browser.get(newest).text
        link = re.findall(r'href="(http[^"]+/j/[^"]+)"', letter)[0]
        door = browser.get(link)
        assert door.status_code == 200
        assert door.url.path == "/join"


def test_everything_a_machine_asks_for_answers(demo: Demo) -> None:
    with demo.browser() as browser:
        for path in ("/", "/healthz", "/readyz", "/metrics", "/demo", "/demo/mail"):
            assert browser.get(path).status_code == 200, path


def test_the_env_file_makes_every_command_work_on_the_demo(demo: Demo) -> None:
    assert "is at head" in hearth("--env", str(demo.folder / "env"), "migrate", "--check").stdout


def test_keys_and_the_folder_are_for_their_owner_alone(demo: Demo) -> None:
    keys = demo.folder / "keys"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in keys.glob("*.key")}

    assert len(modes) == 3
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700


def test_the_demo_answers_loopback_alone(demo: Demo) -> None:
    assert demo.url.startswith("http://localhost:")


def test_a_second_demo_in_the_same_folder_is_told_so(demo: Demo) -> None:
    refused = hearth("demo", "--port", "0", "--data", str(demo.folder))
    assert refused.returncode == 1
    assert "already" in refused.stderr


def test_a_second_start_finds_everything_as_it_was_left(tmp_path: Path) -> None:
    with running_demo(tmp_path / "data") as first:
        before = {person["email"]: person["sign_in_url"].rpartition("/")[2] for person in first.people}
    with running_demo(tmp_path / "data") as second:
        after = {person["email"]: person["sign_in_url"].rpartition("/")[2] for person in second.people}
        with second.browser() as browser:
            assert browser.get(second.person("Rosa Rivera")["sign_in_url"]).status_code == 200
    assert before == after


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(NotADemo):
        make(Folder(tmp_path), 8000)
    assert (tmp_path / "letters.txt").read_text() == "mine"
