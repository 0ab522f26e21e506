"""What a person rejected is on no page, though what is narrower is still tagged."""

from pathlib import Path

from db.publish.publish import publish
from db.store.decisions import Decision, record_decisions
from db.store.store import open_store
from db.store.tags import save_tags
from tests.support.sites import asking
from tests.support.stores import AT, fill, run, tagged


def test_an_ancestor_that_was_rejected_holds_the_article_no_more(tmp_path: Path) -> None:
    path = fill(tmp_path / "ho.db", 1)
    with open_store(path) as store, store.atomic():
        record_decisions(store, [Decision(1, "reject", "reviewer", AT, "nsaids")])
        save_tags(store, run(store), [tagged(store, "v2")], AT)
    publish(path, tmp_path / "evidence.db")
    for ask in asking(tmp_path / "evidence.db"):

        def count(concept: str) -> int:
            found: int = ask(f"/articles.json?intervention={concept}").json()["filtered_table_rows_count"]  # noqa: B023
            return found

        assert [count(concept) for concept in ("indomethacin", "nonselective-nsaids", "nsaids")] == [1, 1, 0]
        assert ask("/concepts/nsaids.json").json()["concept"]["articles"] == 0
        facets = ask("/articles.json?_facets=on").json()["facet_results"]["intervention"]
        assert facets == {"indomethacin": 1, "nonselective-nsaids": 1}
