"""One form for words that differ only in spelling: case, plural, British or American, hyphens.

The vocabulary matcher folds its synonyms and the article's tokens alike, so a synonym is written once.
"""

import re
from functools import lru_cache

from nlp.cues.disease import spellings

#: Word parts that stand joined, hyphenated or apart in print ("non-steroidal", "postoperative").
PREFIXES = frozenset(
    "non anti pre post peri para intra extra inter re micro multi over under cyclo co hetero osteo neuro sub".split()
)
HYPHENS = frozenset("-‐‑‒–—−")

_SPELLINGS = (
    (re.compile("aem(?=i|a|o)"), "em"),
    (re.compile("haem"), "hem"),
    (re.compile("anaesth"), "anesth"),
    (re.compile("aetio"), "etio"),
    (re.compile("oedem"), "edem"),
    (re.compile("oestr"), "estr"),
    (re.compile("paed"), "ped"),
    (re.compile("orrhoea"), "orrhea"),
    (re.compile("tumour"), "tumor"),
    (re.compile("isation"), "ization"),
    (re.compile("is(?=ed$|ing$|e$|er$)"), "iz"),
    (re.compile("metre"), "meter"),
    (re.compile("fibre"), "fiber"),
    (re.compile("colour"), "color"),
    (re.compile("analogue"), "analog"),
    (re.compile("sulph"), "sulf"),
    (re.compile("[éèêë]"), "e"),
    (re.compile("[áàâä]"), "a"),
    (re.compile("[óòôö]"), "o"),
    (re.compile("[úùûü]"), "u"),
)


@lru_cache(maxsize=50_000)
def fold_word(word: str) -> str:
    """Returns the folded form of one token."""
    if len(word) > 60:
        return word[:60].lower()
    folded = word.lower().replace("’", "'")
    if folded.endswith("'s"):
        folded = folded[:-2]
    if len(folded) < 4 or not folded.isalpha():
        return folded
    for pattern, replacement in _SPELLINGS:
        folded = pattern.sub(replacement, folded)
    return _singular(folded)


def _singular(word: str) -> str:
    if word.endswith("omas"):  # "hematomas", but "pancreas"
        return word[:-1]
    if not word.endswith("s") or word.endswith(("ss", "us", "is", "as", "os")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("xes", "ches", "shes", "sses")):
        return word[:-2]
    return word[:-1]


def fold_tokens(words: list[str]) -> tuple[list[str], list[int]]:
    """Returns folded words with hyphens gone and prefixes joined, and for each the token that it begins at.

    "non - steroidal drugs" (four tokens) gives ["nonsteroidal", "drug"], [0, 3].
    """
    right = spellings()
    folded: list[str] = []
    firsts: list[int] = []
    index, count = 0, len(words)
    while index < count:
        word = words[index]
        if word in HYPHENS:
            index += 1
            continue
        form = fold_word(word)
        form = right.get(form, form)
        first = index
        if form in PREFIXES:
            following = index + 1
            if following < count and words[following] in HYPHENS:
                following += 1
            if following < count and following > index + 1 and words[following].isalpha():
                form += fold_word(words[following])
                index = following
        folded.append(form)
        firsts.append(first)
        index += 1
    return folded, firsts
