"""The ready files for administrators: they call verbs that exist, read the settings, and fit each other."""

import re
from configparser import ConfigParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from harvest.app.cli import VERBS, main

DOCS = Path(__file__).parent.parent / "docs"
SERVICES = sorted((DOCS / "systemd").glob("*.service"))


def unit(path: Path) -> ConfigParser:
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(path.read_text(encoding="utf-8"))
    return parser


def called() -> list[list[str]]:
    """The words behind `ho-tracker` in every line that a ready file runs."""
    lines = [unit(path)["Service"]["ExecStart"].split("/ho-tracker ", 1)[1] for path in SERVICES]
    cron = (DOCS / "cron" / "ho-tracker").read_text(encoding="utf-8")
    lines += re.findall(r"&& ho-tracker (.+)$", cron, re.MULTILINE)
    container = (DOCS / "container" / "Containerfile").read_text(encoding="utf-8")
    lines.append(" ".join(re.findall(r'"([^"]+)"', container.rsplit("CMD", 1)[1])))
    return [line.split() for line in lines]


def test_there_are_ready_files() -> None:
    assert len(SERVICES) == 3
    assert len(called()) == 7


@pytest.mark.parametrize("words", called(), ids=" ".join)
def test_what_they_run_is_a_verb_with_its_options(words: list[str]) -> None:
    verb = next(word for word in words if not word.startswith("-"))
    assert any(verb in verbs for verbs in VERBS.values())
    said = CliRunner().invoke(main, [verb, "--help"]).output
    for option in (word for word in words[words.index(verb) :] if word.startswith("-")):
        assert option in said


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_every_unit_has_the_settings_and_no_more_rights_than_it_needs(path: Path) -> None:
    service = unit(path)["Service"]
    assert service["EnvironmentFile"] == "-/etc/ho-tracker.env"
    assert service["User"] == "ho-tracker"
    assert service["ReadWritePaths"] == service["WorkingDirectory"] == "/var/lib/ho-tracker"
    assert (service["ProtectSystem"], service["NoNewPrivileges"]) == ("strict", "yes")


def test_a_night_in_part_or_postponed_is_no_failed_unit_and_others_are_heard_of() -> None:
    night = unit(DOCS / "systemd" / "ho-tracker-nightly.service")
    assert night["Service"]["SuccessExitStatus"].split() == ["2", "75"]
    assert night["Unit"]["OnFailure"] == "ho-tracker-status.service"
    for timer in (DOCS / "systemd").glob("*.timer"):
        assert timer.with_suffix(".service").exists()
        assert unit(timer)["Install"]["WantedBy"] == "timers.target"


def test_nginx_passes_on_to_where_the_site_is_served() -> None:
    text = (DOCS / "nginx" / "ho-tracker.conf").read_text(encoding="utf-8")
    served = unit(DOCS / "systemd" / "ho-tracker-site.service")["Service"]["ExecStart"]
    port = re.search(r"--port (\d+)", served)
    assert port
    assert set(re.findall(r"proxy_pass http://127\.0\.0\.1:(\d+);", text)) == {port[1]}
    live = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    assert live.count("{") == live.count("}")
    assert all(line.rstrip()[-1] in ";{}" for line in live.splitlines() if line.strip())


def test_the_container_is_built_from_the_lock_without_a_network() -> None:
    text = (DOCS / "container" / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    installs = [line for line in re.split(r"&&|RUN", text) if "pip install" in line]
    assert len(installs) == 2
    assert all("--no-index" in line for line in installs)
    assert "--require-hashes -r requirements.lock" in installs[0]
    assert "--no-deps --no-build-isolation" in installs[1]
