"""The verbs searches and digest over the bundled sample: added, listed, looked at, sent, removed."""

import email
import json
import shutil
from email.policy import default
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harvest.app.cli import main
from tests.harvest.app.conftest import TaggedSample
from tests.support.mail_server import mail_server

COX = "/articles?intervention=indomethacin"


@pytest.fixture
def folder(tagged_sample: TaggedSample, tmp_path: Path) -> Path:
    shutil.copy(tagged_sample.path, tmp_path / "ho.db")
    return tmp_path


def run(folder: Path, *words: str, **environment: str) -> Result:
    env = {"HO_TRACKER_SMTP_URL": "", "NCBI_EMAIL": "", **environment}
    return CliRunner().invoke(main, ["--db", str(folder / "ho.db"), *words], env=env)


def test_a_search_is_added_listed_looked_at_and_removed(folder: Path) -> None:
    assert run(folder, "searches", "list").stdout.startswith("0 saved searches")
    added = run(folder, "searches", "add", "cox", COX, "--who", "ada@example.org", "--when", "daily")
    assert added.exit_code == 0
    assert f'name = "cox"\naddress = "{COX}"\nwho = ["ada@example.org"]\nwhen = "daily"' in added.stdout
    assert run(folder, "searches", "add", "cox", COX).exit_code == 1
    assert "did you mean" in run(folder, "searches", "add", "x", "/articles?intervention=indometacinn").stderr
    listed = json.loads(run(folder, "searches", "list", "--json").stdout)
    assert [(search["name"], search["holds"]) for search in listed["searches"]] == [("cox", 15)]
    assert "for ada@example.org to the folder: HO_TRACKER_SMTP_URL is not set" in run(folder, "searches", "list").stdout
    smtp = "smtp://127.0.0.1:9"
    assert "mail to ada@example.org\n" in run(folder, "searches", "list", HO_TRACKER_SMTP_URL=smtp).stdout
    before = (folder / "ho.db").read_bytes()
    tested = run(folder, "searches", "test", "cox")
    assert tested.exit_code == 0
    assert "daily, mail, to the folder" in tested.stdout
    assert f"{COX} (15 articles now)" in tested.stdout
    assert "New (15)" in tested.stdout
    assert json.loads(run(folder, "searches", "test", "cox", "--format", "json").stdout)["counts"]["new"] == 15
    assert run(folder, "digest", "--search", "cox").stdout in tested.stdout
    assert (folder / "ho.db").read_bytes() == before
    assert not (folder / "digests").exists()
    assert run(folder, "searches", "test", "cocks").exit_code == 1
    left = run(folder, "searches", "leave", "ada@example.org")
    assert (left.exit_code, left.stdout) == (0, "ada@example.org is no longer told by cox\n")
    assert run(folder, "searches", "leave", "ada@example.org").exit_code == 1
    assert run(folder, "searches", "remove", "cox").exit_code == 0
    assert run(folder, "searches", "remove", "cox").exit_code == 1


def test_a_list_of_trials_is_saved_and_what_is_not_in_the_store_is_said(folder: Path) -> None:
    assert run(folder, "searches", "add", "norway", "/trials?status=recruiting&country=Norwy").exit_code == 0
    wrong = run(folder, "searches", "add", "x", "/trials?intervention=indometacinn")
    assert (wrong.exit_code, "did you mean" in wrong.stderr) == (1, True)
    with (folder / "searches.toml").open("a") as file:
        file.write('\n[[search]]\nname = "drug"\naddress = "/trials?intervention=indometacinn"\n')
        file.write('\n[[search]]\nname = "old"\naddress = "/articles?intervention=indometacinn"\n')
    listed = run(folder, "searches", "list")
    assert listed.exit_code == 2
    assert "/trials?status=recruiting&country=Norwy (0 trials now)" in listed.stdout
    assert "saved search “drug”: there is no intervention “indometacinn”; did you mean" in listed.stdout
    assert "saved search “old”: there is no intervention “indometacinn”; did you mean" in listed.stdout
    assert "(0 trials now)" in run(folder, "searches", "test", "norway").stdout


def test_a_bad_entry_is_said_and_stops_no_other(folder: Path) -> None:
    run(folder, "searches", "add", "cox", COX, "--when", "daily")
    with (folder / "searches.toml").open("a") as file:
        file.write('\n[[search]]\nname = "broken"\naddress = "/nothing"\n')
    listed = run(folder, "searches", "list")
    assert listed.exit_code == 2
    assert "saved search “broken”: “/nothing” is not the address of a list" in listed.stdout
    sent = run(folder, "digest", "--mail")
    assert sent.exit_code == 2
    assert "cox: 15 new" in sent.stdout
    assert len(list((folder / "digests").iterdir())) == 1
    assert "“broken”" in run(folder, "status").stdout
    assert "is not the address of a list" in run(folder, "digest", "--search", "broken").stderr


def test_a_digest_is_sent_marked_or_written_as_a_mail(folder: Path) -> None:
    run(folder, "searches", "add", "cox", COX, "--who", "ada@example.org", "--when", "monthly 1")
    mail = run(folder, "digest", "--search", "cox", "--format", "eml")
    assert email.message_from_bytes(mail.stdout_bytes, policy=default)["To"] == "ada@example.org"
    assert "You get this for the saved search" in mail.stdout
    assert "The search:" not in mail.stdout  # no address of a site is set
    named = run(folder, "digest", "--search", "cox", "--format", "eml", HO_TRACKER_SITE_URL="https://ho.example")
    assert "The search: https://ho.example/searches/cox" in named.stdout
    with mail_server() as world:
        settings = {"HO_TRACKER_SMTP_URL": world.url, "HO_TRACKER_MAIL_FROM": "ho@example.org"}
        assert run(folder, "digest", "--mail", **settings).stdout.startswith("cox: not yet due")
        nobody = run(folder, "digest", "--search", "cox", "--mail", HO_TRACKER_SMTP_URL=world.url)
        assert nobody.exit_code == 1
        assert "HO_TRACKER_MAIL_FROM" in nobody.stderr
        sent = run(folder, "digest", "--search", "cox", "--mail", **settings)
        assert (sent.exit_code, sent.stdout) == (0, "cox: 15 new\n1 sent by mail\n")
        assert run(folder, "digest", "--search", "cox", "--mail", **settings).exit_code == 0
    assert [taken.recipient for taken in world.taken] == ["ada@example.org"]
    assert "nothing changed" in run(folder, "digest", "--search", "cox").stdout
    run(folder, "searches", "add", "all", "/articles")
    assert "New (" in run(folder, "digest", "--search", "all", "--mark").stdout
    assert "nothing changed" in run(folder, "digest", "--search", "all").stdout
    assert "New (15)" in run(folder, "digest", "--search", "cox", "--since", "2020-01-01").stdout


@pytest.mark.parametrize(
    "words",
    [
        ("--mail", "--mark"),
        ("--mail", "--since", "1"),
        ("--format", "eml"),
        ("--search", "missing"),
        ("--format", "pdf"),
    ],
)
def test_wrong_use_is_one_line(folder: Path, words: tuple[str, ...]) -> None:
    result = run(folder, "digest", *words)
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1
