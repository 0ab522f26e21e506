"""What goes out comes back through readers that share no code with the writers, for every odd record."""

from collections.abc import Callable, Iterator

import pytest

from db.citations import FORMATS, Options
from db.citations.selection import select, write_list
from db.model import Article
from db.select.filter import ArticleFilter
from harvest.pubmed.xml import parse_articles
from harvest.sample import sample_path
from tests.support.roundtrip import READERS, differences
from tests.support.stores import load, memory_store
from tests.support.zoo import ZOO, by_pmid

PAIRS = [(name, read) for name, readers in READERS.items() for read in readers]


@pytest.mark.parametrize(("name", "read"), PAIRS, ids=[read.__name__ for _, read in PAIRS])
def test_every_field_of_the_zoo_comes_back(name: str, read: Callable, export: Callable[..., str]) -> None:  # type: ignore[type-arg]
    assert list(differences(read(export(name)), by_pmid(ZOO))) == []


@pytest.mark.parametrize(("name", "read"), PAIRS, ids=[read.__name__ for _, read in PAIRS])
def test_the_comparison_sees_what_is_wrong(name: str, read: Callable, export: Callable[..., str]) -> None:  # type: ignore[type-arg]
    articles = by_pmid(ZOO)
    shifted = {pmid: articles[next_pmid] for pmid, next_pmid in zip(articles, [*articles][1:], strict=False)}
    assert len(list(differences(read(export(name)), shifted))) > len(ZOO)


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_list_is_valid(name: str, export: Callable[..., str]) -> None:
    text = export(name, [])
    for read in READERS.get(name, ()):
        assert list(read(text)) == []


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_records_give_the_same_bytes(name: str, export: Callable[..., str]) -> None:
    assert export(name) == export(name)


@pytest.mark.parametrize(("name", "read"), PAIRS, ids=[read.__name__ for _, read in PAIRS])
def test_every_field_of_the_bundled_sample_comes_back(
    name: str,
    read: Callable,  # type: ignore[type-arg]
    sample: dict[int, Article],
    sample_lists: Callable[[str], str],
) -> None:
    assert len(sample) >= 70
    assert list(differences(read(sample_lists(name)), sample)) == []


@pytest.fixture(scope="module")
def sample() -> dict[int, Article]:
    """The articles of the bundled sample."""
    return by_pmid(item for item in parse_articles(sample_path()) if isinstance(item, Article))


@pytest.fixture(scope="module")
def sample_lists(sample: dict[int, Article]) -> Iterator[Callable[[str], str]]:
    """Writes the whole sample in a format."""
    store = memory_store()
    load(store, sample.values())
    selection = select(store.db.conn, ArticleFilter())
    yield lambda name: "".join(write_list(store.db.conn, selection, FORMATS[name], Options(tags=False)))
    store.db.close()
