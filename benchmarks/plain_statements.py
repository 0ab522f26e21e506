"""What the tagger makes of plain statements of all kinds: with the right sign, with a wrong one, or nothing at all.

    python -m benchmarks.plain_statements --every 5

`plain_statements.toml` holds forms of sentences with slots; each is filled with all words of its slots (some thousand
statements), and every one is a record of its own. It ends with 1 where a statement was told with a wrong sign, and
names them. These are made-up sentences: they say that plain grammar is not misread, not how real abstracts are read.
"""

import argparse
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path
from typing import Any

from db.tagged import Finding
from nlp.cues.disease import names_disease
from nlp.pipeline import tag_one
from nlp.scoring.records import to_tag_input

_SLOT = re.compile(r"\{(~?)(\w+)\}")
_SIGNS = {"increases": "up", "decreases": "down", "no difference": "none", "no association": "none"}
_TITLE = "Heterotopic ossification after hip arthroplasty"


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, whether it is of a treatment ("effect") or of a factor ("risk"), and the sign that it tells."""

    kind: str
    text: str
    sign: str


def _words_of(slots: Mapping[str, Any], name: str) -> list[tuple[str, str | None]]:
    """The words of a slot, each with its sign."""
    words = slots[name]
    if isinstance(words, list):
        return [(word, None) for word in words]
    return [(word, sign) for sign, listed in words.items() for word in listed]


def statements() -> Iterator[Statement]:
    """Yields all statements of the file, in its order.

    A slot written {~name} takes the second half of the word "first|second" that {name} has the first half of.
    """
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    for kind in ("effect", "risk"):
        for sign, forms in table[kind].items():
            for form in forms:
                names = list(dict.fromkeys(name for _, name in _SLOT.findall(form)))
                for chosen in product(*(_words_of(table["slots"], name) for name in names)):
                    text = form
                    for name, (word, _) in zip(names, chosen, strict=True):
                        first, _, second = word.partition("|")
                        text = text.replace(f"{{{name}}}", first).replace(f"{{~{name}}}", second)
                    signs = {own for _, own in chosen if own}
                    text = re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", text[0].upper() + text[1:])
                    yield Statement(kind, text, signs.pop() if sign == "same" else sign)


def said_of(statement: Statement) -> set[str]:
    """Returns the signs that the tagger gives to the drug or factor of a statement; conflicts are none."""
    record = {"pmid": 1, "title": _TITLE, "abstract": [{"label": "RESULTS", "text": statement.text}]}
    findings = tag_one(to_tag_input(record)).findings
    return {_SIGNS[f.direction] for f in findings if f.direction in _SIGNS and _is_meant(f, statement)}


def _is_meant(finding: Finding, statement: Statement) -> bool:
    if (
        finding.conflict
        or finding.kind != statement.kind
        or finding.subject_text.lower() in ("placebo", "ibuprofen", "age")
    ):
        return False
    return finding.kind == "risk" or names_disease((finding.outcome_text or "").lower())


def main() -> int:
    """Runs the command; ends with 1 where a statement was told with a wrong sign."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1, help="only every so many-th statement")
    parser.add_argument("--silent", action="store_true", help="name those of which nothing was said, too")
    asked = parser.parse_args()
    counts: Counter[str] = Counter()
    for statement in islice(statements(), 0, None, asked.every):
        said = said_of(statement)
        wanted = set() if statement.sign == "silent" else {statement.sign}
        verdict = "right" if said == wanted else "wrong" if said else "nothing said"
        counts[verdict] += 1
        if verdict == "wrong" or (asked.silent and verdict == "nothing said"):
            print(f"{verdict}: {statement.text} ({statement.sign}, told: {', '.join(sorted(said)) or '-'})")
    print(", ".join(f"{counts[name]} {name}" for name in ("right", "nothing said", "wrong")))
    return int(counts["wrong"] > 0)


if __name__ == "__main__":
    sys.exit(main())
