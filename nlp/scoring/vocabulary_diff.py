"""What changed between two vocabularies: the review sheet for a new version."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from nlp.vocabulary.loader import Concept, Vocabulary


@dataclass(frozen=True, slots=True)
class ChangedConcept:
    """A concept that both versions have, and what differs; a pair is (old, new)."""

    old: Concept
    new: Concept
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def renamed(self) -> bool:
        """Whether the shown name differs."""
        return self.old.shown != self.new.shown

    @property
    def reparented(self) -> bool:
        """Whether it hangs elsewhere."""
        return self.old.parent != self.new.parent

    @property
    def moved_kind(self) -> bool:
        """Whether it is of another kind now."""
        return self.old.kind != self.new.kind

    @property
    def remapped(self) -> bool:
        """Whether the MeSH UI differs."""
        return self.old.mesh != self.new.mesh


@dataclass(frozen=True, slots=True)
class VocabularyDiff:
    """Concepts added, removed and changed, each in id order."""

    old_version: str
    new_version: str
    added: tuple[Concept, ...] = ()
    removed: tuple[Concept, ...] = ()
    changed: tuple[ChangedConcept, ...] = field(default=())

    @property
    def empty(self) -> bool:
        """Whether both vocabularies say the same."""
        return not (self.added or self.removed or self.changed)


def compare(old: Vocabulary, new: Vocabulary) -> VocabularyDiff:
    """Return what `new` has otherwise than `old`; the order of synonyms and notes does not count."""
    before, after = old.concepts, new.concepts
    changed = [_change(before[key], after[key]) for key in sorted(before.keys() & after.keys())]
    return VocabularyDiff(
        old_version=old.version,
        new_version=new.version,
        added=tuple(after[key] for key in sorted(after.keys() - before.keys())),
        removed=tuple(before[key] for key in sorted(before.keys() - after.keys())),
        changed=tuple(change for change in changed if change is not None),
    )


def render(diff: VocabularyDiff) -> str:
    """Return the difference as text: one line a fact, nothing but a sentence if there is none."""
    if diff.empty:
        return f"No concept differs between {diff.old_version} and {diff.new_version}.\n"
    return "\n".join(_lines(diff)) + "\n"


def _lines(diff: VocabularyDiff) -> Iterator[str]:
    yield (
        f"Vocabulary {diff.old_version} to {diff.new_version}: {len(diff.added)} added, "
        f"{len(diff.removed)} removed, {len(diff.changed)} changed"
    )
    for sign, concepts in (("+", diff.added), ("-", diff.removed)):
        for concept in concepts:
            below = f", below {concept.parent}" if concept.parent else ""
            yield f"{sign} {concept.kind} {concept.id} ({concept.name}){below}"
    for change in diff.changed:
        yield f"~ {change.new.kind} {change.new.id}"
        if change.moved_kind:
            yield f"    kind: {change.old.kind} to {change.new.kind}"
        if change.renamed:
            yield f"    renamed: {change.old.shown} to {change.new.shown}"
        if change.reparented:
            yield f"    parent: {change.old.parent or 'none'} to {change.new.parent or 'none'}"
        if change.remapped:
            yield f"    MeSH: {change.old.mesh or 'none'} to {change.new.mesh or 'none'}"
        if change.gained:
            yield f"    gained: {'; '.join(change.gained)}"
        if change.lost:
            yield f"    lost: {'; '.join(change.lost)}"


def _change(old: Concept, new: Concept) -> ChangedConcept | None:
    before, after = _forms(old), _forms(new)
    change = ChangedConcept(old, new, gained=tuple(sorted(after - before)), lost=tuple(sorted(before - after)))
    differs = change.renamed or change.reparented or change.moved_kind or change.remapped or before != after
    return change if differs else None


def _forms(concept: Concept) -> set[str]:
    """Every form with how it is matched, so that a move between the lists shows."""
    return {
        *concept.synonyms,
        *(f"{form} (as written)" for form in concept.abbreviations),
        *(f"{form} (if defined)" for form in concept.needs_definition),
    }
