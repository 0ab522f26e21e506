"""A mail server with faults: what it took and what not is known of each mail, and one fault costs no other mail."""

import ssl
import subprocess
from pathlib import Path

import pytest

from harvest.mail.address import read_server
from harvest.mail.smtp import Outbox, Refused
from tests.support.mail_server import mail_server

MAIL = b"Subject: x\r\n\r\n.\r\nbody\r\n"


def send(outbox: Outbox, *people: str) -> list[Refused | None]:
    return [outbox.send("Ho <ho@example.org>", f"{person}@example.org", MAIL) for person in people]


def test_each_fault_costs_its_own_mail_alone() -> None:
    faults = ["rcpt 450", "rcpt 550", "data 451", "data 554", "drop in data", "drop after data"]
    with mail_server() as world:
        for fault in faults:
            world.faults += [fault, None]
        with Outbox(read_server(world.url), 5) as outbox:
            found = send(outbox, *"abcdefghijkl")
    assert [one is None for one in found] == [False, True] * 6
    assert [one.why.split()[0] for one in found[:8:2] if one] == ["450", "550", "451", "554"]
    assert not any(one.server_is_down for one in found if one)
    taken = [one.recipient[0] for one in world.taken]
    assert taken == ["b", "d", "f", "h", "j", "k", "l"]  # k was taken, and nobody was told so
    assert {one.content for one in world.taken} == {MAIL}
    assert {one.sender for one in world.taken} == {"ho@example.org"}
    assert world.connections == 3  # one more after each drop


def test_a_slow_server_is_given_up_after_three_mails() -> None:
    with mail_server() as world:
        world.slow_seconds = 1
        world.faults = ["slow"] * 3
        with Outbox(read_server(world.url), 0.2) as outbox:
            found = send(outbox, *"abcd")
    assert [one.server_is_down for one in found if one] == [False, False, True, True]
    assert world.connections == 3


def test_a_server_that_is_not_there_is_said_once_for_all() -> None:
    with mail_server() as world:
        url = world.url
    with Outbox(read_server(url), 1) as outbox:
        found = send(outbox, "a", "b")
    assert [one.server_is_down for one in found if one] == [True, True]
    assert "cannot be reached" in found[0].why if found[0] else False


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of this machine's own and its key, in one file."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    made += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path), "-out", f"{path}.crt"]
    try:
        subprocess.run(made, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("openssl is not here to make a certificate")
    path.write_bytes(path.read_bytes() + Path(f"{path}.crt").read_bytes())
    return path


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.mark.parametrize("implicit", [False, True])
def test_tls_and_login(certificate: Path, implicit: bool) -> None:
    tls = server_context(certificate)
    with mail_server(tls, ("ada", "hunter2"), implicit) as world:
        trusting = lambda: ssl.create_default_context(cafile=f"{certificate}.crt")  # noqa: E731
        with Outbox(read_server(world.url), 5, trusting) as outbox:
            assert send(outbox, "a") == [None]
        with Outbox(read_server(world.url), 5) as outbox:  # an unknown certificate is not trusted
            (refused,) = send(outbox, "b")
        assert refused is not None
        assert "no trusted TLS" in refused.why
        with Outbox(read_server(world.url.replace("hunter2", "wrong-one")), 0.5, trusting) as outbox:
            (refused,) = send(outbox, "c")
    assert refused is not None
    assert refused.server_is_down
    assert "refuses the login" in refused.why
    assert "wrong-one" not in refused.why
    assert [one.recipient for one in world.taken] == ["a@example.org"]


def test_a_server_without_tls_gets_no_mail_where_tls_is_asked_for() -> None:
    with mail_server() as world, Outbox(read_server(f"{world.url}?starttls=yes"), 5) as outbox:
        (refused,) = send(outbox, "a")
    assert refused is not None
    assert "no TLS" in refused.why
    assert world.taken == []


def test_connections_lost_now_and_then_are_no_server_that_is_down() -> None:
    with mail_server() as world:
        world.faults = ["drop in data", None] * 4
        with Outbox(read_server(world.url), 5) as outbox:
            found = send(outbox, *"abcdefgh")
    assert [one is None for one in found] == [False, True] * 4
    assert not any(one.server_is_down for one in found if one)


@pytest.mark.parametrize("before", range(280, 301))
def test_no_part_of_a_secret_stands_at_the_end_of_a_long_answer(before: int) -> None:
    outbox = Outbox(read_server("smtp://ada.lovelace:hunter2secret@localhost"))
    said = outbox._said((550, f"{'x' * before} hunter2secret of ada.lovelace".encode()))
    assert not any(secret in said for secret in ("hun", "secret", "ada", "lovelace"))
    assert len(said) <= 300
