"""Known factors beside ratios: found in their own sentence, each name of the record looked at once."""

from typing import Any, SupportsIndex, overload

import pytest

from nlp.concepts.matcher import ConceptSpan
from nlp.document import attribute
from nlp.spans.factors.further_factors import with_further_factors
from tests.support.reading import read


class Counted(list[ConceptSpan]):
    """A list that counts the names that it hands out."""

    handed = 0

    def __iter__(self) -> Any:
        self.handed += len(self)
        return super().__iter__()

    @overload
    def __getitem__(self, key: SupportsIndex, /) -> ConceptSpan: ...
    @overload
    def __getitem__(self, key: slice, /) -> list[ConceptSpan]: ...
    def __getitem__(self, key: Any, /) -> Any:
        got = super().__getitem__(key)
        self.handed += len(got) if isinstance(key, slice) else 1
        return got


@pytest.mark.parametrize("count", [5, 40])
def test_a_known_factor_beside_a_ratio_is_one_and_work_grows_as_the_text(count: int) -> None:
    document = read({"RESULTS": "For HO the odds ratio of male sex was 2.1 (95% CI 1.2-3.4). " * count}, title="HO")
    document._.concepts = names = Counted(attribute(document, "concepts"))
    found = with_further_factors(document, [])
    assert [span.text for span in found] == ["male sex"] * count
    assert [span.sentence for span in found] == list(range(1, count + 1))
    assert names.handed <= 3 * len(names)
