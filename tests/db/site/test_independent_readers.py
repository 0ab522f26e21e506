"""What other people's programs read off the served pages of the whole sample, field by field beside the store.

html-metadata (Wikimedia's reader behind Citoid) takes citation_* tags, JSON-LD and COinS; citation-js the RIS that a
page names as its alternate. Both run where they are installed: `npm install html-metadata @citation-js/core
@citation-js/plugin-ris`, and `CITATION_JS=.../node_modules`.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from db.preprints import is_preprint_number
from db.publish.publish import publish
from db.store.store import open_store
from harvest.enrich.sample import load_sample
from harvest.sample import sample_path
from harvest.sync.bulk import EVERYTHING, import_files
from tests.support.sites import Ask, asking

MODULES = Path(os.environ.get("CITATION_JS", "node_modules")).absolute()
pytestmark = pytest.mark.skipif(
    not (MODULES / "html-metadata").exists() or not (MODULES / "@citation-js" / "core").exists(),
    reason="html-metadata and citation-js are not installed (see docs/citations.md)",
)
_READ = """
const meta = require(process.argv[1] + '/html-metadata');
const { Cite } = require(process.argv[1] + '/@citation-js/core');
require(process.argv[1] + '/@citation-js/plugin-ris');
const cheerio = require(process.argv[1] + '/cheerio');
const fs = require('fs');
const asked = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const quiet = (found) => found.catch((error) => null);
(async () => {
  const read = {};
  for (const [name, page] of Object.entries(asked)) {
    const $ = cheerio.load(page.html);
    read[name] = {
      highwire: await quiet(meta.parseHighwirePress($)),
      linked: await quiet(meta.parseJsonLd($)),
      rows: await quiet(meta.parseCOinS($)),
      ris: page.ris ? new Cite(page.ris, { forceType: '@ris/file' }).data : null,
    };
  }
  console.log(JSON.stringify(read));
})();
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    folder = tmp_path_factory.mktemp("readers")
    with open_store(folder / "ho.db") as store:
        import_files(store, [sample_path()], EVERYTHING)
        load_sample(store, datetime(2026, 3, 2, tzinfo=UTC))
    publish(folder / "ho.db", folder / "evidence.db")
    yield from asking(folder / "evidence.db")


@pytest.fixture(scope="module")
def held(site: Ask) -> list[dict[str, Any]]:
    """Every article of the sample as the site's API has it."""
    rows: list[dict[str, Any]] = []
    address = "/articles.json?topic=all&vanished=yes&_size=100"
    rows += site(address).json()["rows"]
    assert len(rows) == site(address).json()["filtered_table_rows_count"] > 70
    return [site(f"/articles/{row['pmid']}.json").json()["article"] for row in rows]


def read(pages: dict[str, dict[str, str]], folder: Path) -> dict[str, Any]:
    """What the readers make of pages."""
    path = folder / "pages.json"
    path.write_text(json.dumps(pages), encoding="utf-8")
    told = subprocess.run(["node", "-e", _READ, str(MODULES), str(path)], check=True, capture_output=True, text=True)
    return dict(json.loads(told.stdout))


def listed(value: Any) -> list[Any]:
    """A value that a reader gives alone where there is one of it."""
    return [] if value is None else value if isinstance(value, list) else [value]


def marked(article: dict[str, Any]) -> str:
    """The title as a library should hold it: what is grave stands before it."""
    title = str(article["title"] or "[no title]")
    kinds = set(article["notices"])
    graver = (("ExpressionOfConcernIn", "EXPRESSION OF CONCERN"), ("ErratumIn", "CORRECTED"))
    mark = "RETRACTED" if article["retracted"] else next((word for kind, word in graver if kind in kinds), "")
    return title if not mark or title.upper().startswith(mark) else f"{mark}: {title}"


def test_every_page_is_read_as_the_store_has_it(site: Ask, held: list[dict[str, Any]], tmp_path: Path) -> None:
    pages = {}
    for article in held:
        html = site(f"/articles/{article['pmid']}").text
        alternate = re.search(r'type="application/x-research-info-systems"[^>]*href="([^"]+)"', html)
        assert alternate is not None
        pages[str(article["pmid"])] = {"html": html, "ris": site(unescape(alternate[1])).text}
    told = read(pages, tmp_path)
    compared = 0
    for article in held:
        found = told[str(article["pmid"])]
        tags, linked, (ris,) = found["highwire"], found["linked"], found["ris"]
        title = marked(article)
        assert tags["title"] == linked["headline"] == title
        assert ris["title"].rstrip(".") == title.rstrip(".")
        authors = [author for author in (article["authors"] or "").split(", ") if author]
        assert len(listed(tags.get("author"))) == len(listed(linked.get("author"))) == len(authors)
        for name, tag in zip(authors, listed(tags.get("author")), strict=True):
            assert tag.split(",")[0] in name
        assert len(ris.get("author", [])) == len(authors)
        book = bool(article["book_title"]) and not article["journal"]
        container = article["book_title"] if book else article["journal"]
        assert tags.get("inbook_title" if book else "journal_title") == container
        assert linked["isPartOf"]["name"] == container
        for tag, column in (("volume", "volume"), ("issue", "issue"), ("issn", "issn"), ("doi", "doi")):
            assert tags.get(tag) == article[column], (article["pmid"], tag)
            compared += article[column] is not None
        assert ris.get("DOI") == article["doi"]
        if not book:
            assert (ris.get("volume"), ris.get("issue")) == (article["volume"], article["issue"])
        first = (article["pages"] or "").split("-")[0] or None
        assert tags.get("firstpage") == first
        date = article["publication_date"]
        assert tags.get("publication_date") == date.replace("-", "/")
        assert linked["datePublished"] == date
        assert ris["issued"]["date-parts"][0][0] == int(date[:4])
        if not is_preprint_number(article["pmid"]):
            assert tags["pmid"] == str(article["pmid"])
            assert linked["sameAs"].endswith(f"/{article['pmid']}/")
        else:
            assert "pmid" not in tags
    assert compared > 150


def test_every_row_of_a_list_is_an_item_of_the_folder(site: Ask, held: list[dict[str, Any]], tmp_path: Path) -> None:
    every = "/articles?topic=all&vanished=yes&page="
    pages = {str(number): {"html": site(f"{every}{number}").text} for number in range(1, 5)}
    items = [item for page in read(pages, tmp_path).values() for item in page["rows"] or []]
    assert len(items) == len(held)
    by_title: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        by_title.setdefault(listed(item["rft"].get("atitle"))[0], []).append(item)
    for article in held:
        title = marked(article)
        mine = by_title[title]
        for name, column in (("volume", "volume"), ("issue", "issue"), ("pages", "pages"), ("issn", "issn")):
            assert article[column] in [next(iter(listed(item["rft"].get(name))), None) for item in mine], (
                article["pmid"],
                name,
            )
        if article["doi"]:
            assert f"info:doi/{article['doi']}" in [item.get("rft_id") for item in mine]
