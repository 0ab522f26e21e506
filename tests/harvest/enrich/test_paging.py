"""Lists that come in pages: each page once, to the end and no further, whatever the service says of its end."""

from typing import Any

import pytest

from harvest.enrich.wire import crossref, europe_pmc
from harvest.enrich.wire.crossref import notices_of, notices_since
from harvest.eutils.faults import FaultError
from harvest.eutils.transport import Reply


class Client:
    """Gives pages in turn and keeps what was asked."""

    def __init__(self, *pages: dict[str, Any]) -> None:
        self.pages = iter(pages)
        self.asked: list[dict[str, str]] = []

    def ask(self, _path: str, _read: Any, fields: Any = None, form: Any = None, allowed: Any = ()) -> dict[str, Any]:
        self.asked.append(dict(fields or form))
        return next(self.pages)


def found(count: int, *entries: str, cursor: str | None = None) -> dict[str, Any]:
    results = [{"id": entry} for entry in entries]
    return {"hitCount": count, "resultList": {"result": results}, "nextCursorMark": cursor}


@pytest.mark.parametrize(
    ("pages", "entries", "cursors"),
    [
        ([found(0)], [], ["*"]),
        ([found(2, "a", "b", cursor="x")], ["a", "b"], ["*"]),  # all that are counted came
        ([found(3, "a", "b", cursor="x"), found(3, "c", cursor="y")], ["a", "b", "c"], ["*", "x"]),
        ([found(9, "a", cursor="x"), found(9, cursor="y")], ["a"], ["*", "x"]),  # an empty page is the end
        ([found(9, "a", cursor="x"), found(9, "b", cursor="x")], ["a", "b"], ["*", "x"]),  # the same cursor is the end
        ([found(9, "a", cursor="x"), found(9, "b")], ["a", "b"], ["*", "x"]),  # and so is none
    ],
)
def test_europe_pmc_is_read_to_its_end(pages: list[dict[str, Any]], entries: list[str], cursors: list[str]) -> None:
    client: Any = Client(*pages)
    assert [entry["id"] for entry in europe_pmc.search(client, "bone")] == entries
    assert [asked["cursorMark"] for asked in client.asked] == cursors
    assert {asked["query"] for asked in client.asked} == {"bone"}


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ({"hitCount": 0, "resultList": {}}, None),
        ({"errMsg": "bad query", "hitCount": 0, "resultList": {}}, "the service says: bad query"),
        ({"hitCount": "3", "resultList": {}}, "answers nothing"),
        ({"hitCount": 3}, "answers nothing"),
        ({}, "answers nothing"),
    ],
)
def test_what_is_no_answer_of_europe_pmc_is_a_fault(page: dict[str, Any], fault: str | None) -> None:
    reply = Reply(200, str(page).replace("'", '"').encode(), "", None, None)
    if fault is None:
        assert europe_pmc._read(reply) == page
    else:
        with pytest.raises(FaultError, match=fault):
            europe_pmc._read(reply)


def works(*notices: tuple[str, str], cursor: str | None = None) -> dict[str, Any]:
    items = [{"DOI": doi, "update-to": [{"DOI": paper, "type": "retraction"}]} for doi, paper in notices]
    return {"message": {"items": items, "next-cursor": cursor}}


HELD = {"10.5555/a": 1, "10.5555/b": 2}


@pytest.mark.parametrize(
    ("pages", "papers", "cursors"),
    [
        ([works()], [], ["*"]),
        ([works(("n1", "10.5555/A"), cursor="x")], [1], ["*"]),  # fewer than a page holds
        ([works(("n1", "10.5555/a"), ("n2", "z"), cursor="x"), works(("n3", "10.5555/b"))], [1, 2], ["*", "x"]),
        ([works(("n1", "10.5555/a"), ("n2", "10.5555/b"))], [1, 2], ["*"]),  # no cursor
        ([works(("n1", "10.5555/a"), ("n2", "z"), cursor="x"), works(cursor="y")], [1], ["*", "x"]),
    ],
)
def test_crossref_is_read_to_its_end(
    monkeypatch: pytest.MonkeyPatch, pages: list[dict[str, Any]], papers: list[int], cursors: list[str]
) -> None:
    monkeypatch.setattr(crossref, "_ROWS", 2)
    client: Any = Client(*pages)
    assert [claim.pmid for claim in notices_since(client, "2026-03-02", HELD)] == papers
    assert [asked["cursor"] for asked in client.asked] == cursors


def test_papers_are_asked_about_in_groups_that_one_page_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crossref, "DOIS_A_REQUEST", 2)
    update = {"DOI": "10.5555/N", "type": "retraction", "updated": {"date-parts": [[2026, 3, None]]}}
    pages = [
        {"message": {"items": [{"DOI": "10.5555/A", "updated-by": [update]}, {"DOI": "x", "updated-by": [update]}]}},
        {"message": {"items": [{"DOI": "10.5555/b", "updated-by": [{**update, "source": "retraction-watch"}]}]}},
        {},  # 404: none is known
    ]
    client: Any = Client(*pages)
    dois = ["10.5555/a", "with,comma", "10.5555/x", "10.5555/b", "10.5555/y", "10.5555/z"]
    claims = notices_of(client, dois, HELD)
    assert [asked["filter"] for asked in client.asked] == [
        "doi:10.5555/a,doi:10.5555/x", "doi:10.5555/b,doi:10.5555/y", "doi:10.5555/z",
    ]  # fmt: skip
    assert [(claim.pmid, claim.key, claim.date, claim.source) for claim in claims] == [
        (1, "10.5555/n RetractionIn", "2026-03", "Crossref, doi:10.5555/n"),
        (2, "10.5555/n RetractionIn", "2026-03", "Crossref, doi:10.5555/n, from Retraction Watch"),
    ]


def test_of_all_notices_in_the_world_only_those_on_the_topic_are_asked_for_at_first() -> None:
    client: Any = Client(works(("n1", "10.5555/b")))
    assert [claim.pmid for claim in notices_since(client, None, HELD)] == [2]
    (asked,) = client.asked
    assert asked["filter"] == "is-update:true"
    assert asked["query.bibliographic"]
    assert "cursor" not in asked
