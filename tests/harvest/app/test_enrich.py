"""The verbs enrich and trials: words, JSON, CSV, exit codes; the step of the night."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from db.store.store import open_store
from harvest.app.cli import main
from harvest.app.settings import SettingsError, load_settings
from harvest.enrich.step import STEPS
from tests.support.eutils_server import Corpus, EutilsServer
from tests.support.eutils_server.faults import Fault
from tests.support.services_world import ServicesServer, World
from tests.support.services_world.faults import FAULTS
from tests.support.sites import asking
from tests.support.stores import article, save


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ServicesServer]:
    world = World()
    with ServicesServer(world) as running:
        for name, address in running.environment.items():
            monkeypatch.setenv(name, address)
        yield running


@pytest.fixture
def db(tmp_path: Path, server: ServicesServer) -> Path:
    path = tmp_path / "ho.db"
    paper = server.world.add_paper(pmcid="PMC1")
    server.world.add_trial(status="COMPLETED", completion="2019-05", interventions=["Indomethacin"])
    server.world.add_trial(title="=HYPERLINK() of heterotopic ossification")
    with open_store(path) as store:
        save(store, article(paper.pmid, doi=paper.doi))
    return path


def run(db: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--db", str(db), "--site", str(db.with_name("evidence.db")), *words])


def test_enrich_says_what_each_service_gave(db: Path) -> None:
    result = run(db, "enrich")
    assert result.exit_code == 0, result.output
    assert "trials: done, 2 new (2 asked, 2 got, 0 missed, 3 requests)" in result.stdout
    report = json.loads(run(db, "enrich", "--only", "citations", "--only", "trials", "--json").stdout)
    assert [step["name"] for step in report["services"]] == ["trials", "citations"]
    assert (report["status"], report["requests"]) == ("done", 2)
    assert report["services"][0]["data_date"] == "2026-03-02"


def test_status_says_what_each_service_was_asked_and_gave_last(db: Path, server: ServicesServer) -> None:
    assert json.loads(run(db, "status", "--json").stdout)["last_enrich"] is None
    run(db, "enrich")
    server.fail(Fault(FAULTS["400"], "trials", times=99))
    run(db, "enrich", "--only", "trials")
    last = json.loads(run(db, "status", "--json").stdout)["last_enrich"]
    assert (last["status"], [said["name"] for said in last["services"]]) == ("postponed", list(STEPS))
    trials, citations = last["services"][:2]
    assert (trials["status"], trials["run_id"]) == ("postponed", last["id"])
    assert (citations["status"], citations["run_id"], citations["asked"]) == ("done", last["id"] - 1, 1)
    said = run(db, "status").stdout
    assert f"last enrich: run {last['id']}, postponed, begun 20" in said
    assert re.search(rf"  citations: done, .*1 asked, 1 got, 0 missed.*, run {last['id'] - 1}, 20", said)
    assert "  trials: postponed, no changes (0 asked, 0 got, 0 missed, 0 requests); " in said


def test_a_service_that_is_down_is_a_partial_run(db: Path, server: ServicesServer) -> None:
    server.fail(Fault(FAULTS["400"], "trials", times=99))
    result = run(db, "enrich")
    assert result.exit_code == 2
    assert "trials: postponed" in result.stdout
    assert run(db, "enrich", "--only", "trials").exit_code == 75


def test_enrich_without_a_store_says_what_to_do(tmp_path: Path) -> None:
    result = run(tmp_path / "none.db", "enrich")
    assert result.exit_code == 1
    assert "harvest" in result.stderr


def test_trials_are_listed_in_three_formats(db: Path) -> None:
    run(db, "enrich", "--only", "trials")
    assert run(db, "trials").stdout.startswith("2 trials\n")
    listed = json.loads(run(db, "trials", "--without-publication", "--format", "json").stdout)
    assert [entry["nct_id"] for entry in listed["trials"]] == ["NCT90000001"]
    assert listed["count"] == 1
    table = list(csv.DictReader(io.StringIO(run(db, "trials", "--format", "csv").stdout)))
    assert {row["nct_id"]: row["title"][:12] for row in table} == {
        "NCT90000001": "Prophylaxis ",
        "NCT90000002": "'=HYPERLINK(",
    }


def test_trials_are_tagged_by_our_vocabulary(db: Path) -> None:
    run(db, "enrich", "--only", "trials")
    with open_store(db) as store:
        tags = {row[0] for row in store.db.execute("SELECT concept_id FROM trial_tags WHERE nct_id = 'NCT90000001'")}
    assert "indomethacin" in tags
    assert "nsaids" in tags


def test_a_night_enriches_and_tells_trials(
    tmp_path: Path, server: ServicesServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.world.add_trial()
    corpus = Corpus(server.world.today)
    corpus.add(server.world.add_paper().pmid, created=server.world.today)
    with EutilsServer(corpus) as eutils:
        monkeypatch.setenv("HO_TRACKER_EUTILS_URL", eutils.url)
        result = run(tmp_path / "ho.db", "nightly", "--json")
        assert result.exit_code == 0, result.output
        steps = {step["name"]: step for step in json.loads(result.stdout)["steps"]}
        assert list(steps) == ["harvest", "enrich", "tag", "publish", "digest"]
        assert "Trials (1)" in (tmp_path / "evidence-digest.txt").read_text(encoding="utf-8")
        for name in server.environment:
            monkeypatch.delenv(name)
        server.forget()
        report = json.loads(run(tmp_path / "ho.db", "nightly", "--json").stdout)
        assert (report["status"], server.count()) == ("done", 0)
        assert "no service asked" in report["steps"][1]["message"]


def test_a_preprint_is_told_as_an_article_is(
    tmp_path: Path, server: ServicesServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = Corpus(server.world.today)
    corpus.add(server.world.add_paper().pmid, created=server.world.today)
    with EutilsServer(corpus) as eutils:
        monkeypatch.setenv("HO_TRACKER_EUTILS_URL", eutils.url)
        assert run(tmp_path / "ho.db", "nightly").exit_code == 0
        server.world.add_preprint(number=123456, title="Heterotopic ossification in made-up mice")
        told = {step["name"]: step for step in json.loads(run(tmp_path / "ho.db", "nightly", "--json").stdout)["steps"]}
        assert told["digest"]["counts"]["new"] == 1
        digest = (tmp_path / "evidence-digest.txt").read_text(encoding="utf-8")
        assert "Heterotopic ossification in made-up mice" in digest
        assert "preprint" in digest.lower()
        for ask in asking(tmp_path / "evidence.db"):
            assert [row["pmid"] for row in ask("/articles.json?run=last").json()["rows"]] == [800123456]
            for address in ("/feed.atom", "/changes.atom"):
                assert ask(address).text.count("Heterotopic ossification in made-up mice") == 1, address
        assert run(tmp_path / "ho.db", "nightly").exit_code == 0
        digest = (tmp_path / "evidence-digest.txt").read_text(encoding="utf-8")
        assert digest == "Since the last digest: nothing changed\n"


def test_an_unusable_address_of_a_service_is_refused(tmp_path: Path) -> None:
    for url in ("ftp://x/", "nonsense", "http://me:password@host/", "http://host/?key=1", "http://[::1"):
        with pytest.raises(SettingsError, match="HO_TRACKER_ICITE_URL") as caught:
            load_settings(environment={"HO_TRACKER_ICITE_URL": url}, folder=tmp_path)
        assert "password" not in str(caught.value)
