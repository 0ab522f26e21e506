"""A mail server's address: what can be read, and that no error repeats any part of it."""

import pytest

from harvest.mail.address import MailAddressError, check_email, read_server


@pytest.mark.parametrize(
    ("url", "shown", "implicit", "starttls", "user", "password"),
    [
        ("smtp://mail.example.org", "smtp://mail.example.org:587", False, None, None, None),
        ("smtp://ada:pw@mail.example.org:25", "smtp://mail.example.org:25", False, True, "ada", "pw"),
        ("smtp://ada:pw@localhost", "smtp://localhost:587", False, None, "ada", "pw"),
        ("smtp://mail.example.org?starttls=no", "smtp://mail.example.org:587", False, False, None, None),
        ("smtps://a%40b:p%2F%3Aw@mail.example.org/", "smtps://mail.example.org:465", True, None, "a@b", "p/:w"),
        ("smtp://[::1]:2525?starttls=yes", "smtp://::1:2525", False, True, None, None),
    ],
)
def test_addresses_of_servers(
    url: str, shown: str, implicit: bool, starttls: bool | None, user: str | None, password: str | None
) -> None:
    server = read_server(url)
    assert (server.shown, server.implicit_tls, server.user, server.password) == (shown, implicit, user, password)
    assert server.starttls is (True if implicit and user else starttls)
    assert "pw" not in repr(server)
    assert user is None or user not in repr(server)


@pytest.mark.parametrize(
    "url",
    [
        "http://ada:hunter2@mail.example.org",
        "smtp://ada:hunter2@",
        "smtp://ada:hunter2@mail.example.org:99999",
        "smtp://ada:hunter2@mail.example.org/path",
        "smtp://ada:hunter2@mail.example.org?starttls=maybe",
        "smtp://ada:hunter2@mail.example.org?starttls=no",
        "smtp://ada:hunter2@mail.example.org?foo",
        "smtps://ada:hunter2@mail.example.org?starttls=yes",
        "smtp://ada:hunter2@[::1",
        "smtp://hunter2@mail.example.org",
        "smtp://ada:hunt#er2@mail.example.org",
        "hunter2",
    ],
)
def test_what_cannot_be_used_is_said_without_its_secrets(url: str) -> None:
    with pytest.raises(MailAddressError) as raised:
        read_server(url)
    assert "HO_TRACKER_SMTP_URL" in str(raised.value)
    assert "hunt" not in str(raised.value)
    assert "ada" not in str(raised.value)


def test_a_servers_words_repeat_no_secret() -> None:
    server = read_server("smtp://ada:hunter2@localhost")
    said = server.without_secrets("535 ADA with Hunter2, AGFkYQBodW50ZXIy or aHVudGVyMg== is wrong")
    assert not any(secret in said.lower() for secret in ("ada", "hunter2", "agfkyqbodw50zxiy", "ahvudgvymg=="))


@pytest.mark.parametrize("text", ["ada@example.org", " a.b+c@sub.example.org "])
def test_e_mail_addresses(text: str) -> None:
    assert check_email(text) == text.strip()


@pytest.mark.parametrize(
    "text", ["", "ada", "a b@example.org", "ada@example.org\nBcc: x@y.z", "ada@-x", "a..b@x.org", "ä@x.org", "a@b>c"]
)
def test_what_is_no_e_mail_address(text: str) -> None:
    with pytest.raises(MailAddressError):
        check_email(text)
