"""A request reads its search text once, whatever the page does with it."""

from typing import Any

import pytest

from db.select import address
from db.select.search.parser import parse_search


@pytest.mark.parametrize(
    "where", ["/articles", "/articles.json", "/feed.atom", "/matrix", "/plots/risk/all", "/plots/time", "/export/ris"]
)
def test_the_search_text_is_read_once(ask: Any, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    read: list[str] = []

    def counting(text: str) -> Any:
        read.append(text)
        return parse_search(text)

    monkeypatch.setattr(address, "parse_search", counting)
    assert (
        ask(f"{where}?q=ossification+-mouse+read{where.count('/')}{len(where)}&study_design=cohort").status_code == 200
    )
    assert len(read) == 1
