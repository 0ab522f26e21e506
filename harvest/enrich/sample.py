"""The bundled made-up world of services, for the demonstration: read by the same readers as the services' answers."""

import json
from datetime import datetime
from typing import Any

from db.enriched import NoticeClaim
from db.store.ledger.ledger import Ledger
from db.store.services.citations import (
    count_candidates,
    join_citations,
    mark_citing_retracted,
    save_candidates,
    save_citations,
)
from db.store.services.full_text import choose_links, save_full_text
from db.store.services.preprints import save_preprints
from db.store.services.said_notices import place_notices, save_claims
from db.store.services.trial_reports import note_reports
from db.store.services.trials import save_trials, tie_trials
from db.store.store import Store
from harvest.enrich.citations import read_citation
from harvest.enrich.full_text import read_entry
from harvest.enrich.preprints import read_preprint
from harvest.enrich.step import Work
from harvest.enrich.topic_words import topic_words_in
from harvest.enrich.trials import read_trial
from harvest.sample import services_path
from harvest.version import SOFTWARE


def _topic_words(title: str) -> str:
    return "; ".join(topic_words_in(title))


def load_sample(store: Store, now: datetime) -> int | None:
    """Writes the topic's made-up world into a store that holds its sample; returns the run's id, None without one."""
    path = services_path()
    if path is None:
        return None
    world: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    ledger = Ledger(store)
    run_id = ledger.begin("enrich", SOFTWARE)
    work = Work(store, run_id, now)
    held = {row[0] for row in store.db.execute("SELECT pmid FROM articles")}
    figures = filter(None, map(read_citation, world["citations"]))
    links = filter(None, map(read_entry, world["full_texts"]))
    claims = (NoticeClaim(said_by="retraction watch", **claim) for claim in world["notices"])
    with store.atomic():
        save_trials(store, run_id, filter(None, map(read_trial, world["trials"])), work.at)
        tie_trials(store)
        save_citations(store, (record for record in figures if record.pmid in held), work.at)
        join_citations(store)
        outside = list(filter(None, map(read_citation, world["outside"])))
        save_candidates(store, [record.pmid for record in outside], outside, _topic_words, work.at)
        count_candidates(store)
        save_full_text(store, (answer for answer in links if answer.pmid in held), work.at)
        choose_links(store, work.today)
        save_claims(store, "retraction watch", (claim for claim in claims if claim.pmid in held), work.at, None)
        place_notices(store, run_id, work.at)
        mark_citing_retracted(store, run_id, work.at)
        note_reports(store, run_id, work.at)
        save_preprints(store, run_id, filter(None, map(read_preprint, world["preprints"])), work.at)
    ledger.finish(run_id, "done", "the bundled made-up world", 0, 0.0)
    return run_id
