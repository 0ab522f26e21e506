"""Where the command's settings come from: option, else environment, else `ho-tracker.toml`, else default."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from db.errors import TrackerError
from db.topics import choose, current

EUTILS_URL = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"
FILE_NAME = "ho-tracker.toml"
#: A name and password in an address, which an error must not repeat.
_USER_INFO = re.compile(r"//[^/]*@")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_KEY = re.compile(r"[\w-]{8,100}", re.ASCII)
SHORTEST_SECRET = 32
_LOOPBACK = ("127.0.0.1", "localhost", "::1")

_ENVIRONMENT = {
    "db": "HO_TRACKER_DB",
    "site": "HO_TRACKER_SITE",
    "topic": "HO_TRACKER_TOPIC",
    "email": "NCBI_EMAIL",
    "api_key": "NCBI_API_KEY",
    "eutils_url": "HO_TRACKER_EUTILS_URL",
    "site_url": "HO_TRACKER_SITE_URL",
    "report_url": "HO_TRACKER_REPORT_URL",
    "searches": "HO_TRACKER_SEARCHES",
    "digests": "HO_TRACKER_DIGESTS",
    "smtp_url": "HO_TRACKER_SMTP_URL",
    "mail_from": "HO_TRACKER_MAIL_FROM",
    "unsubscribe": "HO_TRACKER_UNSUBSCRIBE",
    "review_secret": "HO_TRACKER_REVIEW_SECRET",
    "reviewers": "HO_TRACKER_REVIEWERS",
    "show_reviewers": "HO_TRACKER_SHOW_REVIEWERS",
}
#: Base addresses of the other services, by the names that `harvest.enrich.run` gives them; None means the usual one.
_SERVICES = {
    "trials": "HO_TRACKER_TRIALS_URL",
    "icite": "HO_TRACKER_ICITE_URL",
    "europe_pmc": "HO_TRACKER_EUROPEPMC_URL",
    "converter": "HO_TRACKER_IDCONV_URL",
    "unpaywall": "HO_TRACKER_UNPAYWALL_URL",
    "crossref": "HO_TRACKER_CROSSREF_URL",
    "retraction_watch": "HO_TRACKER_RETRACTION_WATCH_URL",
}
_ENVIRONMENT.update({f"{name}_url": variable for name, variable in _SERVICES.items()})


class SettingsError(TrackerError):
    """A setting that cannot be used, with the place it came from."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What every verb needs to know; the e-mail and the API key never appear in its printed form."""

    db: Path = field(default_factory=lambda: Path(f"{current().id}.db"))
    site: Path = Path("evidence.db")
    #: A topic folder, or the name of a bundled topic; None: the first bundled one.
    topic: str | None = None
    email: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    eutils_url: str = EUTILS_URL
    services: Mapping[str, str] = field(default_factory=dict)
    #: The public address of the site, and where its readers report a wrong reading.
    site_url: str | None = None
    report_url: str | None = None
    #: The file of saved searches, the folder for digests that are not sent (None: both beside the store), the mail
    #: server, which is read when a mail is sent, who mails are from, and by which addresses readers leave a search.
    searches_file: Path | None = None
    digests_folder: Path | None = None
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str | None = None
    unsubscribe: str | None = None
    #: What signs the sessions of the review page, which is off without it; who may use it; whether the site names them.
    review_secret: str | None = field(default=None, repr=False)
    reviewers: Path = Path("reviewers.txt")
    show_reviewers: bool = False

    @property
    def searches(self) -> Path:
        """The file of saved searches."""
        return self.searches_file or self.db.with_name("searches.toml")

    @property
    def digests(self) -> Path:
        """The folder for digests that are not sent."""
        return self.digests_folder or self.db.with_name("digests")

    @property
    def advice(self) -> tuple[str, ...]:
        """What should be set and is not, each in a line."""
        if self.email:
            return ()
        return ("NCBI_EMAIL is not set: with it NCBI can write to you before it blocks this address",)


def load_settings(
    options: Mapping[str, str | None] | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Settings:
    """Returns the settings in force, and puts the topic in force that they name.

    `options` are what the command line named (None where it did not), `environment` defaults to the process's,
    `folder` (the working folder) may hold `ho-tracker.toml`. Raises SettingsError for a file or value that is wrong,
    TopicError for a topic folder that is none.
    """
    environment = os.environ if environment is None else environment
    path = (folder or Path()) / FILE_NAME
    values: dict[str, str] = _from_file(path)
    for name, variable in _ENVIRONMENT.items():
        if value := environment.get(variable, "").strip():  # a key read from a file ends with a line break
            values[name] = value
    values.update({name: value for name, value in (options or {}).items() if value})
    topic = choose(values.get("topic"))
    settings = Settings(
        db=Path(values.get("db") or f"{topic.id}.db"),
        site=Path(values.get("site", "evidence.db")),
        topic=values.get("topic"),
        email=values.get("email"),
        api_key=values.get("api_key"),
        eutils_url=values.get("eutils_url", EUTILS_URL),
        services={name: values[f"{name}_url"] for name in _SERVICES if f"{name}_url" in values},
        site_url=values.get("site_url"),
        report_url=values.get("report_url"),
        searches_file=Path(values["searches"]) if "searches" in values else None,
        digests_folder=Path(values["digests"]) if "digests" in values else None,
        smtp_url=values.get("smtp_url"),
        mail_from=values.get("mail_from"),
        unsubscribe=values.get("unsubscribe"),
        review_secret=values.get("review_secret"),
        reviewers=Path(values.get("reviewers", "reviewers.txt")),
        show_reviewers=_yes_or_no(values.get("show_reviewers", "no")),
    )
    for name, url in settings.services.items():
        _check_address(url, _SERVICES[name], f"{name}_url")
    if settings.site_url is not None:
        _check_address(settings.site_url, _ENVIRONMENT["site_url"], "site_url")
    _check_report_url(settings.report_url)
    _check_url(settings.eutils_url)
    _check_identity(settings)
    _check_secret(settings.review_secret)
    return settings


def _check_secret(secret: str | None) -> None:
    """Raises SettingsError for a secret that could be guessed, without repeating it."""
    if secret is not None and len(secret) < SHORTEST_SECRET:
        raise SettingsError(
            f"HO_TRACKER_REVIEW_SECRET (or review_secret in ho-tracker.toml) is shorter than {SHORTEST_SECRET} "
            "characters; make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"
        )


def _yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise SettingsError(
            "HO_TRACKER_SHOW_REVIEWERS (or show_reviewers in ho-tracker.toml) is neither yes nor no; write one of them"
        )
    return text == "yes"


def _check_identity(settings: Settings) -> None:
    """Raises SettingsError for an e-mail or key that cannot be one, without repeating it."""
    if settings.email is not None and not _EMAIL.fullmatch(settings.email):
        raise SettingsError(
            "NCBI_EMAIL (or email in ho-tracker.toml) is no e-mail address; write one as me@example.org"
        )
    if settings.api_key is None:
        return
    if not _KEY.fullmatch(settings.api_key):
        raise SettingsError(
            "NCBI_API_KEY (or api_key in ho-tracker.toml) has characters that no key has; copy it again"
        )
    parts = urlsplit(settings.eutils_url)
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise SettingsError("an API key is not sent over http, where others can read it; use an https address")


def _from_file(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read as TOML ({error}); correct it or remove it") from error
    for name, value in values.items():
        if name not in _ENVIRONMENT:
            raise SettingsError(f"{path}: unknown setting {name!r}; known are {', '.join(sorted(_ENVIRONMENT))}")
        if not isinstance(value, str):
            raise SettingsError(f"{path}: {name} must be a text in quotes")
    return values


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that do not close, a port that is none
        usable = False
    if not usable or not url.endswith("/entrez/eutils/") or any(char in url for char in "?# "):
        shown = _USER_INFO.sub("//", url)
        raise SettingsError(
            f"the E-utilities address {shown!r} is not usable; it must be an http(s) address that ends in "
            "/entrez/eutils/; correct HO_TRACKER_EUTILS_URL or eutils_url in ho-tracker.toml"
        )


def _check_report_url(url: str | None) -> None:
    if url is not None and not url.startswith(("mailto:", "https://", "http://")):
        raise SettingsError(
            "the address for reports is not usable; it must begin with mailto: or https:; "
            f"correct {_ENVIRONMENT['report_url']} or report_url in ho-tracker.toml"
        )


def _check_address(url: str, variable: str, name: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that do not close, a port that is none
        usable = False
    if not usable or "@" in url or any(char in url for char in "?# "):
        shown = _USER_INFO.sub("//", url)
        raise SettingsError(
            f"the address {shown!r} is not usable; it must be an http(s) address without a query; "
            f"correct {variable} or {name} in ho-tracker.toml"
        )
