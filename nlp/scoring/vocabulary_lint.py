"""Find what is wrong in a vocabulary that can be read: one line of text a problem."""

import re
from collections.abc import Iterator

from db.terms import KINDS
from nlp.vocabulary.loader import Concept, Vocabulary, fold

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MESH_UI = re.compile(r"[DC]\d{6}(\d{3})?")


def problems(vocabulary: Vocabulary) -> list[str]:
    """Return every problem, in a fixed order; an empty list is a clean vocabulary."""
    return [
        *_bad_entries(vocabulary),
        *_bad_parents(vocabulary),
        *_shared_forms(vocabulary),
        *_ignored_forms(vocabulary),
    ]


def _bad_entries(vocabulary: Vocabulary) -> Iterator[str]:
    for concept in vocabulary.concepts.values():
        where = f"{concept.kind} {concept.id!r}"
        if not _SLUG.fullmatch(concept.id):
            yield f"{where}: the id is not a slug (lower-case letters, digits, single hyphens)"
        if not concept.name.strip():
            yield f"{where}: the name is empty"
        if concept.mesh is not None and not _MESH_UI.fullmatch(concept.mesh):
            yield f"{where}: {concept.mesh!r} is no MeSH UI (D or C and six or nine digits)"
        for form in (*concept.synonyms, *concept.abbreviations, *concept.needs_definition):
            if not fold(form):
                yield f"{where}: an empty synonym or abbreviation"
            elif form != " ".join(form.split()):
                yield f"{where}: {form!r} has stray spaces"


def _bad_parents(vocabulary: Vocabulary) -> Iterator[str]:
    reported: set[str] = set()
    for concept in vocabulary.concepts.values():
        where = f"{concept.kind} {concept.id!r}"
        if concept.parent is not None:
            parent = vocabulary.concepts.get(concept.parent)
            if parent is None:
                yield f"{where}: unknown parent {concept.parent!r}"
            elif parent.kind != concept.kind:
                yield f"{where}: the parent {concept.parent!r} is of kind {parent.kind}"
        cycle = _cycle(vocabulary, concept)
        if cycle and not reported.intersection(cycle):
            reported.update(cycle)
            yield f"{where}: its parents run in a circle: {' > '.join([*cycle, cycle[0]])}"
        if concept.parent is None and not _forms(concept) and not vocabulary.children(concept.id):
            yield f"{where}: a group with no synonyms and no children"


def _cycle(vocabulary: Vocabulary, concept: Concept) -> list[str]:
    """Return the ids from `concept` up to itself again, or nothing."""
    path = [concept.id]
    parent = concept.parent
    while parent is not None and parent in vocabulary.concepts and parent not in path:
        path.append(parent)
        parent = vocabulary.concepts[parent].parent
    return path if parent == concept.id else []


def _forms(concept: Concept) -> tuple[str, ...]:
    return (*concept.synonyms, *concept.abbreviations, *concept.needs_definition)


def _shared_forms(vocabulary: Vocabulary) -> Iterator[str]:
    """One surface form, one concept of a kind; abbreviations may differ by case alone."""
    for kind in KINDS:
        words: dict[str, str] = {}
        exact: dict[str, str] = {}
        for concept in vocabulary.by_kind[kind]:
            for form in (concept.name, *concept.synonyms):
                owner = words.setdefault(fold(form), concept.id)
                if owner != concept.id:
                    yield f"{kind}: {form!r} stands in {owner!r} and in {concept.id!r}"
            for form in (*concept.abbreviations, *concept.needs_definition):
                owner = exact.setdefault(form, concept.id)
                if owner != concept.id:
                    yield f"{kind}: the abbreviation {form!r} stands in {owner!r} and in {concept.id!r}"
        for form, owner in exact.items():
            other = words.get(fold(form), owner)
            if other != owner:
                yield f"{kind}: {form!r} stands in {owner!r} and in {other!r}"


def _ignored_forms(vocabulary: Vocabulary) -> Iterator[str]:
    for ignored in vocabulary.ignored:
        for kind in KINDS if ignored.kind is None else (ignored.kind,):
            for concept in vocabulary.by_kind[kind]:
                for form in _forms(concept):
                    if fold(form) == fold(ignored.text):
                        yield f"ignored string {ignored.text!r} is also a form of {kind} {concept.id!r}"
