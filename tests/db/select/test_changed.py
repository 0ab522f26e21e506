"""A changed value is what `dataclasses.replace` makes of it, and no field can be misspelt."""

from dataclasses import FrozenInstanceError, replace

import pytest

from db.select.changed import changed
from db.select.filter import ArticleFilter


def test_a_changed_filter_equals_a_replaced_one() -> None:
    chosen = ArticleFilter(year_from=1990).with_choice("outcome", "outcome:ho")
    made = changed(chosen, run="last", year_from=None)
    assert made == replace(chosen, run="last", year_from=None)
    assert hash(made) == hash(replace(chosen, run="last", year_from=None))
    assert chosen.year_from == 1990
    with pytest.raises(FrozenInstanceError):
        made.run = "2"  # type: ignore[misc]


def test_a_field_that_is_not_there_is_refused() -> None:
    with pytest.raises(TypeError, match="ArticleFilter has no yaer_from"):
        changed(ArticleFilter(), yaer_from=1990)
