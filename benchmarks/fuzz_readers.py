"""Damages real records at random and reads them between two whole ones: no exception, no hang, no neighbour lost.

    nice python -m benchmarks.fuzz_readers ../shared/data/real_pubmed.xml ../shared/data/pubmed20n1015.xml.gz

Each record is damaged as XML and, written by our own writer, as MEDLINE text. Exit code 1 where anything is wrong; the
seed that is printed repeats a run.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from db.citations import FORMATS, Options
from db.citations.selection import select, write_list
from db.model import Article
from db.select.filter import ArticleFilter
from db.store.store import open_store
from harvest.pubmed.xml import parse_articles
from tests.support.mutations import medline_faults, xml_faults
from tests.support.stores import load

#: Seconds of the processor that one damaged record may cost.
_LIMIT = 2.0


def as_medline(articles: list[Article], folder: Path) -> list[bytes]:
    """Returns each article as a record of MEDLINE text."""
    with open_store(folder / "ho.db") as store:
        load(store, articles)
        pieces = write_list(store.db.conn, select(store.db.conn, ArticleFilter()), FORMATS["nbib"], Options())
        return [piece.encode() for piece in pieces]


def main() -> None:
    """Damages records as often as asked and prints what went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    articles = [item for path in arguments.files for item in parse_articles(path) if isinstance(item, Article)]
    random_ = random.Random(arguments.seed)
    faults, slowest, began = 0, 0.0, time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        forms = {"XML": [article.xml for article in articles], "MEDLINE": as_medline(articles, folder)}
        for number in range(arguments.count):
            form = ("XML", "MEDLINE")[number % 2]
            record = random_.choice(forms[form])
            started = time.process_time()
            found = list(xml_faults(record, random_) if form == "XML" else medline_faults(record, random_, folder))
            seconds = time.process_time() - started
            slowest = max(slowest, seconds)
            if seconds > _LIMIT:
                found.append(f"took {seconds:.1f} s")
            faults += len(found)
            for line in found[:1] if faults < 20 else ():
                print(f"{form} {number}: {line:.600}")
    minutes = (time.monotonic() - began) / 60
    print(f"{arguments.count:,} damaged records of {len(articles):,}, seed {arguments.seed}: {faults} faults")
    print(f"slowest {slowest:.2f} s of the processor, {minutes:.1f} minutes in all")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
