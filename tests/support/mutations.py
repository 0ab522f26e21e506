"""Damages records at random, as transfers, editors and tools do, between two neighbours that must come out whole."""

import io
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from db.model import Article, BadRecord
from harvest.pubmed.medline.nbib import parse_nbib
from harvest.pubmed.xml import parse_articles

_XML_PIECES = (
    b"<", b">", b"&", b'"', b"</", b"/>", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?", b"?>", b"&#0;", b"&nbsp;",
    b"\0", b"\xff", b"\xe2\x80", b"\r\n", b"\n\n\n", b"<i>", b"</i>", b"<PMID>", b"</PMID>", b"<Year>", b"9" * 5_000,
    b"-1",
    b'Version="x"', b"<PubmedArticle>", b"</PubmedArticle>", b"<DeleteCitation>", b"<mml:math>", b"\xc2\xa0", b"1e9",
    b"\xef\xbb\xbf",
)  # fmt: skip
_TEXT_PIECES = (
    b"\n", b"\n\n", b"\r", b"PMID- ", b"PMID- 7\n", b"\nAU  - ", b"\nFAU - ,", b"\nPHST- 2020/13/45 [x]", b"[", b"]",
    b"(", b"\n      ", b"\0", b"\xff", b"\xe2\x80", b"9" * 5_000, b"\nTI  - ", b"\nAB  - A: B: C:", b"\nOAB - ",
    b"\nDP  - ",
    b" - ", b"- ", b"\x1f", b"\xef\xbb\xbf", b"\nGR  - ///", b"\nRN  - EC (", b"\nIS  - (", b"\nCRDT- x", b"*", b"/",
)  # fmt: skip
_ODD_DIGITS = (b"x", b"-", b"", b"9" * 25, b"\xd9\xa3")


def damaged(record: bytes, random_: random.Random, pieces: tuple[bytes, ...]) -> bytes:
    """Returns a record with one to three damages."""
    for _ in range(random_.randint(1, 3)):
        start = random_.randrange(len(record) + 1)
        end = min(len(record), start + int(random_.expovariate(1 / 20)) + 1)
        choice = random_.randrange(6)
        if choice == 0:
            record = record[:start] + record[end:]
        elif choice == 1:
            record = record[:start] + record[start:end] * random_.randint(2, 4) + record[end:]
        elif choice == 2:
            record = record[:start] + bytes([random_.randrange(256)]) + record[start + 1 :]
        elif choice == 3:
            other = random_.randrange(len(record) + 1)
            record = record[:start] + record[other : other + end - start] + record[end:]
        elif choice == 4:
            digits = [place for place, sign in enumerate(record) if 48 <= sign <= 57]
            if digits:
                place = random_.choice(digits)
                record = record[:place] + random_.choice(_ODD_DIGITS) + record[place + 1 :]
        else:
            record = record[:start] + random_.choice(pieces) + record[start:]
    return record


_NEIGHBOUR = (
    b'<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">%d</PMID><Article PubModel="Print"><Journal>'
    b"<JournalIssue><PubDate><Year>2020</Year></PubDate></JournalIssue><Title>J</Title></Journal><ArticleTitle>Neighbour."
    b"</ArticleTitle></Article></MedlineCitation></PubmedArticle>\n"
)
_BEFORE, _AFTER = 800_000_001, 800_000_002


def xml_faults(record: bytes, random_: random.Random) -> Iterator[str]:
    """Yields what is wrong with how the XML reader takes a damaged record between two whole ones."""
    piece = damaged(record, random_, _XML_PIECES)
    file = (
        b"<PubmedArticleSet>\n" + _NEIGHBOUR % _BEFORE + piece + b"\n" + _NEIGHBOUR % _AFTER + b"</PubmedArticleSet>\n"
    )
    yield from _faults(lambda: list(parse_articles(io.BytesIO(file))), piece)


def medline_faults(record: bytes, random_: random.Random, folder: Path) -> Iterator[str]:
    """Yields what is wrong with how the MEDLINE reader takes a damaged record between two whole ones."""
    piece = damaged(record, random_, _TEXT_PIECES)
    whole = "PMID- {}\nOWN - NLM\nDP  - 2020\nTI  - Neighbour.\nJT  - J\n\n"
    path = folder / "damaged.nbib"
    path.write_bytes(whole.format(_BEFORE).encode() + piece.rstrip(b"\n") + b"\n\n" + whole.format(_AFTER).encode())
    yield from _faults(lambda: list(parse_nbib(path)), piece)


def _faults(read: Callable[[], list[object]], piece: bytes) -> Iterator[str]:
    try:
        items = read()
    except Exception as error:  # whatever it is: it is the fault that is looked for
        yield f"{type(error).__name__}: {error}; record {piece[:2000]!r}"
        return
    neighbours = {item.pmid: item for item in items if isinstance(item, Article) and item.pmid in (_BEFORE, _AFTER)}
    for pmid in (_BEFORE, _AFTER):
        held = neighbours.get(pmid)
        if held is None or (held.title, held.year, held.journal, held.authors) != ("Neighbour.", 2020, "J", ()):
            yield f"neighbour {pmid} is lost or changed; record {piece[:2000]!r}"
    if not all(isinstance(item, Article | BadRecord) or type(item).__name__ == "Deletion" for item in items):
        yield f"something else came; record {piece[:2000]!r}"
