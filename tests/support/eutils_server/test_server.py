"""The tests' own server, checked against the fact sheet of E-utilities: what the real service says, it says too."""

import gzip
import json
from collections.abc import Iterator
from datetime import date
from io import BytesIO

import pytest
import requests
from Bio import Entrez

from tests.support.eutils_server import Corpus, EutilsServer

TERM = "heterotopic ossification"


@pytest.fixture(scope="module")
def server() -> Iterator[EutilsServer]:
    corpus = Corpus(date(2026, 3, 2))
    for number in range(10_050):
        corpus.add(1000 + number, created=date(2020, 1, 1 + number % 28), entered=date(2019, 1, 1))
    corpus.add(7, created=date(2021, 2, 3), book=True)
    with EutilsServer(corpus) as running:
        yield running


def ask(server: EutilsServer, endpoint: str, **fields: object) -> requests.Response:
    form = {"db": "pubmed", **{name: str(value) for name, value in fields.items()}}
    return requests.post(f"{server.url}{endpoint}.fcgi", data=form, timeout=10)


def read(response: requests.Response) -> dict[str, object]:
    result: dict[str, object] = Entrez.read(BytesIO(response.content))
    return result


def test_a_search_gives_20_ids_by_default_and_says_how_many_came(server: EutilsServer) -> None:
    result = read(ask(server, "esearch", term=TERM))
    assert (result["Count"], result["RetMax"], len(result["IdList"])) == ("10051", "20", 20)  # type: ignore[arg-type]
    assert result["QueryTranslation"] == TERM


def test_the_reach_is_9999_however_much_is_asked_for(server: EutilsServer) -> None:
    result = read(ask(server, "esearch", term=TERM, retmax=100_000))
    assert len(result["IdList"]) == 9999  # type: ignore[arg-type]
    assert "Restrictions achieved" in str(result["WarningList"])


def test_a_start_beyond_the_reach_is_an_error_with_status_200(server: EutilsServer) -> None:
    response = ask(server, "esearch", term=TERM, retstart=9999)
    assert response.status_code == 200
    assert b"<ERROR>Search Backend failed: Exception:\n'retstart' cannot be larger than 9998." in response.content
    assert read(ask(server, "esearch", term=f"({TERM}) AND 1:1005[uid]", retstart=9999))["IdList"] == []


def test_dates_limit_only_as_a_pair(server: EutilsServer) -> None:
    def count(**limits: object) -> int:
        return int(str(read(ask(server, "esearch", term=TERM, **limits))["Count"]))

    assert count(datetype="crdt", mindate="2021/01/01", maxdate="3000") == 1
    assert count(datetype="crdt", mindate="2021", maxdate="2021/02") == 1
    assert count(datetype="edat", mindate="2019", maxdate="2019") == 10_050
    assert count(datetype="crdt", mindate="2021/01/01") == 10_051


def test_pmid_ranges(server: EutilsServer) -> None:
    assert read(ask(server, "esearch", term=f"({TERM}) AND 5:1001[uid]"))["IdList"] == ["7", "1001", "1000"]


def test_unknown_ids_are_left_out_silently(server: EutilsServer) -> None:
    assert ask(server, "efetch", id="1000,999999").content.count(b"<PubmedArticle>") == 1
    none = ask(server, "efetch", id="999999")
    assert (none.status_code, none.content.count(b"<PubmedArticle>")) == (200, 0)
    assert b"<PubmedArticleSet>" in none.content
    wrong = ask(server, "efetch", id="0,abc")
    assert wrong.status_code == 400
    assert b"ID list is empty! Possibly it has no correct IDs." in wrong.content


def test_a_book_comes_in_any_batch(server: EutilsServer) -> None:
    assert b"<PubmedBookArticle>" in ask(server, "efetch", id="1000,7").content


def test_framing_is_chunked_and_packed_with_the_rate_on_every_answer(server: EutilsServer) -> None:
    response = requests.get(
        f"{server.url}efetch.fcgi?db=pubmed&id=1000", headers={"Accept-Encoding": "gzip"}, stream=True, timeout=10
    )
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in response.headers
    assert response.headers["X-RateLimit-Limit"] == "3"
    assert b"<PubmedArticle>" in gzip.decompress(response.raw.read(decode_content=False))


def test_a_long_address_is_refused(server: EutilsServer) -> None:
    ids = ",".join(map(str, range(1000, 2000)))
    assert requests.get(f"{server.url}efetch.fcgi?db=pubmed&id={ids}", timeout=10).status_code == 414


def test_the_fourth_request_in_a_second_is_refused_without_retry_after() -> None:
    with EutilsServer(Corpus(date(2026, 3, 2)), rate=3) as server:
        answers = [ask(server, "esearch", term=TERM) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0", "0"]
    assert json.loads(answers[3].content)["error"] == "API rate limit exceeded"
    assert [json.loads(answer.content)["count"] for answer in answers[3:]] == ["4", "5"]
    assert "Retry-After" not in answers[3].headers


def test_a_search_for_nothing(server: EutilsServer) -> None:
    assert b"<ERROR>Empty term and query_key - nothing todo</ERROR>" in ask(server, "esearch", term="").content


def test_an_unknown_phrase_or_field_is_named_and_an_unknown_field_ignored(server: EutilsServer) -> None:
    server.corpus.finds["nonsense"] = lambda record: False
    none = read(ask(server, "esearch", term="nonsense"))
    assert (none["Count"], none["ErrorList"]["PhraseNotFound"]) == ("0", ["nonsense"])  # type: ignore[index]
    assert "No items found." in str(none["WarningList"])
    server.ignores_uid = True
    ignored = read(ask(server, "esearch", term=f"({TERM}) AND 5:7[uid]"))
    server.ignores_uid = False
    assert (ignored["Count"], ignored["ErrorList"]["FieldNotFound"]) == ("10051", ["uid"])  # type: ignore[index]
