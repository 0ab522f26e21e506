"""Tags real records and hostile texts: no error, every mention in its place, time that grows as the text does.

    python -m benchmarks.tagger_robustness [FILE.xml | FILE.xml.gz | FILE.jsonl ...] [--size 5000000]

Each hostile text is tagged at half its size and whole; a tagger that is linear takes about twice as long for twice
the text. `--size` is the length of the longest abstract in characters.
"""

import argparse
import random
import time
from collections.abc import Iterator
from pathlib import Path

from db.model import Article
from db.sections import text_hash
from db.tagged import TaggedArticle, TagInput
from harvest.pubmed.xml import parse_articles
from nlp.pipeline import build_pipeline, tag_one
from nlp.scoring.records import to_tag_input
from nlp.training.data import held_out_records, read_records

_SCRIPTS = "骨化する異所性 гетеротопическая תעצמות عظم हड्डी ossification 골화 οστεοποίηση "
_CONTROLS = "".join(map(chr, (*range(1, 9), 0x0B, 0x1B, 0x7F, 0x200B, 0x202E, 0xFEFF, 0xFFFF)))


def inputs(path: Path) -> Iterator[TagInput]:
    """Yields the articles of a PubMed file or of a file of gold-form records as the tagger reads them."""
    if path.suffix == ".jsonl":
        for number, record in enumerate(read_records([path]), 1):
            parts = [part if isinstance(part, dict) else {"label": None, "text": part} for part in record["abstract"]]
            yield to_tag_input({**record, "pmid": record.get("pmid") or number, "abstract": parts, "mesh": []})
        return
    for item in parse_articles(path):
        if isinstance(item, Article):
            sections = tuple(item.sections)
            yield TagInput(
                item.pmid,
                item.title,
                item.abstract,
                sections,
                tuple(publication.term for publication in item.publication_types),
                tuple(heading.term for heading in item.mesh_headings),
                tuple(keyword.term for keyword in item.keywords),
                text_hash(item.title, item.abstract, sections),
            )


def misplaced(article: TagInput, tagged: TaggedArticle) -> int:
    """Returns how many mentions differ from the text at their offsets."""
    fields = {"title": article.title, "abstract": article.abstract or ""}
    return sum(fields[m.field][m.start : m.end] != m.text for m in tagged.mentions)


def hostile(size: int) -> dict[str, str]:
    """Returns abstracts that try the tagger, by name, each at its full size."""
    prose = " ".join(part["text"] for record in held_out_records() for part in record["abstract"] or [])
    long = (f"{prose} " * (size // len(prose) + 1))[:size]
    mixed = random.Random(1)
    return {
        f"{size / 1e6:g} MB of abstract": long,
        "one word of 1,000,000 letters": "heterotopic" * (1_000_000 // 11),
        "one sentence of 300,000 words": "indomethacin reduced ossification and " * 75_000,
        "100,000 brackets": "HO (" * 50_000 + ")" * 50_000,
        "50,000 digits": "HO in " + "1234567890" * 5_000,
        "50,000 numbers": "odds ratio 2.1 (95% CI 1.2-3.4), " * 16_000,
        "mixed scripts": "".join(mixed.choice(_SCRIPTS) for _ in range(300_000)),
        "control characters": "".join(mixed.choice(_CONTROLS + "HO bone. ") for _ in range(300_000)),
    }


def main() -> None:
    """Reads the command line, tags and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--size", type=int, default=5_000_000)
    options = parser.parse_args()
    pipelines = {"as published": build_pipeline(), "any topic": build_pipeline(any_topic=True)}
    for path in options.files:
        articles = list(inputs(path))
        for name, pipeline in pipelines.items():
            began = time.process_time()
            wrong = mentions = 0
            for article in articles:
                tagged = tag_one(article, pipeline)
                wrong += misplaced(article, tagged)
                mentions += len(tagged.mentions)
            spent = time.process_time() - began
            print(
                f"{path.name}, {name}: {len(articles)} records, {mentions} mentions, {wrong} misplaced, {spent:.0f} s"
            )
    for name, text in hostile(options.size).items():
        times = []
        for part in (text[: len(text) // 2], text):
            article = TagInput(1, "Heterotopic ossification after hip arthroplasty", part, (), (), (), (), "")
            began = time.process_time()
            tagged = tag_one(article, pipelines["as published"])
            times.append(time.process_time() - began)
            assert not misplaced(article, tagged), name
        print(f"{name}: {times[1]:.1f} s, {times[1] / max(times[0], 1e-3):.1f} times its half")


if __name__ == "__main__":
    main()
