"""What can go wrong with one request, told apart so that each is handled and reported for what it is."""

from typing import Literal

from db.errors import TrackerError

#: `service`: the request did not get through; `content`: an answer came and is not what was asked for;
#: `refused`: asking again will not help; `too large`: asking for less may.
Side = Literal["service", "content", "refused", "too large"]


class FaultError(Exception):
    """One failed attempt: its `kind` (a short name), words for the user, and how long the service asks to wait."""

    def __init__(self, kind: str, words: str, side: Side = "service", retry_after: float | None = None) -> None:
        super().__init__(words)
        self.kind = kind
        self.words = words
        self.side = side
        self.retry_after = retry_after


class ServiceError(TrackerError):
    """A service could not be asked; nothing is lost, the next run goes on."""

    exit_code = 75


class CallFailedError(ServiceError):
    """One call failed in every attempt; `fault` is the last one."""

    def __init__(self, endpoint: str, attempts: int, fault: FaultError) -> None:
        times = "once" if attempts == 1 else f"{attempts} times"
        super().__init__(f"{endpoint} failed {times}: {fault.words}")
        self.fault = fault


class ServiceDownError(ServiceError):
    """The service did not answer for as long as we are patient."""
