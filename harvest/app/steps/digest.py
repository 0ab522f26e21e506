"""The step digest: what is new since the last digest of all, then each saved search's, told, sent and filed."""

import logging
from dataclasses import dataclass, field
from datetime import datetime

from db.errors import TrackerError
from db.evidence.digests.build import make_digest, write_digest
from db.evidence.digests.formats import FORMATS
from db.evidence.digests.lines import Links
from db.evidence.digests.model import Digest
from db.files import write_whole
from db.store.store import Store, open_store
from harvest.app.searches.deliver import DeliveryReport, deliver
from harvest.app.searches.file import SearchFile, read_searches
from harvest.app.searches.tell import Outcome, begin_searches, tell_searches
from harvest.app.settings import Settings

log = logging.getLogger(__name__)

#: The files of a night's digest of all, by their format.
_FILES = ("text", "html")


@dataclass(frozen=True, slots=True)
class DigestReport:
    """The digest of all, what became of each saved search, what was delivered; `problems` in a line each."""

    digest: Digest
    searches: tuple[Outcome, ...] = ()
    delivered: DeliveryReport = field(default_factory=DeliveryReport)
    problems: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """What the step did, in a line that may be published: it names no search, no reader and no server's words."""
        said = ", ".join(f"{count} {change}" for change, count in self.digest.counts.items() if count)
        told = sum(outcome.sent for outcome in self.searches)
        parts = [said or "nothing changed"]
        parts += [f"{told} of {len(self.searches)} saved searches told"] if self.searches else []
        parts += [f"{self.delivered.mails} sent by mail"] if self.delivered.mails else []
        parts += [f"{self.delivered.files} written to the folder of digests"] if self.delivered.files else []
        wrong = len(self.problems) + len(self.delivered.failed)
        parts += [f"{wrong} faults of saved searches or mails, which ho-tracker status names"] if wrong else []
        return "; ".join(parts)

    @property
    def faults(self) -> tuple[str, ...]:
        """What went wrong, a line each, for whoever runs the tracker."""
        return (*self.problems, *self.delivered.failed)


def digest_step(settings: Settings, now: datetime | None = None) -> DigestReport:
    """Writes the digest of all as text and HTML beside the site, then tells the saved searches whose time it is.

    Only when its files are there the next digest begins after it; a saved search fails alone.
    """
    moment = now or datetime.now().astimezone()
    with open_store(settings.db, create=False) as store:
        file, problems = _searches(store, settings, moment)  # before this digest ends what new searches begin after
        digest = make_digest(store, None)
        for name in _FILES:
            form = FORMATS[name]
            path = settings.site.with_name(f"{settings.site.stem}-digest.{form.ending}")
            write_whole(path, form(digest, Links(settings.site_url)).encode())
        mark_told(store, digest)
        if file is None:
            log.error("%s", problems[0])
            return DigestReport(digest, problems=problems)
        outcomes, delivered = tell_and_deliver(store, file, settings, moment)
    problems = tuple(f"saved search {outcome.words}" for outcome in outcomes if outcome.problem)
    report = DigestReport(digest, tuple(outcomes), delivered, problems)
    for fault in report.faults:
        log.error("%s", fault)
    return report


def _searches(store: Store, settings: Settings, now: datetime) -> tuple[SearchFile | None, tuple[str, ...]]:
    try:
        file = read_searches(settings.searches)
    except TrackerError as error:
        return None, (str(error),)
    begin_searches(store, file, now)
    return file, ()


def tell_and_deliver(
    store: Store, file: SearchFile, settings: Settings, now: datetime
) -> tuple[list[Outcome], DeliveryReport]:
    """Makes the digests of the searches whose time it is, and delivers these and what waits from before."""
    outcomes = tell_searches(store, file, settings, now)
    return outcomes, deliver(store, file, settings, now)


def searches_are_due(settings: Settings) -> bool:
    """Says whether there are saved searches to look after before a night's other steps."""
    return settings.searches.exists()


def searches_step(settings: Settings, now: datetime | None = None) -> str:
    """Lets new and edited searches begin before the night changes the store; returns what there is to say."""
    file = read_searches(settings.searches)
    with open_store(settings.db, create=False) as store:
        begin_searches(store, file, now or datetime.now().astimezone())
    wrong = f", {len(file.bad)} entries that cannot be used" if file.bad else ""
    return f"{len(file.searches)} saved searches{wrong}"


def mark_told(store: Store, digest: Digest) -> None:
    """Writes down that a digest of all was told, so that the next one begins where it ends."""
    with store.atomic():
        write_digest(store.db.conn, digest)
