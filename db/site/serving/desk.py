"""The review page as the served site knows it: its store, its people, and how often they may try and write."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datasette.utils.asgi import NotFound, Request

from db.errors import TrackerError
from db.site.serving.accounts import Accounts, read_accounts
from db.site.serving.limits import KnownPlaces, RateLimit, place_of

#: The permission that writing decisions needs; Datasette asks plugins for it by this name.
PERMISSION = "review-tags"
_SESSION_HOURS = 12


class SignInError(TrackerError):
    """A name or password that is wrong, or too many of them."""


class TooOftenError(TrackerError):
    """More in a minute than a person does."""


@dataclass
class ReviewDesk:
    """What the served site knows of the review page: store, secret, people; and the limits as they stand."""

    store: Path
    secret: str = field(repr=False)
    reviewers: Path
    software: str = "ho-tracker"
    hours: float = _SESSION_HOURS
    #: Wrong passwords: of one name from one place, of one place, of one name from anywhere, of everybody. The last two
    #: stop guessing from many places, and no one who has signed in from theirs before: strangers lock nobody out there.
    tries: Mapping[str, RateLimit] = field(
        default_factory=lambda: {
            "pair": RateLimit(5, 900), "address": RateLimit(20, 900), "name": RateLimit(50, 900),
            "all": RateLimit(300, 900),
        }
    )  # fmt: skip
    writes: RateLimit = field(default_factory=lambda: RateLimit(120, 60))
    _known: KnownPlaces = field(default_factory=KnownPlaces)
    _checking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _read: tuple[tuple[int, int] | None, Accounts] | None = None

    def accounts(self) -> Accounts:
        """The reviewers as their file stands now."""
        try:
            stat = self.reviewers.stat()
            stamp: tuple[int, int] | None = (stat.st_mtime_ns, stat.st_ino)
        except OSError:
            stamp = None
        if self._read is None or self._read[0] != stamp:
            self._read = stamp, read_accounts(self.reviewers)
        return self._read[1]

    async def check(self, name: str, password: str, address: str) -> None:
        """Raises SignInError where name and password are no reviewer's, or were tried too often; one at a time."""
        place = place_of(address)
        keys = {"pair": f"{place} {name}", "address": place, "name": name, "all": ""}
        async with self._checking:
            asked = ("pair",) if self._known.has(keys["pair"]) else self.tries
            wait = max(self.tries[of].wait(keys[of]) for of in asked)
            if wait:
                raise SignInError(f"too many wrong passwords; try again in {_minutes(wait)}")
            accounts = self.accounts()
            right = await asyncio.to_thread(accounts.matches, name, password)
            if not right:
                for of, limit in self.tries.items():
                    limit.count(keys[of])
                raise SignInError("no reviewer has this name and password")
            self.tries["pair"].forget(keys["pair"])
            self._known.add(keys["pair"])


def desk_of(datasette: Any) -> ReviewDesk:
    """Returns the review page's settings; raises NotFound where the page is off."""
    found: ReviewDesk | None = getattr(datasette, "_ho_tracker_desk", None)
    if found is None:
        raise NotFound("404")
    return found


def is_on(datasette: Any) -> bool:
    """Says whether the review page is on."""
    return getattr(datasette, "_ho_tracker_desk", None) is not None


def may_review(datasette: Any, actor: Any) -> bool | None:
    """Answers Datasette's question for PERMISSION: yes for a reviewer whose session is of the present password."""
    if not is_on(datasette) or not isinstance(actor, dict) or "reviewer" not in actor:
        return None
    stamp = desk_of(datasette).accounts().stamp(str(actor.get("id")))
    return stamp is not None and secrets.compare_digest(stamp.encode(), str(actor["reviewer"]).encode())


async def reviewer_of(datasette: Any, request: Request) -> str | None:
    """Returns the name of the reviewer who is signed in; None for anybody else and where the page is off."""
    if not is_on(datasette) or not request.actor:
        return None
    allowed = await datasette.permission_allowed(request.actor, PERMISSION, default=False)
    return str(request.actor["id"]) if allowed else None


def limit_writes(desk: ReviewDesk, who: str) -> None:
    """Counts one write of a reviewer; raises TooOftenError beyond what a person does."""
    if wait := desk.writes.wait(who):
        raise TooOftenError(f"that was a lot in one minute; nothing of this was kept, try again in {wait} seconds")
    desk.writes.count(who)


def _minutes(seconds: int) -> str:
    return f"{-(-seconds // 60)} minutes" if seconds > 60 else "a minute"
