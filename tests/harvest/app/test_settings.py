"""Settings: option before environment before file before default; secrets never shown."""

from pathlib import Path

import pytest

from db.topics import TopicError, choose, current
from harvest.app.settings import EUTILS_URL, SettingsError, load_settings
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
