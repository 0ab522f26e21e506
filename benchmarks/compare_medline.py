"""Writes every record of PubMed XML files as MEDLINE text, reads it back, and compares with what the XML reader gave.

    python -m benchmarks.compare_medline ../shared/data/real_pubmed.xml ../shared/data/pubmed20n1015.xml.gz

Compared is every field that MEDLINE text can carry, in the form in which it can. What it can't carry, and how a field
is compared, stands in tests/support/medline.py. Exit code 1 where anything differs.
"""

import argparse
import collections
import sys
import tempfile
from pathlib import Path

from db.citations import FORMATS, Options
from db.citations.selection import select, write_list
from db.model import Article
from db.select.filter import ArticleFilter
from db.store.store import open_store
from harvest.pubmed.medline.nbib import parse_nbib
from harvest.pubmed.xml import parse_articles
from tests.support.medline import NOT_CARRIED, carried
from tests.support.stores import load


def main() -> None:
    """Prints the differences, and their number by field."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--show", type=int, default=3, help="differences shown a field")
    arguments = parser.parse_args()
    parsed = [item for path in arguments.files for item in parse_articles(path) if isinstance(item, Article)]
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "ho.db") as store:
        articles = load(store, parsed)
        file = Path(folder) / "list.nbib"
        selection = select(store.db.conn, ArticleFilter())
        file.write_text("".join(write_list(store.db.conn, selection, FORMATS["nbib"], Options())), encoding="utf-8")
        items = list(parse_nbib(file))
    found = {item.pmid: item for item in items if isinstance(item, Article)}
    print(f"{len(articles)} articles written, {len(items)} records read, {len(items) - len(found)} of them unreadable")
    print(f"not carried: {', '.join(NOT_CARRIED)}")
    differing: collections.Counter[str] = collections.Counter()
    for pmid, article in articles.items():
        expected = carried(article)
        given = carried(found[pmid]) if pmid in found else dict.fromkeys(expected)
        for name, value in expected.items():
            if given[name] != value and not (name == "sections" and not value):
                differing[name] += 1
                if differing[name] <= arguments.show:
                    print(f"  {pmid} {name}:\n    XML     {value!r:.600}\n    MEDLINE {given[name]!r:.600}")
    for name in carried(next(iter(articles.values()))):
        print(f"  {name:24} {differing[name]:5} differences")
    print(f"{sum(differing.values())} differences in {len(articles)} articles")
    sys.exit(1 if differing or len(found) != len(articles) else 0)


if __name__ == "__main__":
    main()
