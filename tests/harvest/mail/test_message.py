"""Mails as messages: two readers see the same, the same mail is the same bytes, no header can be broken into."""

import email
from datetime import UTC, datetime
from email.policy import default

import fast_mail_parser
import pytest

from harvest.mail.message import Attached, Envelope, addressed, compose, message_id

WHEN = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
LONG = f"https://example.org/leave/{'x' * 150}?list={{list}}"


def envelope(name: str = "HO & hip") -> Envelope:
    number = message_id("HO tracker <ho@example.org>", name, "1", "2")
    return Envelope("HO tracker <ho@example.org>", name, number, WHEN, ("mailto:ho@example.org", LONG))


def test_two_readers_see_the_same_texts_and_headers() -> None:
    text, html = "Größe\n.\n.. α\nFrom here " + "x" * 2000 + "\n", "<p>Größe &lt; 5</p>\n"
    mail = addressed(compose(envelope(), "Zwei – two\r\nBcc: x@y.z", text, html), "ada@example.org")
    ours = email.message_from_bytes(mail, policy=default)
    plain, page = ours.get_body(("plain",)), ours.get_body(("html",))
    assert plain is not None
    assert page is not None
    told = [part.get_content().replace("\r\n", "\n") for part in (plain, page)]
    assert told == [text, html]
    theirs = fast_mail_parser.parse_email(mail)
    assert [part.replace("\r\n", "\n") for part in theirs.text_plain] == [text]
    assert [part.replace("\r\n", "\n") for part in theirs.text_html] == [html]
    assert theirs.subject == ours["Subject"] == "Zwei – two Bcc: x@y.z"
    for name in ("To", "From", "Message-ID", "List-Id", "List-Unsubscribe"):
        assert theirs.headers[name] == [str(ours[name])]
    assert ours["Bcc"] is None
    assert ours["Date"].datetime == WHEN
    assert max(map(len, mail.split(b"\r\n"))) <= 998
    assert mail.isascii()


def test_an_address_for_leaving_is_written_as_it_is_however_long() -> None:
    mail = compose(envelope(), "x", "y\n", None)
    assert f"<{LONG.replace('{list}', 'HO%20%26%20hip')}>".encode() in mail


def test_an_attached_file_keeps_its_name_and_content() -> None:
    mail = compose(envelope(), "x", "y\n", None, Attached("hip.json", "application/json", '{"ä": "\\n"}\n'))
    (part,) = email.message_from_bytes(mail, policy=default).iter_attachments()
    assert (part.get_filename(), part.get_content_type()) == ("hip.json", "application/json")
    assert part.get_content().decode() == '{"ä": "\\n"}\n'
    (theirs,) = [one for one in fast_mail_parser.parse_email(mail).attachments if one.filename]
    assert bytes(theirs.content).decode() == '{"ä": "\\n"}\n'


def test_the_same_mail_is_the_same_bytes() -> None:
    assert compose(envelope(), "x", "y\n", "<p>y</p>") == compose(envelope(), "x", "y\n", "<p>y</p>")
    assert message_id("a@b.org", "x", "1") == message_id("a@b.org", "x", "1")
    assert len({message_id("a@b.org", *parts) for parts in (("x", "1"), ("x1",), ("", "x1"))}) == 3


@pytest.mark.parametrize(("name", "label"), [("new trials", "new-trials"), ("Größe", "gr-e-"), ("a, b", "a-b-")])
def test_lists_of_different_names_have_different_labels(name: str, label: str) -> None:
    said = email.message_from_bytes(compose(envelope(name), "x", "y", None))["List-Id"]
    assert said.startswith(f"<{label}")
    assert said.endswith(".ho-tracker.example.org>")


def test_names_that_look_alike_are_lists_of_their_own() -> None:
    names = ("bone hip", "bone, hip", "bone & hip", "Bone (hip)", "ä", "ö", "ü " + "x" * 58)
    said = {email.message_from_bytes(compose(envelope(name), "x", "y", None))["List-Id"] for name in names}
    assert len(said) == len(names)
