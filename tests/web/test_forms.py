"""Forms: what is well-formed, the words beside a field, and that nothing typed is lost."""

import httpx2
import pytest
from pydantic import Field, field_validator

from scheduler.domain.errors import Invalid
from scheduler.services import Services
from scheduler.web.forms import MALFORMED, MISSING, MOST_FIELDS, Form, InMemory, check
from scheduler.web.shields.sizes import SCAN_BODY_BYTES
from tests.joining import add_meeting, heading

IN_PARTS = "multipart/form-data; boundary=x"
IN_PAIRS = "application/x-www-form-urlencoded"
NAME = b'--x\r\nContent-Disposition: form-data; name="email"'


class Tea(Form):
    """A form with each sort of field."""

    name: str
    cups: int = Field(default=1, le=4, json_schema_extra={"words": "At most four cups."})
    time: int = 0

    @field_validator("name")
    @classmethod
    def _not_coffee(cls, name: str) -> str:
        if name == "coffee":
            raise ValueError("We have tea only.")
        return name


def test_a_well_formed_form_is_read_without_the_space_around_it() -> None:
    assert check({"name": "  Rosa ", "cups": "3"}, Tea) == Tea(name="Rosa", cups=3)


def test_a_field_sent_empty_counts_as_not_sent() -> None:
    with pytest.raises(Invalid) as refused:
        check({"name": "   "}, Tea)

    assert refused.value.errors == {"name": MISSING}


def test_each_wrong_field_has_its_words_and_everything_typed_is_kept() -> None:
    typed = {"name": "coffee", "cups": "9", "time": "noon", "else": "x"}

    with pytest.raises(Invalid) as refused:
        check(typed, Tea)

    assert refused.value.errors == {
        "name": "We have tea only.",
        "cups": "At most four cups.",
        "time": MALFORMED,
    }
    assert refused.value.typed == typed


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"no boundary is told"),
        ("multipart/form-data; boundary=", b"the boundary is empty"),
        (IN_PARTS, b"no parts"),
        (IN_PARTS, b"--x\r\nContent-Disposition: form-data\r\n\r\nno name\r\n--x--\r\n"),
        (IN_PARTS, NAME + b'; filename="letter.pdf"\r\n\r\na file\r\n--x--\r\n'),
        (f"{IN_PARTS}; charset=utf-7", NAME + b"\r\n\r\nhalf a letter: +2AA-\r\n--x--\r\n"),
        (IN_PAIRS, b"&".join(b"field=" for _ in range(MOST_FIELDS + 1))),
    ],
)
async def test_a_body_that_is_no_form_of_ours_gets_a_page_that_says_so(
    browser: httpx2.AsyncClient, content_type: str, body: bytes
) -> None:
    refused = await browser.post("/sign-in", content=body, headers={"Content-Type": content_type})

    assert refused.status_code == 400
    assert heading(refused) == "We could not read what was sent"
    assert "stylesheet" in refused.text


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"[" * 30_000),
        ("text/plain", b"email=rosa@example.org"),
        (IN_PAIRS, b"email=\xff\xfe%ff%zz&%&=&&"),
        (IN_PAIRS, b"email=a%00b@example.org"),
    ],
)
async def test_a_body_with_nothing_usable_in_it_is_told_beside_the_field(
    browser: httpx2.AsyncClient, content_type: str, body: bytes
) -> None:
    refused = await browser.post("/sign-in", content=body, headers={"Content-Type": content_type})

    assert refused.status_code == 422
    assert 'id="f-email-error"' in refused.text


async def test_a_page_says_that_nothing_is_lost_only_where_the_field_is_filled_again(
    services: Services, browser: httpx2.AsyncClient
) -> None:
    meeting, lost = await add_meeting(services), "Nothing you typed is lost."
    refused = [await browser.post("/sign-in", data={"email": "rosa at home"})]
    await browser.post("/sign-in", data={"email": meeting.family.mother.email})
    refused += [
        await browser.post("/sign-in/code", data={"code": typed, "remember": "yes"})
        for typed in ("12", "00000000")
    ]
    await browser.get(meeting.path)
    await browser.post("/join/code")
    refused += [await browser.post("/join/prove", data={"code": typed}) for typed in ("12", "00000000")]

    assert [page.status_code for page in refused] == [422] * 5
    assert ['value="rosa at home"' in refused[0].text, 'value="12"' in refused[1].text] == [True, True]
    assert [lost in page.text for page in refused] == [True, True, False, False, False]
    assert 'name="remember" value="yes" checked' in refused[2].text


async def test_a_method_that_an_address_does_not_have_gets_a_page_and_is_told_which_there_are(
    browser: httpx2.AsyncClient,
) -> None:
    refused = await browser.put("/sign-in")

    assert refused.status_code == 405
    assert refused.headers["allow"]
    assert heading(refused) == "There is nothing here"


@pytest.mark.parametrize("unseen", ["\u200b", "\ufeff\u2060", "\u00a0 \u3000", "\x07"])
def test_a_field_in_which_nothing_can_be_seen_counts_as_not_sent(unseen: str) -> None:
    with pytest.raises(Invalid) as refused:
        check({"name": unseen}, Tea)

    assert refused.value.errors == {"name": MISSING}


async def test_control_characters_that_were_pasted_become_spaces(browser: httpx2.AsyncClient) -> None:
    refused = await browser.post("/sign-in", data={"email": "rosa\x0bat\x00home"})

    assert refused.status_code == 422
    assert 'value="rosa at home"' in refused.text


def test_a_file_is_never_laid_on_the_disk() -> None:
    assert InMemory.spool_max_size > SCAN_BODY_BYTES
