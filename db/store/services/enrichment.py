"""What the store knows of each service: where its data stand, when it was asked about which article."""

from collections.abc import Iterable, Mapping, Sequence

from db.store.store import Store


class ServiceState:
    """Reads and writes where one service stands; writes belong into the caller's transaction."""

    def __init__(self, store: Store, service: str) -> None:
        self.store = store
        self.db = store.db
        self.service = service

    def get(self, name: str) -> str | None:
        """Returns one value, None where it was never set."""
        sql = "SELECT value FROM service_state WHERE service = ? AND name = ?"
        row = self.db.execute(sql, [self.service, name]).fetchone()
        return str(row[0]) if row else None

    def put(self, name: str, value: str | None) -> None:
        """Writes one value; None removes it."""
        if value is None:
            self.db.execute("DELETE FROM service_state WHERE service = ? AND name = ?", [self.service, name])
            return
        self.db.execute(
            "INSERT INTO service_state (service, name, value) VALUES (?, ?, ?) "
            "ON CONFLICT (service, name) DO UPDATE SET value = excluded.value",
            [self.service, name, value],
        )

    def mark_asked(self, known: Mapping[int, bool], at: str) -> None:
        """Writes down which articles were asked about, and whether the service knew them."""
        self.db.conn.executemany(
            "INSERT INTO service_asked (service, pmid, asked_at, known) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (service, pmid) DO UPDATE SET asked_at = excluded.asked_at, known = excluded.known",
            [(self.service, pmid, at, int(is_known)) for pmid, is_known in sorted(known.items())],
        )

    def never_asked(self, pmids: Iterable[int]) -> list[int]:
        """Returns those of the articles that the service was never asked about, the newest numbers first."""
        asked = {row[0] for row in self.db.execute("SELECT pmid FROM service_asked WHERE service = ?", [self.service])}
        return sorted(set(pmids) - asked, reverse=True)

    def longest_not_asked(self, pmids: Sequence[int], before: str, limit: int) -> list[int]:
        """Returns the articles that were asked about before a moment, the longest ago first, at most `limit`."""
        wanted = set(pmids)
        rows = self.db.execute(
            "SELECT pmid FROM service_asked WHERE service = ? AND asked_at < ? ORDER BY asked_at, pmid",
            [self.service, before],
        )
        return [pmid for (pmid,) in rows if pmid in wanted][:limit]

    def unknown(self) -> set[int]:
        """Returns the articles that the service did not know when it was last asked."""
        sql = "SELECT pmid FROM service_asked WHERE service = ? AND known = 0"
        return {row[0] for row in self.db.execute(sql, [self.service])}


def pubmed_articles(store: Store) -> dict[int, tuple[str | None, str | None, str | None]]:
    """Returns DOI, PMCID and entry date of every article that came from PubMed and is still there, by PMID."""
    sql = "SELECT pmid, doi, pmcid, entrez_date FROM articles WHERE source = 'pubmed' AND vanished = 0 ORDER BY pmid"
    return {pmid: (doi, pmcid, entered) for pmid, doi, pmcid, entered in store.db.execute(sql)}
