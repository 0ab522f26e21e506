"""A small tracker with saved searches for tests: articles that come and change, the file of searches, nights."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from db.enriched import Trial
from db.model import Notice
from db.store.ledger.ledger import Ledger
from db.store.records.changes import record_changes
from db.store.records.revisions import LIVE, Change
from db.store.records.save import save_articles
from db.store.services.trial_reports import note_reports
from db.store.services.trials import save_trials, tag_trials, tie_trials
from db.store.store import open_store
from db.store.tags import save_concepts, save_tags, untagged
from db.tagged import Concept, Estimate, Finding, Mention, TaggedArticle
from harvest.app.health import health
from harvest.app.searches.file import search_faults
from harvest.app.settings import Settings
from harvest.app.steps.digest import DigestReport, digest_step, searches_step
from tests.support.stores import FACTS, article

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)  # a Monday
TITLE = "Celecoxib lowered heterotopic ossification"
SEARCH = '[[search]]\nname = "cox"\naddress = "/articles?intervention=celecoxib"\nwhen = "daily"\n'


class Tracker:
    """A store with articles that come and change, and its settings."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.settings = Settings(
            db=folder / "ho.db", site=folder / "evidence.db", mail_from="Ho <ho@example.org>", **settings
        )
        self.now = NOW
        with open_store(self.settings.db) as store, store.atomic():
            names = (("celecoxib", "intervention"), ("naproxen", "intervention"), ("ho", "outcome"))
            save_concepts(store, [Concept(name, kind, name, None, None, ()) for name, kind in names])  # type: ignore[arg-type]

    def file(self, *blocks: str) -> None:
        self.settings.searches.write_text("\n".join(blocks), encoding="utf-8")

    def save(self, pmid: int, version: int = 1, *notices: str, title: str = TITLE) -> None:
        with open_store(self.settings.db) as store:
            run = Ledger(store).begin("harvest", "test")
            xml = f"<PubmedArticle><PMID>{pmid}</PMID>{version}</PubmedArticle>".encode()
            said = tuple(Notice(kind, None, "J. 2026") for kind in notices)
            made = article(pmid, title=title, abstract=f"{TITLE}.", sections=(), notices=said, xml=xml)
            with store.atomic():
                save_articles(store, run, [made], "2026-03-01T00:00:00Z", LIVE)
            Ledger(store).finish(run, "done", None, 0, 0)

    def tag(self, pmid: int, *concepts: str, effect: str = "better", design: str = "cohort") -> None:
        with open_store(self.settings.db) as store:
            run = Ledger(store).begin("tag", "test")
            given = next(one for one in untagged(store, "none", everything=True) if one.pmid == pmid)
            end = len(given.title)
            mentions = tuple(
                Mention("title", 0, 9, given.title[:9], "intervention", name, 0, end, None, "affirmed", None, "t")
                for name in concepts
            )
            direction: Any = "decreases" if effect == "better" else "no difference"
            finding = Finding(
                "effect", "celecoxib", "celecoxib", "ibuprofen", "ho", "HO", direction,
                Estimate("OR", 0.46, 0.29, 0.72, "0.008"), "abstract", 0, len(TITLE) + 1, None, None,
                None, "active", effect,  # type: ignore[arg-type]
            )  # fmt: skip
            facts = replace(FACTS, study_design=design, sample_size=120)
            tagged = TaggedArticle(pmid, given.text_hash, "quick", facts, mentions, (finding,) if concepts else ())
            with store.atomic():
                save_tags(store, run, [tagged], "2026-03-01T00:00:00Z")
                note_reports(store, run, "2026-03-01T00:00:00Z")
            Ledger(store).finish(run, "done", None, 0, 0)

    def trial(self, number: int, **values: Any) -> None:
        """Brings an entry of the registry, as a run of `enrich` does."""
        with open_store(self.settings.db) as store:
            run = Ledger(store).begin("enrich", "test")
            made = Trial(f"NCT{number:08d}", values.pop("kind", "about HO"), f"Trial {number}", **values)
            with store.atomic():
                save_trials(store, run, [made], "2026-03-01T00:00:00Z")
                tie_trials(store)
                note_reports(store, run, "2026-03-01T00:00:00Z")
                tag_trials(store, "test", lambda text: [name for name in ("celecoxib", "naproxen") if name in text])
            Ledger(store).finish(run, "done", None, 0, 0)

    def change(self, pmid: int, change: str, detail: dict[str, Any]) -> None:
        with open_store(self.settings.db) as store:
            run = Ledger(store).begin("enrich", "test")
            with store.atomic():
                record_changes(store, run, [Change(pmid, change, detail)], "2026-03-01T00:00:00Z")
            Ledger(store).finish(run, "done", None, 0, 0)

    def night(self, days: int = 1) -> DigestReport:
        self.now += timedelta(days=days)
        searches_step(self.settings, self.now)
        return digest_step(self.settings, self.now)

    def files(self) -> list[str]:
        folder = self.settings.digests
        return [path.read_text(encoding="utf-8") for path in sorted(folder.iterdir())] if folder.exists() else []

    def reasons(self) -> str:
        with open_store(self.settings.db) as store:
            return "\n".join(health(store, None, searches=search_faults(self.settings.searches)).reasons)
