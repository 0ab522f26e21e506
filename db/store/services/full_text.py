"""Writes what services say about free full text, and the one best link of each article that follows from it."""

from collections.abc import Iterable

from db.enriched import FullTextAnswer
from db.store.store import Store

_PMC = "https://pmc.ncbi.nlm.nih.gov/articles/{}/"
#: Services whose own addresses are taken, the one that says most of licences first.
_SERVICES = ("europe pmc", "unpaywall")


def save_full_text(store: Store, answers: Iterable[FullTextAnswer], at: str) -> int:
    """Writes answers, each replacing the same service's earlier one; returns how many name a text or a number.

    The caller's transaction.
    """
    kept = list(answers)
    store.db.conn.executemany(
        "INSERT INTO full_text_answers (pmid, service, url, license, pmcid, released, fetched_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (pmid, service) DO UPDATE SET url = excluded.url, "
        "license = excluded.license, pmcid = excluded.pmcid, released = excluded.released, "
        "fetched_at = excluded.fetched_at",
        [(a.pmid, a.service, a.url, a.license, a.pmcid, a.released, at) for a in kept],
    )
    return sum(bool(answer.url or answer.pmcid) for answer in kept)


def choose_links(store: Store, today: str) -> int:
    """Works out the best link of every article anew; returns how many have one. The caller's transaction.

    PubMed Central first, for its texts stay; then what Europe PMC calls free, then Unpaywall's best place. A text
    that is embargoed until after `today` has no link in PubMed Central yet.
    """
    answers: dict[int, dict[str, tuple[str | None, str | None, str | None, str | None]]] = {}
    for pmid, service, *answer in store.db.execute(
        "SELECT pmid, service, url, license, pmcid, released FROM full_text_answers"
    ):
        answers.setdefault(pmid, {})[service] = tuple(answer)
    links: list[tuple[int, str, str | None, str]] = []
    for pmid, own in store.db.execute("SELECT pmid, pmcid FROM articles ORDER BY pmid"):
        said = answers.get(pmid, {})
        numbers = [own, *(said[service][2] for service in sorted(said))]
        number = next(filter(None, numbers), None)
        embargoed = any((answer[3] or "") > today for answer in said.values())
        if number and not embargoed:
            license_ = next((said[s][1] for s in _SERVICES if s in said and said[s][1]), None)
            links.append((pmid, _PMC.format(number), license_, "pmc"))
            continue
        for service in _SERVICES:
            url, license_, *_ = said.get(service, (None, None))
            if url:
                links.append((pmid, url, license_, service))
                break
    if set(store.db.execute("SELECT pmid, url, license, source FROM links")) != set(links):
        store.db.execute("DELETE FROM links")
        store.db.conn.executemany("INSERT INTO links (pmid, url, license, source) VALUES (?, ?, ?, ?)", links)
    return len(links)


def without_link(store: Store) -> set[int]:
    """Returns the articles for which no free full text is known."""
    return {row[0] for row in store.db.execute("SELECT pmid FROM articles WHERE pmid NOT IN (SELECT pmid FROM links)")}
