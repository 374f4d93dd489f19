"""Letters: what each mail says, and what no mail may ever say."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from scheduler.domain.invites import Invite, Method
from scheduler.domain.notices import MEANINGS, Rule
from scheduler.domain.times import Interval
from scheduler.gateways import letters
from scheduler.gateways.letters import Letter

STARTS = datetime(2026, 11, 3, 22, tzinfo=UTC)
ENDS = STARTS + timedelta(minutes=20)
INVITE = Invite(
    uid="u1@hearth.test",
    sequence=0,
    method=Method.REQUEST,
    starts_at=STARTS,
    ends_at=ENDS,
    organizer="hello@hearth.test",
    attendee="rosa@people.test",
    summary="Appointment",
    url="https://hearth.test/join",
)
TELLING = re.compile(
    r"""\b(
        therap\w*|recover\w*|rehab\w*|treatment|program\ step|family|families|clinic\w*|client|patient|
        psych\w*|counsel\w*|addict\w*|substance|sober\w*|detox\w*|iop|php|intensive|outpatient|
        health\w*|mental|crisis|988|release|consent|diagnos\w*|medic\w*|doctor|case\ manager|care\ team|
        session
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)


def letter(rule: Rule) -> Letter:
    meaning = MEANINGS[rule]
    method = meaning.method
    return Letter(
        rule=rule,
        message_id=letters.message_id("n1", host="hearth.test"),
        sender="Hearth <hello@hearth.test>",
        recipient="rosa@people.test",
        program_name="Hearth",
        appointment_word="Appointment",
        home="https://hearth.test/appointments/s1",
        zone="America/Los_Angeles",
        now=STARTS - timedelta(days=1),
        span=Interval(STARTS, ENDS),
        opens_at=STARTS - timedelta(minutes=20),
        link="https://hearth.test/j/abc" if meaning.has_link else "",
        detail="20481632" if rule in (Rule.SIGN_IN_CODE, Rule.JOIN_CODE) else "",
        until=STARTS - timedelta(hours=3) if rule is Rule.PLACE_OFFERED else None,
        invite=None if method is None else replace(INVITE, method=method),
    )


def text(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def everything(message: EmailMessage) -> str:
    headers = "\n".join(str(value) for value in message.values())
    return "\n".join((headers, *(str(part.get_content()) for part in message.iter_parts())))


@pytest.mark.parametrize("rule", Rule)
def test_no_mail_holds_a_word_that_hints_at_treatment(rule: Rule) -> None:
    assert TELLING.findall(everything(letters.write(letter(rule)))) == []


@pytest.mark.parametrize("rule", Rule)
def test_every_mail_has_a_subject_of_one_line_a_text_and_the_same_words_in_html(rule: Rule) -> None:
    message = letters.write(letter(rule))
    assert message["Subject"].strip()
    assert "\n" not in message["Subject"]
    plain = " ".join(text(message).split())
    html = " ".join(re.sub("<[^>]+>", " ", text(message, "html").partition("<body")[2]).split())
    first_sentence = plain.removeprefix("Hello, ").split(":")[0]
    assert first_sentence in html


def test_a_long_subject_is_folded_between_its_words_and_read_as_it_was_written() -> None:
    for hours in range(0, 24 * 90, 7):
        span = Interval(STARTS + timedelta(hours=hours), ENDS + timedelta(hours=hours))
        written = letters.write(replace(letter(Rule.REMINDER_HOUR), span=span))
        sent = written.as_bytes(policy=SMTP)  # as the SMTP client writes it

        header = sent.partition(b"\r\nDate:")[0].rpartition(b"\r\nSubject:")[2].decode()
        assert header.replace("\r\n", "") == f" {written['Subject']}"
        assert all(0 < len(line) <= 70 for line in header.split("\r\n"))
        assert message_from_bytes(sent, policy=SMTP)["Subject"] == written["Subject"]


@pytest.mark.parametrize("rule", [rule for rule in Rule if MEANINGS[rule].method or MEANINGS[rule].has_link])
def test_a_printed_time_names_its_zone(rule: Rule) -> None:
    assert "Tuesday 3 November, 2:00 to 2:20 pm, Pacific time" in text(letters.write(letter(rule)))


@pytest.mark.parametrize("rule", [rule for rule in Rule if MEANINGS[rule].has_link])
def test_the_link_stands_in_text_and_html_and_never_in_the_calendar_file(rule: Rule) -> None:
    message = letters.write(letter(rule))
    assert "https://hearth.test/j/abc" in text(message)
    assert 'href="https://hearth.test/j/abc"' in text(message, "html")
    files = [part for part in message.iter_parts() if part.get_content_type() == "text/calendar"]
    assert not any("/j/" in part.get_content() for part in files)


def test_the_calendar_file_comes_last_with_its_method_in_the_type() -> None:
    message = letters.write(letter(Rule.CANCELLED))
    assert message.get_content_type() == "multipart/alternative"
    last = list(message.iter_parts())[-1]
    assert last.get_content_type() == "text/calendar"
    assert last.get_param("method") == "CANCEL"
    assert last.get_content_charset() == "utf-8"


def test_the_calendar_file_survives_the_mail_byte_for_byte() -> None:
    sent = letters.write(letter(Rule.BOOKED)).as_bytes(policy=SMTP)
    received = message_from_bytes(sent, policy=SMTP)
    file = list(received.walk())[-1].get_payload(decode=True)
    assert isinstance(file, bytes)
    assert file.startswith(b"BEGIN:VCALENDAR\r\n")
    assert b"\n" not in file.replace(b"\r\n", b"")


def test_before_the_door_opens_the_mail_says_when_it_will() -> None:
    assert "The page opens at 1:40 pm, Pacific time." in text(letters.write(letter(Rule.BOOKED)))


def test_while_the_door_is_open_the_mail_says_join_now() -> None:
    late = replace(letter(Rule.BOOKED), now=STARTS - timedelta(minutes=10))
    words = text(letters.write(late))
    assert "You can join now:" in words
    assert "The page opens" not in words


def test_a_mail_asks_for_no_automatic_answers() -> None:
    assert letters.write(letter(Rule.BOOKED))["Auto-Submitted"] == "auto-generated"


def test_a_code_stands_in_the_mail_and_not_in_its_subject() -> None:
    message = letters.write(letter(Rule.SIGN_IN_CODE))
    assert "20481632" in text(message)
    assert "20481632" not in message["Subject"]


def test_an_address_that_would_start_another_header_is_refused() -> None:
    with pytest.raises(ValueError):
        letters.write(replace(letter(Rule.BOOKED), recipient="rosa@people.test\r\nBcc: luis@people.test"))


def test_the_words_of_the_house_are_escaped_in_html() -> None:
    odd = replace(letter(Rule.BOOKED), program_name="Ann & <Bob>")
    assert "Ann &amp; &lt;Bob&gt;" in text(letters.write(odd), "html")
    assert "Ann & <Bob>" in text(letters.write(odd))


@pytest.mark.parametrize("rule", [Rule.BOOKED, Rule.MOVED, Rule.CANCELLED])
def test_who_cannot_change_an_appointment_is_not_told_to(rule: Rule) -> None:
    message = letters.write(replace(letter(rule), may_change=False))

    for kind in ("plain", "html"):
        assert "To see " in text(message, kind)
        assert not re.search(r"move it|cancel it|another time", text(message, kind))


def several(*methods: Method) -> Letter:
    weekly = [timedelta(weeks=number) for number in range(len(methods))]
    invites = tuple(
        replace(
            INVITE,
            uid=f"u{week.days}@hearth.test",
            method=method,
            starts_at=STARTS + week,
            ends_at=ENDS + week,
        )
        for week, method in zip(weekly, methods, strict=True)
    )
    return replace(letter(Rule.BOOKED), link="", span=None, invite=None, together=invites)


@pytest.mark.parametrize(
    ("methods", "subject"),
    [
        ([Method.REQUEST] * 2, "Appointments: 2 are planned"),
        ([Method.CANCEL] * 3, "No longer planned: 3 appointments"),
        ([Method.REQUEST, Method.CANCEL], "Appointments: some are new, some are off"),
    ],
)
def test_a_letter_about_several_names_each_time_and_has_a_file_for_each(
    methods: list[Method], subject: str
) -> None:
    message = letters.write(several(*methods))

    assert message["Subject"] == subject
    assert TELLING.findall("\n".join((text(message), text(message, "html"), subject))) == []
    for words in (text(message), text(message, "html")):
        assert words.count("2:00 to 2:20") == len(methods)
    files = [part for part in message.iter_attachments() if part.get_content_type() == "text/calendar"]
    assert [part.get_param("method") for part in files] == methods
    assert [f"METHOD:{method}" in part.get_content() for part, method in zip(files, methods, strict=True)]
