"""A list in MEDLINE text, read back by our own reader, says what the XML said, in all that the format can carry."""

from pathlib import Path

import pytest

from db.citations import FORMATS, Options
from db.citations.selection import select, write_list
from db.model import Article
from db.select.filter import ArticleFilter
from db.store.store import Store
from harvest.pubmed.medline.nbib import parse_nbib
from harvest.pubmed.write import write_article
from harvest.pubmed.xml import parse_article, parse_articles
from harvest.sample import sample_path
from tests.support.medline import carried
from tests.support.stores import load
from tests.support.zoo import ZOO


@pytest.mark.parametrize("tags", [True, False])
@pytest.mark.parametrize("source", ["zoo", "sample"])
def test_xml_and_medline_give_the_same(store: Store, tmp_path: Path, source: str, tags: bool) -> None:
    sample = (item for item in parse_articles(sample_path()) if isinstance(item, Article))
    # As PubMed would send them; a record without any title is taken for a half one.
    titled = [parse_article(write_article(article)) for article in ZOO if article.title]
    articles = load(store, titled if source == "zoo" else list(sample)[:60])
    file = tmp_path / "list.nbib"
    file.write_text(
        "".join(write_list(store.db.conn, select(store.db.conn, ArticleFilter()), FORMATS["nbib"], Options(tags=tags))),
        encoding="utf-8",
    )
    found = {item.pmid: item for item in parse_nbib(file) if isinstance(item, Article)}
    assert found.keys() == articles.keys()
    for pmid, article in articles.items():
        expected, given = carried(article), carried(found[pmid])
        differing = {
            name: (value, given[name])
            for name, value in expected.items()
            if given[name] != value and not (name == "sections" and not value)
        }
        assert differing == {}, pmid
