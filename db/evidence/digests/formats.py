"""The formats of a digest, by their names on the command line and in addresses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from db.evidence.digests.data import as_atom, as_json
from db.evidence.digests.lines import Links
from db.evidence.digests.model import Digest
from db.evidence.digests.page import as_html
from db.evidence.digests.plain import as_markdown, as_text


@dataclass(frozen=True, slots=True)
class DigestFormat:
    """One way to write a digest: what writes it, the end of its file's name, its media type."""

    write: Callable[..., str]
    ending: str
    media_type: str

    def __call__(self, digest: Digest, links: Links | None = None) -> str:
        """Returns the digest in this format; `links` say where its lines lead."""
        return self.write(digest, links or Links())


#: One writer a format.
FORMATS: Mapping[str, DigestFormat] = {
    "text": DigestFormat(as_text, "txt", "text/plain"),
    "md": DigestFormat(as_markdown, "md", "text/markdown"),
    "html": DigestFormat(as_html, "html", "text/html"),
    "json": DigestFormat(as_json, "json", "application/json"),
    "atom": DigestFormat(as_atom, "atom", "application/atom+xml"),
}
