"""No word of one disease in code: what only one topic has stands in its folder."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.topics import bundled, load
from db.topics.choice import FOLDER as TOPICS

ROOT = Path(__file__).parent.parent
CODE = (".py", ".html", ".js", ".css", ".svg")
#: Words that only the bundled topics have: parts of words of the disease, its gradings, its drugs, its settings.
PARTS = (
    "heterotopic", "ossif", "ossiculo", "brooker", "della valle", "hastings", "fibrodysplasia", "myositis", "acvr1",
    "palovarotene", "garetosmab", "indomet", "celecoxib", "naproxen", "etidron", "nsaid", "arthroplast",
    "acetabul", "paraosteo", "osteonecro", "femoral head", "core decompression",
)  # fmt: skip
#: Short names, of the bundled topics and of parts of them; they stand as words of their own or between underscores.
NAMES = (*(load(TOPICS / name).short_name for name in bundled()), "nho", "fop", "poh")
SHORT = re.compile(rf"(?<![a-z])(?:{'|'.join(map(re.escape, NAMES))})(?![a-z])", re.IGNORECASE)
#: The name of the product.
PRODUCT = re.compile(r"ho[-_]tracker|x-ho-tracker|hotr", re.IGNORECASE)


def code_files() -> Iterator[Path]:
    """Every file of code of the three packages, without data."""
    for package in ("harvest", "nlp", "db"):
        for path in sorted((ROOT / package).rglob("*")):
            if path.suffix in CODE and "__pycache__" not in path.parts:
                yield path


def words_in(text: str) -> list[str]:
    """The words of one disease in a text, each with its line."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        plain = PRODUCT.sub("", line)
        low = plain.lower()
        told = [part for part in PARTS if part in low] + [match[0] for match in SHORT.finditer(plain)]
        found += [f"line {number}: {word}: {line.strip()[:100]}" for word in told]
    return found


@pytest.mark.parametrize("package", ["harvest", "nlp", "db"])
def test_code_names_no_disease(package: str) -> None:
    found = {
        str(path.relative_to(ROOT)): words
        for path in code_files()
        if path.is_relative_to(ROOT / package) and (words := words_in(path.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    "line", ['_HO = re.compile("x")', "about_ho = 1", "less HO", "Heterotopic ossification", 'topic == "not_ho"', "NHO"]
)
def test_a_word_is_found(line: str) -> None:
    assert words_in(line)


@pytest.mark.parametrize("line", ["run ho-tracker publish", "HO_TRACKER_DB", "_ho_tracker_desk", "who, how, shop"])
def test_the_products_name_is_none(line: str) -> None:
    assert not words_in(line)
