"""How long and how often a service is asked: attempts by whose fault it is, pauses, and when it counts as down."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from harvest.eutils.calls import Caller
from harvest.eutils.client import Identity
from harvest.eutils.faults import CallFailedError, FaultError, ServiceDownError, Side
from harvest.eutils.limiter import RATE_WITH_KEY, RATE_WITHOUT_KEY, Limiter
from harvest.eutils.transport import Limits, Reply, _http_date, _seconds

REPLY = Reply(200, b"", "", None, None)
LIMITS = Limits(connect=1, call=100, outage=100, attempts=5, backoff=1)


class Clock:
    """A clock that moves when somebody sleeps, or when an answer takes its time."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self.answer_takes = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("harvest.eutils.calls.time", made)
    monkeypatch.setattr("harvest.eutils.calls.random.uniform", lambda low, high: (low + high) / 2)
    return made


class Service:
    """Answers with faults, one after the other, then well; keeps the seconds that each attempt was given."""

    def __init__(self, clock: Clock, *faults: FaultError) -> None:
        self.clock = clock
        self.faults: Iterator[FaultError] = iter(faults)
        self.given: list[float] = []

    def send(self, seconds: float) -> Reply:
        self.given.append(seconds)
        self.clock.now += self.clock.answer_takes
        if fault := next(self.faults, None):
            raise fault
        return REPLY

    def ask(self, caller: Caller, attempts: int | None = None) -> str:
        return caller.call(
            "ESearch", self.send, lambda _reply: "read", lambda text: text.replace("key", "[api key]"), attempts
        )


def fault(side: Side = "service", retry_after: float | None = None, kind: str = "HTTP 503") -> FaultError:
    return FaultError(kind, "words with key", side, retry_after)


@pytest.mark.parametrize(
    ("side", "attempts", "made"),
    [
        ("service", None, 5), ("content", None, 3), ("refused", None, 1), ("too large", None, 1),
        ("service", 2, 2), ("content", 2, 2), ("content", 9, 3), ("service", 9, 5),
    ],
)  # fmt: skip
def test_it_is_asked_as_often_as_the_fault_is_worth(clock: Clock, side: Side, attempts: int | None, made: int) -> None:
    service = Service(clock, *[fault(side)] * 20)
    with pytest.raises(CallFailedError, match=r"ESearch.*words with \[api key\]") as caught:
        service.ask(Caller(LIMITS, None), attempts)
    assert len(service.given) == made
    assert (caught.value.fault.side, caught.value.fault.kind) == (side, "HTTP 503")


def test_each_pause_is_twice_the_last_and_never_shorter_than_asked_for(clock: Clock) -> None:
    service = Service(clock, fault(), fault(), fault(retry_after=9.0), fault())
    assert service.ask(Caller(LIMITS, None)) == "read"
    assert clock.slept == [1.0, 2.0, 9.0, 8.0]


def test_no_attempt_gets_more_time_than_is_left(clock: Clock) -> None:
    clock.answer_takes = 6.0
    limits = Limits(connect=1, call=20, outage=100, attempts=5, backoff=1)
    service = Service(clock, *[fault()] * 9)
    with pytest.raises(CallFailedError):
        service.ask(Caller(limits, None))
    assert service.given == [20.0, 13.0, 5.0]  # then what is left would not do for a pause and a connection


def test_a_service_without_any_good_answer_for_long_is_down_whoever_asks(clock: Clock) -> None:
    caller = Caller(Limits(connect=1, call=100, outage=10, attempts=3, backoff=1), None)
    with pytest.raises(CallFailedError):
        Service(clock, *[fault()] * 9).ask(caller)  # three seconds
    clock.now += 3
    with pytest.raises(ServiceDownError, match=r"no good answer for 10 seconds, last: words with \[api key\]"):
        Service(clock, *[fault()] * 9).ask(caller)
    assert Service(clock).ask(caller) == "read"
    with pytest.raises(CallFailedError):  # a good answer begins the count anew
        Service(clock, *[fault()] * 9).ask(caller)


@pytest.mark.parametrize(("side", "attempts"), [("content", 3), ("too large", 1)])
def test_what_came_and_was_wrong_is_no_sign_that_a_service_is_down(clock: Clock, side: Side, attempts: int) -> None:
    caller = Caller(Limits(connect=1, call=100, outage=4, attempts=3, backoff=0.1), None)
    for _ in range(3):
        service = Service(clock, *[fault(side)] * 9)
        with pytest.raises(CallFailedError):
            service.ask(caller)
        assert len(service.given) == attempts
        clock.now += 3
    assert Service(clock, fault(), fault()).ask(caller) == "read"


@pytest.mark.parametrize(("asked", "down"), [(99.0, False), (100.0, True), (3600.0, True)])
def test_a_service_that_asks_for_more_time_than_a_call_has_is_left_alone(
    clock: Clock, asked: float, down: bool
) -> None:
    service = Service(clock, fault(retry_after=asked))
    with pytest.raises((ServiceDownError, CallFailedError)) as caught:
        service.ask(Caller(Limits(connect=1, call=100, outage=1000, attempts=5, backoff=1), None))
    assert isinstance(caught.value, ServiceDownError) == down
    assert not down or f"asks to wait {asked:.0f} seconds" in str(caught.value)
    assert clock.slept == []


@pytest.mark.parametrize(("kind", "held"), [("rate limit", [5.0]), ("HTTP 503", [])])
def test_only_who_is_too_fast_holds_all_others(clock: Clock, kind: str, held: list[float]) -> None:
    told: list[float] = []

    class Noted(Limiter):
        def hold(self, seconds: float) -> None:
            told.append(seconds)

    Service(clock, fault(kind=kind, retry_after=5.0)).ask(Caller(LIMITS, Noted()))
    assert told == held


def test_a_pause_in_seconds_or_until_a_day() -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=90)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert [_seconds(told) for told in ("7", "-7", "0.5", None, "", "soon")] == [7.0, 0.0, 0.5, None, None, None]
    assert 80 < (_seconds(soon) or 0) <= 90
    assert _seconds("Mon, 02 Mar 2020 10:00:00 GMT") == 0.0
    moment = datetime(2026, 3, 2, 10, tzinfo=UTC)
    same = ["Mon, 02 Mar 2026 10:00:00 GMT", "Mon, 02 Mar 2026 11:00:00 +0100", "Mon, 02 Mar 2026 10:00:00 -0000"]
    assert [_http_date(told) for told in (*same, "yesterday", None)] == [moment, moment, moment, None, None]


def test_who_asks_is_said_in_the_form_and_taken_out_of_every_text() -> None:
    known = Identity("me+ho@example.org", "0123secret")
    assert (known.rate, Identity().rate, known.form()["tool"]) == (RATE_WITH_KEY, RATE_WITHOUT_KEY, "ho-tracker")
    assert {"email": "me+ho@example.org", "api_key": "0123secret"}.items() <= known.form().items()
    assert set(Identity().form()) == {"tool"}
    told = known.redacted("api_key=0123secret&email=me%2Bho%40example.org, me+ho@example.org")
    assert told == "api_key=[api key]&email=[e-mail], [e-mail]"
    assert Identity().redacted("a") == "a"
