"""What Crossref's words for an update mean, and from which day on a night asks."""

from typing import Any

import pytest

from db.enriched import REINSTATEMENT
from harvest.enrich.wire.crossref import _claim, notices_since


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("retraction", "RetractionIn"), ("Removal", "RetractionIn"), ("withdrawal", "RetractionIn"),
        ("partial_retraction", "PartialRetractionIn"), ("partial-retraction", "PartialRetractionIn"),
        ("expression_of_concern", "ExpressionOfConcernIn"), ("expression of concern", "ExpressionOfConcernIn"),
        ("correction", "ErratumIn"), ("erratum", "ErratumIn"), ("corrigendum", "ErratumIn"), ("addendum", "ErratumIn"),
        ("clarification", "ErratumIn"), ("new_version", "UpdateIn"), ("new_edition", "UpdateIn"),
        ("reinstatement", REINSTATEMENT), ("comment", None), ("", None),
    ],
)  # fmt: skip
def test_every_word_for_an_update_has_its_meaning(word: str, kind: str | None) -> None:
    claim = _claim(1, "10.5555/N", {"type": word})
    assert (claim and claim.kind) == kind


class _Asked:
    """Keeps what a client was asked for, and knows nothing."""

    def __init__(self) -> None:
        self.fields: list[dict[str, str]] = []

    def ask(self, _path: str, _read: Any, fields: dict[str, str]) -> dict[str, Any]:
        self.fields.append(fields)
        return {}


def test_a_night_asks_for_some_days_before_the_last_one() -> None:
    client: Any = _Asked()
    assert notices_since(client, "2026-03-01", {}) == []
    assert [fields["filter"] for fields in client.fields] == ["is-update:true,from-update-date:2026-02-27"]
