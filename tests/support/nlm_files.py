"""Made-up yearly and daily files of NLM's form and size: varied records, revisions, deletions, checksums beside them.

The same numbers give the same bytes. About one record in a hundred is on the topic; the records' shape (journals,
people, ids, headings) is that of the bundled sample, their texts are put together from made-up sentences.
"""

import gzip
import hashlib
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from db.model import Article
from harvest.pubmed.write import write_article
from harvest.pubmed.xml import parse_articles
from harvest.sample import sample_path
from tests.support.made_up_text import AUTHORS, CONCEPT_TREE, JOURNALS, SENTENCES

_LABELS = ("BACKGROUND", "METHODS", "RESULTS", "CONCLUSIONS")
_ON_TOPIC = 0.01
#: What stands in a template in place of what every record has of its own.
_PMID, _TITLE, _ABSTRACT = 987654321, "TITLE-HERE", "ABSTRACT-HERE"
_REVISED = b"<DateRevised><Year>1901</Year><Month>02</Month><Day>03</Day></DateRevised>"
_ABOUT_SOMETHING_ELSE = (
    ("Heterotopic ossification", "Osteoarthritis"),
    ("heterotopic ossification", "osteoarthritis"),
    ("heterotopic bone formation", "loss of cartilage"),
    ("ectopic bone", "joint space narrowing"),
    ("Ectopic bone", "Joint space narrowing"),
)


def write_files(
    folder: Path,
    files: int,
    records: int,
    updates: int = 0,
    in_update: int = 0,
    seed: int = 1,
    on_topic: float = _ON_TOPIC,
) -> list[Path]:
    """Writes yearly files of so many records each, then daily ones; returns their paths in order.

    `on_topic` is the share of records on the topic. Of a daily file's records six in ten revise an older one (half of
    these its text, the others only its date), the rest are new; it ends with the deletion of one in a hundred.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(seed)
    paths, held = [], 0
    for number in range(1, files + 1):
        pmids = range(held + 1, held + records + 1)
        held += records
        path = folder / f"pubmed26n{number:04}.xml.gz"
        paths.append(_write(path, (a_record(pmid, seed, on_topic=on_topic) for pmid in pmids)))
    for number in range(files + 1, files + updates + 1):
        revised = sorted(chance.sample(range(1, held + 1), min(held, in_update * 6 // 10)))
        new = range(held + 1, held + in_update - len(revised) + 1)
        deleted = sorted(chance.sample(range(1, held + 1), in_update // 100))
        held += len(new)
        day = (2026, 1 + number % 12, 1 + number % 28)
        again = [a_record(pmid, seed, number if place % 2 else 0, day, on_topic) for place, pmid in enumerate(revised)]
        body = [*again, *(a_record(pmid, seed, on_topic=on_topic) for pmid in new)]
        paths.append(_write(folder / f"pubmed26n{number:04}.xml.gz", body, deleted))
    return paths


def a_record(
    pmid: int, seed: int, revision: int = 0, day: tuple[int, int, int] = (2025, 12, 1), on_topic: float = _ON_TOPIC
) -> bytes:
    """Returns one record; another revision has another text."""
    chance = random.Random(f"{seed}/{pmid}/{revision}")
    about = random.Random(f"{seed}/{pmid}").random() < on_topic
    template = chance.choice(_templates())
    sentences = [_sentence(chance, about) for _ in range(chance.randint(7, 14))]
    parts = [sentences[place::4] for place in range(4)]
    labelled = zip(_LABELS, parts, strict=True)
    abstract = "".join(f'<AbstractText Label="{label}">{" ".join(part)}</AbstractText>' for label, part in labelled)
    year, month, date = day
    revised = f"<DateRevised><Year>{year}</Year><Month>{month:02}</Month><Day>{date:02}</Day></DateRevised>"
    return (
        template.replace(str(_PMID).encode(), str(pmid).encode())
        .replace(_TITLE.encode(), _sentence(chance, about).encode())
        .replace(f"<AbstractText>{_ABSTRACT}</AbstractText>".encode(), abstract.encode())
        .replace(_REVISED, revised.encode())
        .replace(b"</PubmedData>", f"{_references(chance)}</PubmedData>".encode())
    )


@cache
def _concepts() -> tuple[str, ...]:
    return tuple(line.strip() for lines in CONCEPT_TREE.values() for line in lines.strip().splitlines())


@cache
def _templates() -> tuple[bytes, ...]:
    """The sample's records with places for what each has of its own, without the headings of the topic."""
    found = [item for item in parse_articles(sample_path()) if isinstance(item, Article) and not item.book]
    return tuple(
        write_article(
            replace(
                article,
                pmid=_PMID,
                title=_TITLE,
                abstract=_ABSTRACT,
                sections=(),
                vernacular_title=None,
                other_abstracts=(),
                keywords=(),
                notices=(),
                registry_numbers=(),
                mesh_headings=tuple(each for each in article.mesh_headings if "Ossif" not in each.term),
                revised_date="1901-02-03",
            )
        )
        for article in found
    )


def _sentence(chance: random.Random, on_topic: bool) -> str:
    parts = chance.choice(SENTENCES).split("_")
    words = [chance.choice(_concepts()) for _ in parts[1:]]
    text = "".join([parts[0], *(word + part for word, part in zip(words, parts[1:], strict=True))])
    if not on_topic:
        for old, new in _ABOUT_SOMETHING_ELSE:
            text = text.replace(old, new)
        text = text.replace("HO ", "the disease ")
    return text


def _references(chance: random.Random) -> str:
    cited = []
    for _ in range(chance.randint(0, 40)):
        last, initials = chance.choice(AUTHORS)
        year, page = chance.randint(1980, 2025), chance.randint(1, 900)
        words = f"{last} {initials}. {chance.choice(JOURNALS)}. {year};{page % 90}:{page}-{page + 9}."
        pmid = chance.randint(1_000_000, 40_000_000)
        ids = f'<ArticleIdList><ArticleId IdType="pubmed">{pmid}</ArticleId></ArticleIdList>'
        cited.append(f"<Reference><Citation>{words}</Citation>{ids}</Reference>")
    return f"<ReferenceList>{''.join(cited)}</ReferenceList>" if cited else ""


def _write(path: Path, records: Iterable[bytes], deleted: Sequence[int] = ()) -> Path:
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=1, mtime=0, filename="") as file:
        file.writelines(_body(records, deleted))
    checksum = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    path.with_name(f"{path.name}.md5").write_text(f"MD5({path.name})= {checksum}\n", encoding="ascii")
    return path


def _body(records: Iterable[bytes], deleted: Sequence[int]) -> Iterator[bytes]:
    yield b'<?xml version="1.0" encoding="utf-8"?>\n<PubmedArticleSet>\n'
    for record in records:
        yield record + b"\n"
    if deleted:
        listed = "".join(f'<PMID Version="1">{pmid}</PMID>' for pmid in deleted)
        yield f"<DeleteCitation>{listed}</DeleteCitation>\n".encode()
    yield b"</PubmedArticleSet>\n"
