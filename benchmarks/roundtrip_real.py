"""Exports every record of PubMed XML files in every format, reads the lists with independent readers, compares all.

python -m benchmarks.roundtrip_real ../shared/data/real_pubmed.xml
"""

import argparse
import collections
import tempfile
from pathlib import Path

from db.citations import FORMATS, Options
from db.citations.selection import select, write_list
from db.model import Article
from db.select.filter import ArticleFilter
from db.store.store import open_store
from harvest.pubmed.xml import parse_articles
from tests.support.roundtrip import READERS, differences, missing_from_reference
from tests.support.stores import load


def main() -> None:
    """Prints the differences, and their number by reader and field."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--show", type=int, default=5, help="differences shown a reader")
    arguments = parser.parse_args()
    parsed = [item for path in arguments.files for item in parse_articles(path) if isinstance(item, Article)]
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "ho.db") as store:
        articles = load(store, parsed)
        selection = select(store.db.conn, ArticleFilter())
        print(f"{len(articles)} articles")
        total = 0
        for name, readers in READERS.items():
            text = "".join(write_list(store.db.conn, selection, FORMATS[name], Options(tags=False)))
            for read in readers:
                found = list(differences(read(text), articles))
                total += len(found)
                fields = collections.Counter(line.split(": ")[1] for line in found)
                print(f"{name:8} {read.__name__:18} {len(found)} differences {dict(fields)}")
                for line in found[: arguments.show]:
                    print("   ", line[:400])
        for name in ("vancouver", "ama", "apa"):
            ordered = select(store.db.conn, ArticleFilter(), FORMATS[name].order)
            pieces = list(write_list(store.db.conn, ordered, FORMATS[name], Options()))
            assert len(pieces) == len(articles)
            found = [
                line
                for pmid, piece in zip(ordered.pmids, pieces, strict=True)
                for line in missing_from_reference(piece, articles[pmid])
            ]
            total += len(found)
            print(f"{name:8} {'citeproc':18} {len(found)} differences")
            for line in found[: arguments.show]:
                print("   ", line[:400])
        print(f"{total} differences in all")


if __name__ == "__main__":
    main()
