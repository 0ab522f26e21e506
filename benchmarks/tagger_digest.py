"""One line an article with a digest of all that the tagger says of it: two checkouts tag alike where these agree.

    python -m benchmarks.tagger_digest FILE ... > before.txt
    (change what should change the speed only)
    python -m benchmarks.tagger_digest FILE ... | diff before.txt -

Files are those that `benchmarks.tagger_robustness` reads; articles off the topic are read as if they were on it too.
The tagger's own version is left out of the digest.
"""

import argparse
import hashlib
from dataclasses import replace
from pathlib import Path

from benchmarks.tagger_robustness import inputs
from nlp.pipeline import build_pipeline, tag_one


def main() -> None:
    """Reads the command line, tags every article twice (any topic, and this one) and prints the digests."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    files = parser.parse_args().files
    pipelines = (build_pipeline(), build_pipeline(any_topic=True))
    for path in files:
        for article in inputs(path):
            said = [repr(replace(tag_one(article, pipeline), tagger="")) for pipeline in pipelines]
            print(article.pmid, hashlib.sha256("\n".join(said).encode()).hexdigest()[:16])


if __name__ == "__main__":
    main()
