"""Who may use the review page: a file of names and hashed passwords, one a line; the command `reviewers` writes it."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from db.errors import TrackerError
from db.files import write_whole

#: A name as decisions carry it: no sign that the file or a line of the log could take for its own.
_NAME = re.compile(r"[^\W_](?:[\w .'-]{0,58}[\w.])?")
#: Names that mean something to Datasette itself.
_RESERVED = frozenset(("root",))
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200
#: Work of one check: 32 MB, some 200 ms (OWASP's list of equal settings names N=2^15, r=8, p=3).
_COST, _BLOCK, _TIMES = 2**15, 8, 3
_MEMORY = 64 * 1024 * 1024
_HASH = re.compile(r"scrypt:([\w+/=]{22,64}):([\w+/=]{40,90})")
_HEAD = "# Reviewers of ho-tracker: NAME:HASH, one a line. Written by: ho-tracker reviewers add NAME\n"


class AccountsError(TrackerError):
    """A name or password that cannot be used, or a file of them that cannot be read."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """The reviewers of a file: hashes by name."""

    hashes: dict[str, str]

    def matches(self, name: str, password: str) -> bool:
        """Says whether a name has this password; as long for a name that is not there."""
        held = self.hashes.get(name)
        right = _verify(password[:LONGEST_PASSWORD], held or _nobody())
        return right and held is not None

    def stamp(self, name: str) -> str | None:
        """Returns what a session carries of a reviewer; another password makes another. None for nobody."""
        held = self.hashes.get(name)
        return hashlib.sha256(held.encode()).hexdigest()[:16] if held else None


def read_accounts(path: Path) -> Accounts:
    """Returns the reviewers of a file; none where there is no file. Raises AccountsError for any other file."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Accounts({})
    except (OSError, UnicodeDecodeError) as error:
        raise AccountsError(f"{path}: the file of reviewers cannot be read; make it readable") from error
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, told = line.partition(":")
        if not _NAME.fullmatch(name) or not _HASH.fullmatch(told):
            raise AccountsError(f"{path}, line {number}: not NAME:HASH; remove the line and add the reviewer anew")
        found[name] = told
    return Accounts(found)


def add_account(path: Path, name: str, password: str) -> bool:
    """Adds a reviewer, or changes the password; returns whether the name is new. Raises AccountsError."""
    if not _NAME.fullmatch(name) or name.casefold() in _RESERVED:
        raise AccountsError(f"{name[:60]!r} is no name; use letters, digits, spaces, dots, hyphens (at most 60)")
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise AccountsError(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    accounts = read_accounts(path)
    new = name not in accounts.hashes
    _write(path, {**accounts.hashes, name: _hash(password)})
    return new


def remove_account(path: Path, name: str) -> None:
    """Removes a reviewer, whose decisions stay; raises AccountsError where there is none of this name."""
    accounts = read_accounts(path)
    if name not in accounts.hashes:
        raise AccountsError(f"{path}: there is no reviewer {name[:60]!r}; ho-tracker reviewers list names them")
    _write(path, {held: told for held, told in accounts.hashes.items() if held != name})


def _write(path: Path, hashes: dict[str, str]) -> None:
    """Writes the file whole, readable by its owner alone."""
    try:
        text = _HEAD + "".join(f"{name}:{told}\n" for name, told in sorted(hashes.items()))
        write_whole(path, text.encode(), 0o600)
    except OSError as error:
        raise AccountsError(f"{path}: cannot be written ({error.strerror}); make its folder writable") from error


def _hash(password: str, salt: bytes | None = None) -> str:
    salt = salt or secrets.token_bytes(16)
    derived = hashlib.scrypt(password.encode(), salt=salt, n=_COST, r=_BLOCK, p=_TIMES, maxmem=_MEMORY, dklen=32)
    return f"scrypt:{base64.b64encode(salt).decode()}:{base64.b64encode(derived).decode()}"


def _verify(password: str, held: str) -> bool:
    found = _HASH.fullmatch(held)
    if found is None:
        return False
    return secrets.compare_digest(_hash(password, base64.b64decode(found[1])), held)


def _nobody() -> str:
    return f"scrypt:{base64.b64encode(bytes(16)).decode()}:{base64.b64encode(bytes(32)).decode()}"
