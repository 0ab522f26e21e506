"""One call of a service: attempts with pauses between them, until an answer can be read or patience ends.

E-utilities and the services of `harvest.enrich` share this; a `Caller` stands for one service of one process.
"""

import random
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from harvest.eutils.faults import CallFailedError, FaultError, ServiceDownError
from harvest.eutils.limiter import Limiter
from harvest.eutils.transport import Limits, Reply

Value = TypeVar("Value")


class Caller:
    """Calls one service within the limits; safe to share between threads.

    What fails in one call counts for the next: a service that gives no good answer for `limits.outage` seconds is
    down. `limiter` is held where the service says that we are too fast.
    """

    def __init__(self, limits: Limits, limiter: Limiter | None) -> None:
        self.limits = limits
        self._limiter = limiter
        self._lock = threading.Lock()
        self._failing_since: float | None = None

    def call(
        self,
        name: str,
        send: Callable[[float], Reply],
        read: Callable[[Reply], Value],
        redacted: Callable[[str], str],
        attempts: int | None = None,
    ) -> Value:
        """Sends until an answer can be read; `send` gets the seconds left, `read` raises FaultError for a bad answer.

        `redacted` takes the caller's secrets out of what is said of a fault. Raises CallFailedError, ServiceDownError.
        """
        began = time.monotonic()
        attempt = 0
        while True:
            attempt += 1
            left = min(self.limits.call - (time.monotonic() - began), self._patience())
            try:
                value = read(send(max(left, 0.1)))
            except FaultError as fault:
                fault = FaultError(fault.kind, redacted(fault.words), fault.side, fault.retry_after)
                self._note_failure(fault, began)
                pause = self._pause(fault, attempt)
                left = min(self.limits.call - (time.monotonic() - began), self._patience())
                hopeless = pause + self.limits.connect >= left  # what is left would not do for a connection
                if (
                    fault.side in ("refused", "too large")
                    or attempt >= min(attempts or self.limits.attempts, self._attempts(fault))
                    or hopeless
                ):
                    raise self._failure(name, attempt, fault, pause) from None
                time.sleep(pause)
            else:
                with self._lock:
                    self._failing_since = None
                return value

    def _attempts(self, fault: FaultError) -> int:
        """What came and is wrong is soon as right as it will be; a service that stumbles gets more time."""
        return self.limits.attempts if fault.side == "service" else min(3, self.limits.attempts)

    def _pause(self, fault: FaultError, attempt: int) -> float:
        pause = self.limits.backoff * 2.0 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311 - not for secrets
        pause = max(pause, fault.retry_after or 0.0)
        if fault.kind == "rate limit" and self._limiter:
            self._limiter.hold(min(pause, self.limits.call))
        return pause

    def _patience(self) -> float:
        """Seconds left until the service counts as down."""
        with self._lock:
            since = self._failing_since
        return self.limits.outage - (time.monotonic() - since) if since is not None else self.limits.outage

    def _note_failure(self, fault: FaultError, began: float) -> None:
        with self._lock:
            if self._failing_since is None and fault.side not in ("content", "too large"):
                self._failing_since = began

    def _failure(self, name: str, attempts: int, fault: FaultError, pause: float) -> CallFailedError | ServiceDownError:
        if fault.retry_after and pause >= self.limits.call:
            return ServiceDownError(
                f"{name}: the service asks to wait {fault.retry_after:.0f} seconds; try again later"
            )
        if fault.side == "service" and self._patience() <= pause + self.limits.connect:
            return ServiceDownError(f"{name}: no good answer for {self.limits.outage:.0f} seconds, last: {fault.words}")
        return CallFailedError(name, attempts, fault)
