"""The concepts that the tagger looks for, as reviewed data: one TOML file a kind, a loader, a linter and a diff."""

from nlp.vocabulary.loader import (
    Concept,
    IgnoredText,
    Vocabulary,
    VocabularyError,
    fold,
    load_vocabulary,
)

__all__ = ["Concept", "IgnoredText", "Vocabulary", "VocabularyError", "fold", "load_vocabulary"]
