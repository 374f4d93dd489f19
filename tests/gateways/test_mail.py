"""Mail: a real server that takes, delays, refuses, encrypts, and is away; and a Maildir."""

import mailbox
from email.message import EmailMessage
from pathlib import Path

import pytest

from scheduler.gateways.mail import Mail, MailDelayed, MaildirMail, MailRefused, SmtpMail, mail_for
from tests.gateways.mail_server import Postbox, free_port, new_certificate, password_is, running


def message(recipient: str = "rosa@people.test") -> EmailMessage:
    written = EmailMessage()
    written["From"] = "Hearth <hello@hearth.test>"
    written["To"] = recipient
    written["Subject"] = "Appointment"
    written["Message-ID"] = "<n1@hearth.test>"
    written.set_content("Hello,\n\nmañana.\n")
    return written


async def fault(mail: Mail, recipient: str = "rosa@people.test") -> MailRefused | MailDelayed:
    with pytest.raises((MailRefused, MailDelayed)) as raised:
        await mail.send(message(recipient))
    assert isinstance(raised.value, MailRefused | MailDelayed)
    return raised.value


async def test_a_message_arrives_as_it_was_written() -> None:
    postbox = Postbox()
    with running(postbox) as port:
        await mail_for(f"smtp://127.0.0.1:{port}").send(message())
    assert postbox.messages[0]["Message-ID"] == "<n1@hearth.test>"
    assert "mañana" in postbox.messages[0].get_content()


async def test_an_address_that_does_not_exist_is_refused_for_good() -> None:
    postbox = Postbox(replies={"gone@people.test": "550 no such mailbox"})
    with running(postbox) as port:
        refused = await fault(mail_for(f"smtp://127.0.0.1:{port}"), "gone@people.test")
    assert isinstance(refused, MailRefused)
    assert str(refused) == "550"


async def test_a_greylisted_address_is_delayed() -> None:
    postbox = Postbox(replies={"slow@people.test": "451 try later"})
    with running(postbox) as port:
        delayed = await fault(mail_for(f"smtp://127.0.0.1:{port}"), "slow@people.test")
    assert isinstance(delayed, MailDelayed)
    assert str(delayed) == "451"


@pytest.mark.parametrize(("reply", "kind"), [("554 no", MailRefused), ("452 full", MailDelayed)])
async def test_the_answer_to_the_text_itself_counts_alike(reply: str, kind: type[Exception]) -> None:
    with running(Postbox(data_reply=reply)) as port:
        assert isinstance(await fault(mail_for(f"smtp://127.0.0.1:{port}")), kind)


async def test_a_server_that_is_away_delays() -> None:
    delayed = await fault(mail_for(f"smtp://127.0.0.1:{free_port()}"))
    assert isinstance(delayed, MailDelayed)
    assert "rosa" not in str(delayed)


async def test_a_server_that_comes_back_takes_what_it_missed() -> None:
    postbox, port = Postbox(), free_port()
    mail = mail_for(f"smtp://127.0.0.1:{port}")
    assert isinstance(await fault(mail), MailDelayed)
    with running(postbox, port=port):
        await mail.send(message())
    assert len(postbox.messages) == 1


async def test_encryption_is_used_where_it_is_offered(tmp_path: Path) -> None:
    certificate, postbox = new_certificate(tmp_path), Postbox()
    with running(postbox, tls_context=certificate.context) as port:
        await mail_for(f"smtp://127.0.0.1:{port}?ca={certificate.file}").send(message())
    assert postbox.was_encrypted == [True]


async def test_a_certificate_that_nobody_vouches_for_delays(tmp_path: Path) -> None:
    certificate, postbox = new_certificate(tmp_path), Postbox()
    with running(postbox, tls_context=certificate.context) as port:
        assert isinstance(await fault(mail_for(f"smtp://127.0.0.1:{port}")), MailDelayed)
    assert postbox.messages == []


async def test_a_password_goes_only_over_an_encrypted_connection(tmp_path: Path) -> None:
    certificate, postbox = new_certificate(tmp_path), Postbox()
    with running(
        postbox, tls_context=certificate.context, auth_required=True, authenticator=password_is("s3 cret")
    ) as port:
        await mail_for(f"smtp://hearth:s3%20cret@127.0.0.1:{port}?ca={certificate.file}").send(message())
    assert postbox.was_encrypted == [True]
    with running(postbox) as port:
        assert isinstance(await fault(mail_for(f"smtp://hearth:pw@127.0.0.1:{port}")), MailDelayed)
    assert len(postbox.messages) == 1


async def test_a_wrong_password_delays_because_it_can_be_mended(tmp_path: Path) -> None:
    certificate = new_certificate(tmp_path)
    with running(
        Postbox(), tls_context=certificate.context, auth_required=True, authenticator=password_is("right")
    ) as port:
        delayed = await fault(mail_for(f"smtp://hearth:wrong@127.0.0.1:{port}?ca={certificate.file}"))
    assert isinstance(delayed, MailDelayed)
    assert str(delayed) == "535"


async def test_a_maildir_keeps_each_message_in_a_file(tmp_path: Path) -> None:
    mail = mail_for(f"maildir:{tmp_path / 'deep' / 'mail'}")
    await mail.send(message())
    await mail.send(message("luis@people.test"))
    kept = mailbox.Maildir(tmp_path / "deep" / "mail", create=False)
    assert sorted(one["To"] for one in kept) == ["luis@people.test", "rosa@people.test"]


async def test_a_maildir_that_cannot_be_written_delays(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert isinstance(await fault(MaildirMail(tmp_path / "file" / "mail")), MailDelayed)


@pytest.mark.parametrize(
    ("url", "port", "implicit_tls"),
    [
        ("smtp://mail.test", 25, False),
        ("smtp://user:pw@mail.test", 587, False),
        ("smtps://user:pw@mail.test", 465, True),
        ("smtp://mail.test:2525", 2525, False),
    ],
)
def test_the_port_follows_the_kind_of_address(url: str, port: int, implicit_tls: bool) -> None:
    mail = mail_for(url)
    assert isinstance(mail, SmtpMail)
    assert (mail.port, mail.implicit_tls) == (port, implicit_tls)


@pytest.mark.parametrize("url", ["http://mail.test", "smtp://", "mail.test"])
def test_an_address_of_no_mail_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        mail_for(url)


def test_a_password_is_not_printed() -> None:
    assert "s3cret" not in repr(mail_for("smtp://hearth:s3cret@mail.test"))
