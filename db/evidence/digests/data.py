"""A digest as one JSON object and as an Atom feed."""

import json
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from db.atom import Entry as FeedEntry
from db.atom import atom
from db.evidence.digests.lines import Links, cited, entry_json, facts, found, remarks
from db.evidence.digests.model import DIGEST_HEADINGS, Digest
from db.evidence.services.trial_changes import TrialChange
from db.evidence.services.trials import trial_address

_NO_LINKS = Links()


def as_json(digest: Digest, links: Links = _NO_LINKS) -> str:
    """Returns the digest as one JSON object."""
    of = {"name": digest.search.name, "words": digest.search.words} if digest.search else None
    value = {
        "search": of,
        "since": digest.since,
        "after_run": digest.after_run,
        "last_run": digest.last_run,
        "counts": digest.counts,
        "articles": [entry_json(entry, links) for entry in digest.entries],
        "trials": [_trial_json(trial, links) for trial in digest.trials],
        "decisions_to_review": [asdict(standing) for standing in digest.reviews],
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def as_atom(digest: Digest, links: Links = _NO_LINKS) -> str:
    """Returns the digest as an Atom feed; an entry keeps its id from before the digest is written to after."""
    own, shown = feed_addresses(digest, links)
    return atom(own, shown, digest.title, digest.at, feed_entries(digest, links))


def feed_addresses(digest: Digest, links: Links) -> tuple[str, str]:
    """Returns the address of a digest's feed, which is its id, and that of the page for people."""
    if digest.search is None:
        return links.page("changes.atom") or "urn:ho-tracker:digest", links.page("new") or "urn:ho-tracker:new"
    path = f"searches/{quote(digest.search.name, safe='')}"
    return (
        links.page(f"{path}/feed.atom") or f"urn:ho-tracker:{path}/feed",
        links.page(path) or f"urn:ho-tracker:{path}",
    )


def feed_entries(digest: Digest, links: Links) -> list[FeedEntry]:
    """Returns what a feed holds of a digest."""
    base = feed_addresses(digest, links)[1]
    entries = []
    for entry in digest.entries:
        shown = found(entry)
        text = [facts(entry), *remarks(entry), *([f"{shown[0]}: {shown[1]}"] if shown else [])]
        entries.append(
            FeedEntry(
                f"{base}#{entry.change.replace(' ', '-')}-{entry.pmid}-{digest.after_run}",
                f"{DIGEST_HEADINGS[entry.change]}: {cited(entry)}",
                links.article(entry.pmid),
                digest.at,
                "\n".join(text),
                entry.authors,
                (entry.change, *(("retracted",) if entry.retracted and entry.change != "retracted" else ())),
            )
        )
    for trial in digest.trials:
        number = f"{base}#trial-{trial.nct_id}-{trial.change.replace(' ', '-')}-{digest.after_run}"
        address = trial_address(trial.nct_id)
        said = "\n".join([trial.facts, *(f"{paper.line} {links.paper(paper)}" for paper in trial.papers)])
        title = f"{trial.nct_id}: {trial.line}"
        entries.append(FeedEntry(number, title, address, trial.at, said, None, ("trial", trial.change)))
    return entries


def _trial_json(trial: TrialChange, links: Links) -> dict[str, Any]:
    papers = [{**paper.as_json(), "url": links.paper(paper)} for paper in trial.papers]
    page = links.page(f"trials/{trial.nct_id}")
    return {**trial.as_json(), "papers": papers, "url": trial_address(trial.nct_id), "page": page}
