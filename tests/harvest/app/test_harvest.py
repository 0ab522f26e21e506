"""The verbs harvest and import, as a user runs them: over real HTTP, with their exit codes and their words."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from db.store.store import open_store
from harvest.app.cli import main
from tests.support.eutils_server import Corpus, EutilsServer
from tests.support.eutils_server.corpus import as_set


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[EutilsServer]:
    corpus = Corpus(date(2026, 3, 2))
    for number in range(30):
        corpus.add(1000 + number, created=date(2020, 1, 1 + number))
    with EutilsServer(corpus) as running:
        monkeypatch.setenv("HO_TRACKER_EUTILS_URL", running.url)
        yield running


def run(tmp_path: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--db", str(tmp_path / "ho.db"), *words])


def run_json(tmp_path: Path, *words: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(run(tmp_path, *words, "--json").stdout)
    return report


def test_a_harvest_holds_what_pubmed_holds(server: EutilsServer, tmp_path: Path) -> None:
    report = run_json(tmp_path, "harvest")
    assert (report["status"], report["pubmed_count"], report["held_count"], report["new"]) == ("done", 30, 30, 30)
    again = run_json(tmp_path, "harvest")
    assert (again["new"], again["revised"], again["vanished"]) == (0, 0, 0)
    with open_store(tmp_path / "ho.db") as store:
        assert [row["pmid"] for row in store.db.query("SELECT pmid FROM articles ORDER BY pmid")] == [
            *range(1000, 1030)
        ]


def test_a_dry_run_writes_nothing(server: EutilsServer, tmp_path: Path) -> None:
    report = run_json(tmp_path, "harvest", "--dry-run")
    assert (report["status"], report["new"], report["run_id"]) == ("dry-run", 30, None)
    assert not (tmp_path / "ho.db").exists()


def test_an_import_keeps_what_is_on_the_topic(tmp_path: Path) -> None:
    corpus = Corpus(date(2026, 3, 2))
    corpus.add(1, title="Heterotopic ossification of the elbow")
    corpus.add(2, title="Weather in spring", abstract="Rain.")
    path = tmp_path / "records.xml"
    path.write_bytes(as_set(record.as_xml() for record in corpus.records.values()))
    assert run_json(tmp_path, "import", str(path))["new"] == 1
    assert run_json(tmp_path, "import", str(path), "--all")["new"] == 1
    assert run(tmp_path, "import", str(path)).exit_code == 0
