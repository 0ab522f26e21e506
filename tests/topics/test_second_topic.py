"""The bundled second topic goes the whole way: harvested, tagged, published, served; none of it speaks of the first.

Its 40 made-up records are what the stand-in of PubMed has; 34 are on the topic, six only look like it.
"""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from db.model import Article
from db.topics import choose, topic_query
from harvest.app.cli import main
from harvest.app.topics.check import check_topic
from harvest.pubmed.xml import parse_articles
from harvest.sample import sample_path
from harvest.sync.topic import matches
from nlp.training.data import read_records
from nlp.vocabulary.loader import load_vocabulary
from tests.support.convert_gold import COMMENT, sample_records
from tests.support.eutils_server import Corpus, EutilsServer
from tests.support.sites import Ask, asking
from tests.support.topics import in_force

NAME = "osteonecrosis"
ON_TOPIC, ALL = 34, 40
#: Words of the first topic that no page of another may hold.
FOREIGN = re.compile(r"[Hh]eterotopic|[Oo]ssific|\bFOP\b|Brooker|\bHO\b|[Pp]alovarotene")
PAGES = [
    "/",
    "/articles",
    "/articles?intervention=core-decompression",
    "/concepts/core-decompression",
    "/concepts/glucocorticoids",
    "/concepts/femoral-head-collapse",
    "/matrix",
    "/overview",
    "/methods",
]


@pytest.fixture(scope="module")
def articles() -> dict[int, Article]:
    with in_force(NAME):
        return {item.pmid: item for item in parse_articles(sample_path()) if isinstance(item, Article)}


@pytest.fixture(scope="module")
def gold() -> dict[int, str]:
    with in_force(NAME) as topic:
        return {int(one["pmid"]): one["topic"] for one in read_records([topic.home / "sample" / "gold.jsonl"])}


@pytest.fixture(scope="module")
def home(
    tmp_path_factory: pytest.TempPathFactory, articles: dict[int, Article], gold: dict[int, str]
) -> Iterator[Path]:
    """A folder with a store that was harvested and tagged, and its published file.

    What else puts the topic in force for a moment comes before: the site keeps it in force.
    """
    folder = tmp_path_factory.mktemp("second")
    corpus = Corpus(date(2026, 3, 2))
    for pmid, one in articles.items():
        corpus.add(pmid, created=date(2020, 1, 1), xml=one.xml)
    with EutilsServer(corpus) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("HO_TRACKER_EUTILS_URL", server.url)
        for words in (["harvest"], ["tag"], ["publish"]):
            said = verb(folder, *words)
            assert said.exit_code == 0, said.output
    yield folder
    choose()


@pytest.fixture(scope="module")
def ask(home: Path) -> Iterator[Ask]:
    with in_force(NAME):
        yield from asking(home / "evidence.db")


def verb(folder: Path, *words: str) -> Result:
    paths = ["--db", str(folder / "onfh.db"), "--site", str(folder / "evidence.db")]
    return CliRunner().invoke(main, ["--topic", NAME, *paths, *words])


def test_the_folder_is_whole() -> None:
    with in_force(NAME) as topic:
        assert check_topic(topic.home) == []
        concepts = load_vocabulary().concepts
        assert len(concepts) >= 150
        with_parent = [one for one in concepts.values() if one.parent]
        assert len(with_parent) >= 100


def test_the_sample_is_what_its_gold_says_and_marked_as_made_up() -> None:
    with in_force(NAME) as topic:
        records = list(sample_records([topic.home / "sample" / "gold.jsonl"], ()))
        text = sample_path().read_bytes()
        assert COMMENT.encode() in text[:800]
        assert len(records) == ALL
        assert all(one in text for one in records)


def test_the_local_match_takes_the_topic_and_leaves_what_looks_like_it(
    articles: dict[int, Article], gold: dict[int, str]
) -> None:
    with in_force(NAME):
        query = topic_query()
        taken = {pmid for pmid, one in articles.items() if matches(one, query)}
    assert taken == {pmid for pmid, said in gold.items() if said == "onfh"}


@pytest.mark.parametrize(
    ("title", "comes"),
    [
        ("Avascular necrosis of femoral heads after kidney transplantation", True),
        ("Aseptic necrosis in divers: the femoral head", True),
        ("Die Hüftkopfnekrose des Erwachsenen", True),
        ("Nécrose de la tête fémorale", True),
        ("NÉCROSE DE LA TÊTE FÉMORALE", True),
        ("Osteonecrosis of the jaw", False),
        ("Legg-Calvé-Perthes disease and the growing hip", False),
        ("Spontaneous osteonecrosis of the knee", False),
        ("Avascular necrosis of the scaphoid", False),
        ("Femoral head fractures", False),
        ("AVN reentry in atrioventricular nodal tachycardia", False),
    ],
)
def test_what_must_come_and_must_not(title: str, comes: bool) -> None:
    with in_force(NAME):
        assert bool(matches(Article(1, 1, title, None, b""), topic_query())) is comes


def test_all_are_harvested_and_what_only_looks_alike_is_told_apart(ask: Ask, gold: dict[int, str]) -> None:
    listed = ask("/articles.json", params={"_size": "100"}).json()
    on_topic = {int(one["pmid"]) for one in listed["rows"]}
    assert on_topic == {pmid for pmid, said in gold.items() if said == "onfh"}
    assert len(on_topic) == ON_TOPIC


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_on_this_topic_alone(ask: Ask, page: str) -> None:
    answer = ask(page)
    assert answer.status_code == 200
    assert "ONFH" in answer.text
    assert not FOREIGN.findall(answer.text)


def test_facets_count_a_family_with_what_is_narrower(ask: Ask) -> None:
    page = ask("/articles").text
    assert "core decompression" in page
    family = ask("/articles.json", params={"intervention": "joint-preserving-surgery", "_size": "100"}).json()
    one = ask("/articles.json", params={"intervention": "core-decompression", "_size": "100"}).json()
    pmids = [{item["pmid"] for item in found["rows"]} for found in (family, one)]
    assert pmids[1] < pmids[0]


def test_a_card_tells_the_finding_with_its_sentence(ask: Ask) -> None:
    page = ask("/articles/96000001").text
    assert "0.38" in page
    assert "Femoral head collapse occurred in 5 of 32 patients" in page


@pytest.mark.parametrize("suffix", ["ris", "bibtex", "csv", "nbib"])
def test_lists_leave_as_citations(home: Path, suffix: str) -> None:
    output = home / f"list.{suffix}"
    said = verb(home, "export", "--format", suffix, "--filter", "intervention=core-decompression", "-o", str(output))
    assert said.exit_code == 0, said.output
    text = output.read_text(encoding="utf-8")
    assert "Core decompression with or without bone marrow concentrate" in text
    assert not FOREIGN.findall(text)


def test_the_digest_names_new_articles(home: Path) -> None:
    said = verb(home, "digest", "--since", "2000-01-01")
    assert said.exit_code == 0, said.output
    assert "ONFH" in said.output
    assert not FOREIGN.findall(said.output)


def test_another_topic_does_not_touch_the_store(home: Path) -> None:
    said = CliRunner().invoke(main, ["--topic", "ho", "--db", str(home / "onfh.db"), "tag"])
    assert said.exit_code != 0
    assert "onfh" in said.output


def test_the_gold_is_annotated_by_the_guidelines(gold: dict[int, str]) -> None:
    with in_force(NAME) as topic:
        lines = (topic.home / "sample" / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    for record in map(json.loads, lines):
        text = "\n".join([record["title"], *(part["text"] for part in record["abstract"])])
        said = record["gold"]
        mentions = [*said["interventions"], *said["outcomes"], *(one["mention"] for one in said["risk_factors"])]
        assert all(mention in text for mention in mentions), record["pmid"]
        assert record["topic"] == "onfh" or not mentions
