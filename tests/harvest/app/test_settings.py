"""Settings: option before environment before file before default; secrets never shown."""

from collections.abc import Callable
from pathlib import Path

import pytest

from db.topics import TopicError, choose, current
from harvest.app.settings import _ENVIRONMENT, EUTILS_URL, SHORTEST_SECRET, Settings, SettingsError, load_settings
from tests.support.topics import topic_folder


def test_defaults(tmp_path: Path) -> None:
    settings = load_settings(environment={}, folder=tmp_path)
    assert (settings.db, settings.site, settings.eutils_url) == (Path("ho.db"), Path("evidence.db"), EUTILS_URL)


def test_option_wins_over_environment_over_file(tmp_path: Path) -> None:
    (tmp_path / "ho-tracker.toml").write_text('db = "file.db"\nsite = "file-site.db"\nemail = "file@example.org"\n')
    environment = {"HO_TRACKER_DB": "environment.db", "HO_TRACKER_SITE": "environment-site.db"}
    settings = load_settings({"db": "option.db", "site": None}, environment, tmp_path)
    assert (str(settings.db), str(settings.site)) == ("option.db", "environment-site.db")
    assert settings.email == "file@example.org"


#: Each setting by its variable: a value of its own, and where it is found again.
FOUND: dict[str, tuple[str, Callable[[Settings], object]]] = {
    "HO_TRACKER_DB": ("a.db", lambda s: str(s.db)),
    "HO_TRACKER_SITE": ("b.db", lambda s: str(s.site)),
    "HO_TRACKER_TOPIC": ("ho", lambda s: s.topic),
    "NCBI_EMAIL": ("c@example.org", lambda s: s.email),
    "NCBI_API_KEY": ("d" * 36, lambda s: s.api_key),
    "HO_TRACKER_EUTILS_URL": ("https://e.example/entrez/eutils/", lambda s: s.eutils_url),
    "HO_TRACKER_SITE_URL": ("https://f.example", lambda s: s.site_url),
    "HO_TRACKER_REPORT_URL": ("mailto:g@example.org", lambda s: s.report_url),
    "HO_TRACKER_SEARCHES": ("h.toml", lambda s: str(s.searches)),
    "HO_TRACKER_DIGESTS": ("i", lambda s: str(s.digests)),
    "HO_TRACKER_SMTP_URL": ("smtp://j.example", lambda s: s.smtp_url),
    "HO_TRACKER_MAIL_FROM": ("k@example.org", lambda s: s.mail_from),
    "HO_TRACKER_UNSUBSCRIBE": ("https://l.example", lambda s: s.unsubscribe),
    "HO_TRACKER_REVIEW_SECRET": ("m" * SHORTEST_SECRET, lambda s: s.review_secret),
    "HO_TRACKER_REVIEWERS": ("n.txt", lambda s: str(s.reviewers)),
    "HO_TRACKER_SHOW_REVIEWERS": ("yes", lambda s: {True: "yes", False: "no"}[s.show_reviewers]),
    "HO_TRACKER_TRIALS_URL": ("https://o.example", lambda s: s.services["trials"]),
    "HO_TRACKER_ICITE_URL": ("https://p.example", lambda s: s.services["icite"]),
    "HO_TRACKER_EUROPEPMC_URL": ("https://q.example", lambda s: s.services["europe_pmc"]),
    "HO_TRACKER_IDCONV_URL": ("https://r.example", lambda s: s.services["converter"]),
    "HO_TRACKER_UNPAYWALL_URL": ("https://s.example", lambda s: s.services["unpaywall"]),
    "HO_TRACKER_CROSSREF_URL": ("https://t.example", lambda s: s.services["crossref"]),
    "HO_TRACKER_RETRACTION_WATCH_URL": ("https://u.example", lambda s: s.services["retraction_watch"]),
}


def test_each_setting_is_found_under_its_own_name(tmp_path: Path) -> None:
    assert set(FOUND) == set(_ENVIRONMENT.values())
    environment = {variable: value for variable, (value, _) in FOUND.items()}
    settings = load_settings({}, environment, tmp_path)
    assert {variable: find(settings) for variable, (_, find) in FOUND.items()} == environment
    shown = repr(settings)
    assert not [secret for secret in ("c@example", "d" * 36, "j.example", "m" * SHORTEST_SECRET) if secret in shown]
    usual = load_settings({}, {}, tmp_path)
    assert (usual.searches, usual.digests) == (Path("searches.toml"), Path("digests"))
    assert (usual.services, usual.show_reviewers, usual.review_secret, usual.smtp_url) == ({}, False, None, None)


REFUSED = ("ftp://x", "https://me@x", "https://x?a", "https://x:0", "https://[")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HO_TRACKER_REVIEW_SECRET", "m" * (SHORTEST_SECRET - 1)),
        ("HO_TRACKER_SHOW_REVIEWERS", "true"),
        ("NCBI_API_KEY", "d" * 7),
        ("NCBI_API_KEY", "d" * 101),
        *(("HO_TRACKER_CROSSREF_URL", url) for url in REFUSED),
        *(("HO_TRACKER_SITE_URL", url) for url in REFUSED),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_its_name(tmp_path: Path, variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable) as caught:
        load_settings({}, {variable: value}, tmp_path)
    assert "m" * 20 not in str(caught.value)
    assert "me@" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_a_key_may_be_sent_to_this_machine_without_tls(tmp_path: Path, host: str) -> None:
    environment = {"NCBI_API_KEY": "d" * 8, "HO_TRACKER_EUTILS_URL": f"http://{host}/entrez/eutils/"}
    assert load_settings({}, environment, tmp_path).api_key == "d" * 8


def test_line_breaks_around_a_value_are_no_part_of_it(tmp_path: Path) -> None:
    environment = {"NCBI_API_KEY": "0123secret\n", "HO_TRACKER_DB": " "}
    settings = load_settings(environment=environment, folder=tmp_path)
    assert (settings.api_key, settings.db) == ("0123secret", Path("ho.db"))


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    environment = {"NCBI_API_KEY": "0123secret", "NCBI_EMAIL": "me@example.org"}
    settings = load_settings(environment=environment, folder=tmp_path)
    assert settings.api_key == "0123secret"
    assert "0123secret" not in repr(settings)
    assert "me@example.org" not in repr(settings)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x/entrez/eutils/",
        "http:///entrez/eutils/",
        "http://host/entrez/eutils",
        "http://host/",
        "nonsense",
        "http://[::1/entrez/eutils/",
        "http://host:99999/entrez/eutils/",
        "http://host/?x=/entrez/eutils/",
        "http://me:password@host/entrez/eutils",
    ],
)
def test_an_unusable_address_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="must be an http") as caught:
        load_settings(environment={"HO_TRACKER_EUTILS_URL": url}, folder=tmp_path)
    assert "password" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [("db = ", "TOML"), ('colour = "red"', "unknown setting 'colour'"), ("db = 1", "text in quotes")],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "ho-tracker.toml").write_text(text)
    with pytest.raises(SettingsError, match=message):
        load_settings(environment={}, folder=tmp_path)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"NCBI_EMAIL": "notanemail"}, "NCBI_EMAIL"),
        ({"NCBI_EMAIL": "a b@example.org"}, "NCBI_EMAIL"),
        ({"NCBI_API_KEY": "0123 secret"}, "NCBI_API_KEY"),
        ({"NCBI_API_KEY": "0123secret", "HO_TRACKER_EUTILS_URL": "http://host/entrez/eutils/"}, "not sent over http"),
    ],
)
def test_an_e_mail_or_key_that_cannot_be_one_is_refused_and_not_repeated(
    tmp_path: Path, environment: dict[str, str], said: str
) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        load_settings(environment=environment, folder=tmp_path)
    assert not [value for value in environment.values() if value in str(caught.value)]


def test_that_no_e_mail_is_set_is_said(tmp_path: Path) -> None:
    assert "NCBI_EMAIL is not set" in load_settings(environment={}, folder=tmp_path).advice[0]
    assert load_settings(environment={"NCBI_EMAIL": "me@example.org"}, folder=tmp_path).advice == ()


def test_the_addresses_of_the_site_are_settings(tmp_path: Path) -> None:
    (tmp_path / "ho-tracker.toml").write_text('report_url = "mailto:readings@ho.example"\n')
    settings = load_settings(environment={"HO_TRACKER_SITE_URL": "https://ho.example/"}, folder=tmp_path)
    assert (settings.site_url, settings.report_url) == ("https://ho.example/", "mailto:readings@ho.example")


@pytest.mark.parametrize("variable", ["HO_TRACKER_SITE_URL", "HO_TRACKER_REPORT_URL"])
def test_an_address_of_the_site_that_runs_script_is_refused(variable: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=variable):
        load_settings(environment={variable: "javascript:alert(1)"}, folder=tmp_path)


def test_the_topic_is_put_in_force_and_names_the_store(tmp_path: Path) -> None:
    topic_folder(tmp_path / "gout")
    (tmp_path / "ho-tracker.toml").write_text(f'topic = "{tmp_path / "gout"}"\n', encoding="utf-8")
    try:
        settings = load_settings({}, {}, tmp_path)
        assert (settings.db, settings.topic, current().id) == (Path("gout.db"), str(tmp_path / "gout"), "gout")
        usual = load_settings({}, {"HO_TRACKER_TOPIC": "ho"}, tmp_path)
        assert (usual.db, current().id) == (Path("ho.db"), "ho")
        named = load_settings({"topic": str(tmp_path / "gout"), "db": "x.db"}, {"HO_TRACKER_TOPIC": "ho"}, tmp_path)
        assert (named.db, current().id) == (Path("x.db"), "gout")
    finally:
        choose()


def test_a_topic_that_is_none_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(TopicError, match="no such topic folder"):
        load_settings({"topic": str(tmp_path / "nowhere")}, {}, tmp_path)
