"""What can be wrong with input that should be PubMed's; each error says what, where and what to do next."""

from db.errors import TrackerError


class PubmedInputError(TrackerError):
    """Input that can't be read as PubMed records."""


class MissingFileError(PubmedInputError):
    """A file that isn't there or may not be read."""


class EmptyInputError(PubmedInputError):
    """A file or reply without content."""


class TruncatedInputError(PubmedInputError):
    """A file or reply that ends too early; the records before its end were given."""


class NotPubmedXmlError(PubmedInputError):
    """XML with another root, or no XML at all."""


class UnsafeXmlError(PubmedInputError):
    """XML that declares entities or names a DTD that isn't NLM's."""


class BrokenRecordError(PubmedInputError):
    """One record that can't be read."""


class EFetchReplyError(PubmedInputError):
    """EFetch answered with an ERROR instead of records; `text` is what it said."""

    def __init__(self, text: str) -> None:
        super().__init__(f"PubMed answered with an error instead of records: {text}")
        self.text = text
