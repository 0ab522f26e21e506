"""What a visitor sends in a form with a file: bounded, parted, kept nowhere."""

from collections.abc import Mapping
from email import policy
from email.parser import BytesParser
from typing import Any

from db.errors import TrackerError
from db.screening.brought import MAX_BYTES

#: What the review page's forms are sent to, and the bytes that each may hold.
CURATE_FORMS = tuple(f"curate/{name}" for name in ("login", "logout", "decide", "mark", "undo", "skip"))
MOST_BYTES = 20_000
#: Pages of ours that take a form, and the bytes that each may hold (the file and what stands around it).
FORMS: Mapping[str, int] = {"review": MAX_BYTES + 100_000, **dict.fromkeys(CURATE_FORMS, MOST_BYTES)}
_MOST_PARTS = 20


class UploadError(TrackerError):
    """A form that cannot be read."""


def read_form(content_type: str, body: bytes) -> dict[str, tuple[str, bytes]]:
    """Returns the parts of a `multipart/form-data` body by name: the file's name ("" for a plain field), and content.

    Raises UploadError for any other body and for more parts than a form of ours has.
    """
    if not content_type.lower().startswith("multipart/form-data"):
        raise UploadError("send the form with its file: multipart/form-data")
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    message: Any = BytesParser(policy=policy.HTTP).parsebytes(head + body)
    parts = message.get_payload() if message.is_multipart() else []
    if not parts or len(parts) > _MOST_PARTS:
        raise UploadError("the form could not be read; send it again")
    found: dict[str, tuple[str, bytes]] = {}
    for part in parts:
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            found[name] = (str(part.get_filename() or ""), content)
    return found
