"""Check the MeSH UIs of the vocabulary against a list of MeSH descriptors.

    python benchmarks/check_mesh.py [--list] [DESCRIPTORS.tsv]

The list has the columns mesh_id and mesh_name. Printed are: UIs that the list lacks, pairs of concept and heading that
share no word (to be looked at, not always wrong), and supplementary concepts (C numbers), which the list cannot
confirm. Exit code 1 if a descriptor UI is missing from the list.
"""

import argparse
import csv
import re
import sys
from pathlib import Path

from nlp.vocabulary.loader import Concept, Vocabulary, VocabularyError, load_vocabulary

DEFAULT_LIST = Path("../shared/data/mesh/mesh2015_descriptors.tsv")
_EMPTY_WORDS = {
    "and",
    "of",
    "the",
    "in",
    "as",
    "for",
    "with",
    "agents",
    "therapy",
    "disease",
    "type",
    "level",
    "factor",
}


def headings(path: Path) -> dict[str, str]:
    """Return UI to heading."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["mesh_id"]: row["mesh_name"] for row in csv.DictReader(file, delimiter="\t")}


def stems(text: str) -> set[str]:
    """Return the first five letters of each word that means something."""
    words = re.findall(r"[^\W_]+", text.casefold().replace("ae", "e").replace("oe", "e"))
    return {word[:5] for word in words if word not in _EMPTY_WORDS}


def plausible(concept: Concept, heading: str) -> bool:
    """Whether the heading is a form of the concept, or shares a word with one."""
    forms = (concept.name, *concept.synonyms, *concept.abbreviations)
    wanted = stems(heading)
    return any(wanted & stems(form) for form in forms)


def check(vocabulary: Vocabulary, known: dict[str, str], show_all: bool) -> int:
    """Print the findings and return how many descriptor UIs are not in the list."""
    checked = missing = doubtful = supplementary = 0
    for concept in vocabulary.concepts.values():
        if concept.mesh is None:
            continue
        where = f"{concept.kind} {concept.id}: {concept.mesh}"
        if concept.mesh.startswith("C"):
            supplementary += 1
            print(f"not checkable  {where} ({concept.name})")
            continue
        checked += 1
        heading = known.get(concept.mesh)
        if heading is None:
            missing += 1
            print(f"unknown UI     {where} ({concept.name})")
        elif not plausible(concept, heading):
            doubtful += 1
            print(f"review         {where} {heading} | {concept.name}")
        elif show_all:
            print(f"matches        {where} {heading} | {concept.name}")
    print(f"{checked} checked, {missing} unknown, {doubtful} to review, {supplementary} not checkable")
    return missing


def main(arguments: list[str] | None = None) -> int:
    """Run the check from the command line."""
    parser = argparse.ArgumentParser(description="Check the vocabulary's MeSH UIs against a list of descriptors.")
    parser.add_argument("descriptors", type=Path, nargs="?", default=DEFAULT_LIST, help="TSV with mesh_id, mesh_name")
    parser.add_argument("--vocabulary", type=Path, default=None, help="a vocabulary folder; default: the project's")
    parser.add_argument("--list", action="store_true", help="print every pair")
    options = parser.parse_args(arguments)
    try:
        vocabulary, known = load_vocabulary(options.vocabulary), headings(options.descriptors)
    except (VocabularyError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 1 if check(vocabulary, known, options.list) else 0


if __name__ == "__main__":
    sys.exit(main())
