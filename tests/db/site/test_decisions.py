"""Who decided what, when and why stands on the article's page, as text, and says where the text has changed since."""

from contextlib import contextmanager
from pathlib import Path

import pytest

from db.model import RegistryNumber
from db.publish.publish import publish
from db.store.people.decisions import record_decisions
from db.store.people.verdicts import Decision
from db.store.records.save import save_articles
from db.store.store import open_store
from tests.support.sites import asking
from tests.support.stores import AT, article, fill, run

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    store = fill(tmp_path / "ho.db", 1)
    with open_store(store) as opened, opened.atomic():
        record_decisions(
            opened,
            [
                Decision(1, "reject", f"ada {HOSTILE}", "2026-03-04T10:00:00Z", "nsaids", reason=f"no drug {HOSTILE}"),
                Decision(1, "accept", "bea", "2026-03-05T10:00:00Z", "ho"),
            ],
        )
    publish(store, tmp_path / "evidence.db")
    return tmp_path / "evidence.db"


def test_the_article_page_names_decisions(site: Path) -> None:
    with contextmanager(asking)(site) as ask:
        page = ask("/articles/1").text
    assert "Rejected: NSAIDs" in page
    assert "4 March 2026" in page
    assert "no drug &lt;img" in page
    assert HOSTILE not in page
    assert "the text has changed since" not in page


def test_a_changed_text_is_said(site: Path) -> None:
    store = site.with_name("ho.db")
    with open_store(store) as opened, opened.atomic():
        save_articles(opened, run(opened), [article(1, title="Another title", xml=b"<x/>")], AT)
    publish(store, site)
    with contextmanager(asking)(site) as ask:
        assert ask("/articles/1").text.count("the text has changed since") == 2


def test_a_number_of_any_primary_registry_leads_to_its_entry(tmp_path: Path) -> None:
    numbers = (
        RegistryNumber("ClinicalTrials.gov", "NCT01234567", "abstract"),
        RegistryNumber("DRKS", "DRKS00012345", "abstract"),
        RegistryNumber("GENBANK", "AB123456", "databank"),
    )
    with open_store(tmp_path / "ho.db") as opened, opened.atomic():
        save_articles(opened, run(opened), [article(1, registry_numbers=numbers)], AT)
    publish(tmp_path / "ho.db", tmp_path / "evidence.db")
    with contextmanager(asking)(tmp_path / "evidence.db") as ask:
        page = ask("/articles/1").text
    assert "https://clinicaltrials.gov/study/NCT01234567" in page
    assert "https://trialsearch.who.int/Trial2.aspx?TrialID=DRKS00012345" in page
    assert "AB123456" in page
    assert "TrialID=AB123456" not in page
