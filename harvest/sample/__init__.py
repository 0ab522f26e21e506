"""The made-up sample of a topic: records in the form that PubMed sends, and what other services say of them."""

from pathlib import Path

from db.topics import TopicError, current


def sample_path() -> Path:
    """Returns the path of the sample's PubMed XML; none of its records is a real article. Raises TopicError."""
    path = current().home / "sample" / "records.xml"
    if not path.is_file():
        raise TopicError(path, "", "the topic has no sample; put made-up records there, as PubMed XML")
    return path


def services_path() -> Path | None:
    """Returns the path of what services beside PubMed say of the sample; None where the topic has none."""
    path = current().home / "sample" / "services.json"
    return path if path.is_file() else None
