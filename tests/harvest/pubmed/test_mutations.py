"""A damaged record costs itself: no exception, no neighbour lost (benchmarks.fuzz_readers does it at length)."""

import random
from pathlib import Path

import pytest

from db.model import Article
from harvest.pubmed.xml import parse_articles
from harvest.sample import sample_path
from tests.harvest.pubmed.test_nbib import RECORD
from tests.support.mutations import medline_faults, xml_faults


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_record_costs_itself(seed: int, tmp_path: Path) -> None:
    random_ = random.Random(seed)
    records = [item.xml for item in parse_articles(sample_path()) if isinstance(item, Article)][: 20 + seed]
    for _ in range(250):
        assert list(xml_faults(random_.choice(records), random_)) == []
        assert list(medline_faults(RECORD.encode(), random_, tmp_path)) == []
