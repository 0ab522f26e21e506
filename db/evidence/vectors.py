"""What articles are about, as weighted terms: the vectors that similar articles and the ranking of a review share.

A term is a word, two words that stand side by side, a MeSH heading or a concept of ours. Words weigh by TF-IDF (Salton
and Buckley 1988, doi:10.1016/0306-4573(88)90021-0): the logarithm of how often an article uses a term, times that of
how few articles use it. Words and concepts are two blocks of a row, each of its own fixed length, so that a long
abstract says no more than a short one. All of it is numpy, which is there with spaCy.
"""

import re
import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from db.text import fold_letters

Floats = NDArray[np.float32]
Places = NDArray[np.int32]

#: The share that concepts have in the square of a row's length; words have the rest.
CONCEPT_SHARE = 0.3
#: A term that only one article uses joins nothing; one that more than this share uses tells nothing apart.
_FEWEST_ARTICLES, _LARGEST_SHARE = 2, 0.5
#: Below this number of articles shares mean nothing, and every term that two of them use is kept.
_FEW_ARTICLES = 40
#: As many terms a row: those with the highest weight.
_TERMS_A_ROW = 120
_TITLE_TIMES = 2
_CONCEPT, _HEADING = "concept:", "mesh:"
_WORD = re.compile(r"[^\W_]{2,}")
_STOP_WORDS = frozenset(files("db.evidence").joinpath("stop_words.txt").read_text(encoding="utf-8").split())


@dataclass(frozen=True, slots=True)
class Words:
    """What is read of one article: title, abstract, MeSH headings, ids of concepts."""

    title: str
    abstract: str = ""
    headings: Sequence[str] = ()
    concepts: Sequence[str] = ()


@dataclass(frozen=True)
class Vectors:
    """One row an article: row i holds the places `columns[starts[i]:starts[i + 1]]` of `terms` with their `weights`."""

    pmids: NDArray[np.int64]
    terms: tuple[str, ...]
    starts: NDArray[np.int64]
    columns: Places
    weights: Floats

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """The row of every entry."""
        return np.repeat(np.arange(len(self.pmids)), np.diff(self.starts))

    def dot(self, of_terms: NDArray[np.float64]) -> NDArray[np.float64]:
        """Returns the sum of weight times value of each row's terms; `of_terms` has one value a term."""
        products = self.weights * of_terms[self.columns]
        return np.bincount(self.rows, products, len(self.pmids)).astype(np.float64)

    def summed(self, of_rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Returns the sum over rows of weight times value for each term; `of_rows` has one value a row."""
        products = self.weights * of_rows[self.rows]
        return np.bincount(self.columns, products, len(self.terms)).astype(np.float64)

    def taken(self, rows: NDArray[np.int64]) -> "Vectors":
        """Returns some rows, in the order named."""
        lengths = np.diff(self.starts)[rows]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        entries = np.repeat(self.starts[rows] - starts[:-1], lengths) + np.arange(starts[-1])
        return Vectors(self.pmids[rows], self.terms, starts, self.columns[entries], self.weights[entries])


def build_vectors(pmids: Sequence[int], words: Iterable[Words]) -> Vectors:
    """Returns the vectors of articles, one `Words` a PMID in the same order. The same articles give the same bytes."""
    known: dict[str, int] = {}
    columns, counts, lengths = array("i"), array("f"), [0]
    for read in words:
        found = _terms(read)
        columns.extend(known.setdefault(term, len(known)) for term in found)
        counts.extend(found.values())
        lengths.append(len(columns))
    starts = np.asarray(lengths, np.int64)
    return _weighted(np.asarray(pmids, np.int64), tuple(known), starts, np.asarray(columns), np.asarray(counts))


def shown_term(term: str) -> str:
    """Returns a term as a reader knows it: without the sign of its kind."""
    return term.removeprefix(_HEADING).removeprefix(_CONCEPT)


def is_concept(term: str) -> bool:
    """Says whether a term is a concept of ours (`shown_term` is its id)."""
    return term.startswith(_CONCEPT)


def _terms(read: Words) -> Counter[str]:
    found: Counter[str] = Counter()
    for text, times in ((read.title, _TITLE_TIMES), (read.abstract, 1)):
        before = ""
        for word in _WORD.findall(_plain(text)):
            stem = _stem(word)
            if word in _STOP_WORDS or word.isdigit():
                before = ""
                continue
            found[stem] += times
            if before:
                found[f"{before} {stem}"] += times
            before = stem
    for heading in read.headings:
        found[_HEADING + heading] += 1
    for concept in read.concepts:
        found[_CONCEPT + concept] += 1
    return found


def _plain(text: str) -> str:
    folded = fold_letters(text).lower()
    if folded.isascii():
        return folded
    return "".join(char for char in unicodedata.normalize("NFD", folded) if unicodedata.category(char) != "Mn")


def _stem(word: str) -> str:
    """Returns a word without its plural ending, which is all that two English abstracts differ in most often."""
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if len(word) > 3 and word[-1] == "s" and word[-2] not in "siu" else word


def _weighted(
    pmids: NDArray[np.int64],
    terms: tuple[str, ...],
    starts: NDArray[np.int64],
    columns: Places,
    counts: Floats,
) -> Vectors:
    """Weighs the counts, block by block, and leaves out terms that tell nothing."""
    number = len(pmids)
    rows = np.repeat(np.arange(number), np.diff(starts))
    used = np.bincount(columns, minlength=len(terms))
    concept = np.fromiter(map(is_concept, terms), bool, len(terms))
    most = number * _LARGEST_SHARE if number > _FEW_ARTICLES else number
    kept = (used >= _FEWEST_ARTICLES) & (concept | (used <= most))
    rarity = np.log((1 + number) / (1 + used)) + 1
    entries = np.flatnonzero(kept[columns])
    rows, columns = rows[entries], columns[entries]
    weights = (1 + np.log(counts[entries].astype(np.float64))) * rarity[columns]
    best = _heaviest(rows, weights)
    rows, columns, weights = rows[best], columns[best], weights[best]
    block = rows * 2 + concept[columns]
    lengths = np.sqrt(np.bincount(block, weights**2, 2 * number))
    share = np.where(concept[columns], CONCEPT_SHARE, 1 - CONCEPT_SHARE)
    weights = weights / lengths[block] * np.sqrt(share)
    return Vectors(
        pmids,
        tuple(np.asarray(terms, object)[kept]),
        np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=number))]),
        (np.cumsum(kept) - 1)[columns].astype(np.int32),
        weights.astype(np.float16).astype(np.float32),  # as a published file keeps them
    )


def _heaviest(rows: NDArray[np.int64], weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Returns the entries with the highest weights of each row, row by row, in the order in which they stand."""
    order = np.lexsort((-weights, rows))
    firsts = np.searchsorted(rows[order], np.arange(rows.max(initial=-1) + 1))
    place = np.arange(len(order)) - firsts[rows[order]]
    return np.sort(order[place < _TERMS_A_ROW])
