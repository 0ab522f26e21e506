"""Answers at the edge of what can be read, and a request that fails in a way that nobody foresaw."""

import pytest

from harvest.eutils.faults import FaultError
from harvest.eutils.replies import check_reply, read_search
from harvest.eutils.transport import Limits, Reply, Transport


def reply(body: bytes, status: int = 200) -> Reply:
    return Reply(status, body, "", None, None, redact=lambda text: text.replace("secret", "[api key]"))


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"<eSearchResult><Count>x</Count><IdList/></eSearchResult>", "garbage", "no readable count or ids"),
        (b"<eSearchResult><IdList/></eSearchResult>", "garbage", "no readable count or ids"),
        (b"<eSearchResult><Count>1</Count><IdList><Id>y</Id></IdList></eSearchResult>", "garbage", "count or ids"),
        (b"<eSearchResult><Count>-1</Count><IdList/></eSearchResult>", "garbage", "cannot be"),
        (b"<eSearchResult><Count>1</Count><IdList><Id>0</Id></IdList></eSearchResult>", "garbage", "cannot be"),
        (b"<?xml version='1.0'?><other", "broken-off body", "broke off in the middle"),
        (b"<?xml version='1.0'?><other>secret</other>", "wrong XML", r"begins '<other>\[api key\]"),
        (b"<eSearchResult><Count>1</Count>", "broken-off body", "no whole XML"),
        (b"<eSearchResult><Count>1</Cont></eSearchResult>", "garbage", "no whole XML"),
    ],
)
def test_a_search_that_cannot_be_read_is_a_fault_of_its_content(body: bytes, kind: str, words: str) -> None:
    with pytest.raises(FaultError, match=words) as caught:
        read_search(reply(body), 10)
    assert (caught.value.kind, caught.value.side) == (kind, "content")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"error": "secret is', "JSON instead of XML: cut off"),
        (b"[1, 2]", r"JSON instead of XML: \[1, 2\]"),
        (b'{"esearchresult": {"ERROR": "secret is wrong"}}', r"JSON instead of XML: \[api key\] is wrong"),
        (b'{"header": {}}', "JSON instead of XML: no records"),
    ],
)
def test_json_is_said_in_its_own_words_without_secrets(body: bytes, words: str) -> None:
    with pytest.raises(FaultError, match=words):
        check_reply(reply(body))


def test_a_request_that_fails_in_an_unforeseen_way_is_a_fault_and_waits_for_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("me@example.org")

    transport = Transport(Limits(), "test", 1)
    monkeypatch.setattr(transport, "_send", broken)
    with pytest.raises(FaultError, match=r"the request failed \(ZeroDivisionError\)") as caught:
        transport.post("http://127.0.0.1:9/", {}, 5)
    assert "me@example.org" not in caught.value.words
    transport.close()
