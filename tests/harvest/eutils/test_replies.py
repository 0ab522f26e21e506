"""What counts as an answer of a search: as many ids as it promises, or it is said that and how it does not."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from harvest.eutils.client import Client
from harvest.eutils.faults import FaultError
from harvest.eutils.replies import Search, ShortPageError, check_reply, error_fault, errors_in, read_search, shown
from harvest.eutils.transport import Reply


def reply(count: object, ids: int, retmax: int | None = None, more: str = "") -> Reply:
    listed = "".join(f"<Id>{pmid}</Id>" for pmid in range(1, ids + 1))
    said = f"<RetMax>{ids if retmax is None else retmax}</RetMax>"
    body = f"<eSearchResult><Count>{count}</Count>{said}<IdList>{listed}</IdList>{more}</eSearchResult>"
    return Reply(200, body.encode(), "text/xml", None, None, redact=lambda text: text.replace("secret", "[api key]"))


@pytest.mark.parametrize(("count", "ids", "retmax"), [(0, 0, 5), (3, 3, 5), (5, 5, 5), (9, 5, 5)])
def test_an_answer_with_all_that_it_may_bring_is_taken(count: int, ids: int, retmax: int) -> None:
    found = read_search(reply(count, ids), retmax)
    assert (found.count, found.pmids, found.whole) == (count, tuple(range(1, ids + 1)), count == ids)


@pytest.mark.parametrize(
    ("count", "ids", "said", "kind"),
    [
        (3, 2, 2, ShortPageError),  # it says itself that fewer came
        (9, 4, 4, ShortPageError),
        (9, 4, 5, FaultError),
        (9, 0, 0, FaultError),
        (2, 3, 3, FaultError),
        (9, 6, 6, FaultError),
    ],
)
def test_an_answer_that_brings_another_number_is_none(count: int, ids: int, said: int, kind: type[FaultError]) -> None:
    with pytest.raises(FaultError) as caught:
        read_search(reply(count, ids, said), 5)
    assert type(caught.value) is kind
    assert caught.value.side == "content"
    assert caught.value.kind == ("fewer ids" if ids else "empty set")
    if isinstance(caught.value, ShortPageError):
        assert caught.value.search == Search(count, tuple(range(1, ids + 1)), None, ())


def test_an_id_that_comes_twice_counts_once() -> None:
    twice = reply(4, 3, 4)
    body = twice.body.replace(b"</IdList>", b"<Id>3</Id></IdList>")
    with pytest.raises(FaultError, match=r"counts 4 hits, but gave 3 of 4 ids"):
        read_search(replace(twice, body=body), 5)


def test_warnings_and_the_translation_are_kept_without_secrets() -> None:
    more = (
        "<QueryTranslation>bone AND secret</QueryTranslation>"
        "<ErrorList><PhraseNotFound>secret bone</PhraseNotFound></ErrorList>"
        "<WarningList><OutputMessage>No items</OutputMessage></WarningList>"
    )
    found = read_search(reply(0, 0, more=more), 5)
    assert found.translation == "bone AND [api key]"
    assert found.warnings == ("PhraseNotFound: [api key] bone", "OutputMessage: No items")


@pytest.mark.parametrize(
    ("status", "body", "kind", "side"),
    [
        (200, b"<a/>", None, None),
        (200, b"\xef\xbb\xbf<a/>", None, None),
        (429, b"<a/>", "rate limit", "service"),
        (200, b'{"error": "API rate limit exceeded"}', "rate limit", "service"),
        (500, b"", "HTTP 500", "service"), (502, b"", "HTTP 502", "service"), (400, b"", "HTTP 400", "service"),
        (408, b"", "HTTP 408", "service"), (425, b"", "HTTP 425", "service"), (403, b"", "HTTP 403", "service"),
        (404, b"", "HTTP 404", "refused"), (401, b"", "HTTP 401", "refused"), (302, b"", "HTTP 302", "refused"),
        (413, b"", "HTTP 413", "too large"), (204, b"", "HTTP 204", "refused"),
        (400, b'{"error": "API key invalid"}', "wrong API key", "refused"),
        (200, b"  ", "empty reply", "content"), (200, b"[]", "JSON error", "content"),
        (200, b"<!DOCTYPE HTML><p>", "HTML page", "service"), (200, b"<?xml?><html>", "HTML page", "service"),
        (200, b"Sorry", "garbage", "content"), (200, b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "unsafe XML", "content"),
    ],
)  # fmt: skip
def test_every_other_answer_is_told_for_what_it_is(
    status: int, body: bytes, kind: str | None, side: str | None
) -> None:
    answer = Reply(status, body, "text/xml", 7.0, None)
    if kind is None:
        check_reply(answer)
        return
    with pytest.raises(FaultError) as caught:
        check_reply(answer)
    assert (caught.value.kind, caught.value.side) == (kind, side)
    waits = (status, side) not in [(200, side), (302, side), (413, side)] and kind != "wrong API key"
    assert caught.value.retry_after == (7.0 if waits or kind == "rate limit" else None)


def test_an_error_in_an_answer_is_named_by_what_it_says() -> None:
    told = "<a><ERROR>ID list is empty! Possibly it has no correct IDs.</ERROR></a>"
    none = error_fault(errors_in(told.encode()), str)
    assert (none.kind, none.side) == ("empty set", "content")
    other = error_fault("Unable to obtain query #1 for secret", lambda text: text.replace("secret", "[api key]"))
    assert (other.kind, other.side) == ("ERROR in XML", "content")
    assert other.words == "the service answered with an error: Unable to obtain query #1 for [api key]"
    many = "".join(f'<ERROR type="x">e{number}</ERROR>' for number in range(9))
    assert errors_in(many.encode()) == "e0 e1 e2 e3 e4"
    assert [errors_in(text) for text in (b"<a/>", b"<ERROR>cut", b"<ERROR", b"<ERROR/></ERROR>")] == ["", "", "", ""]


def test_a_text_from_outside_is_one_short_line() -> None:
    assert shown(" a\n b ") == "a b"
    assert (shown("x" * 160), shown("x" * 161)) == ("x" * 160, "x" * 157 + "...")


@pytest.mark.parametrize(
    ("server", "day"),
    [
        (None, date(2026, 3, 1)),
        ("2026-03-01T12:00", date(2026, 3, 1)),
        ("2026-02-28T23:59", date(2026, 2, 28)),
        ("2026-03-02T12:00", date(2026, 3, 1)),
    ],
)
def test_today_is_the_day_in_the_east_by_the_earlier_of_two_clocks(
    monkeypatch: pytest.MonkeyPatch, server: str | None, day: date
) -> None:
    class Fixed(datetime):
        @classmethod
        def now(cls, tz: object = None) -> "Fixed":
            return cls(2026, 3, 2, 4, 59, tzinfo=ZoneInfo("UTC"))  # a minute before midnight in the east

    monkeypatch.setattr("harvest.eutils.client.datetime", Fixed)
    client = Client("http://127.0.0.1:9/entrez/eutils/", limiter=None)
    if server is not None:
        client._server_time = datetime.fromisoformat(server).replace(tzinfo=ZoneInfo("America/New_York"))
    assert client.today == day
    client.close()
