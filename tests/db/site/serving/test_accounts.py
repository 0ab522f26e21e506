"""Reviewers: which names and passwords there may be, how a password is kept, and what a broken file is told."""

import asyncio
import hashlib
import runpy
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from db.site.serving import accounts
from db.site.serving.accounts import Accounts, AccountsError, add_account, read_accounts, remove_account
from db.site.serving.desk import ReviewDesk, SignInError
from db.site.serving.limits import RateLimit

PASSWORD = "correct horse battery"  # noqa: S105


def test_a_password_is_kept_as_owasp_wants_it() -> None:
    as_served = runpy.run_path(accounts.__file__)  # elsewhere tests make hashes lighter
    _, salt, kept = as_served["_hash"](PASSWORD).split(":")
    expected = hashlib.scrypt(PASSWORD.encode(), salt=b64decode(salt), n=2**15, r=8, p=3, maxmem=2**26, dklen=32)
    assert b64decode(kept) == expected
    assert len(b64decode(salt)) == 16


@pytest.mark.parametrize(("length", "taken"), [(11, False), (12, True), (200, True), (201, False)])
def test_a_password_may_be_so_long(tmp_path: Path, length: int, taken: bool) -> None:
    path = tmp_path / "people"
    if taken:
        add_account(path, "ada", "x" * length)
        held = read_accounts(path)
        assert held.matches("ada", "x" * length)
        assert not held.matches("ada", "x" * (length - 1))
    else:
        with pytest.raises(AccountsError, match="12 to 200 characters"):
            add_account(path, "ada", "x" * length)
        assert not path.exists()


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("ada", True), ("Ada L. Lovelace-King", True), ("Ünal", True), ("7", True), ("x" * 60, True), ("x" * 61, False),
        ("ada ", False), (" ada", False), ("a:b", False), ("a\nb", False), ("-a", False), ("_a", False), ("a/b", False),
        ("", False), ("root", False), ("ROOT", False), ("rooted", True),
    ],
)  # fmt: skip
def test_a_name_is_no_sign_of_the_file_nor_of_datasette(tmp_path: Path, name: str, taken: bool) -> None:
    path = tmp_path / "people"
    if taken:
        assert add_account(path, name, PASSWORD)
        assert list(read_accounts(path).hashes) == [name]
    else:
        with pytest.raises(AccountsError, match="is no name"):
            add_account(path, name, PASSWORD)


def test_a_session_carries_what_another_password_changes(tmp_path: Path) -> None:
    path = tmp_path / "people"
    add_account(path, "bea", PASSWORD)
    add_account(path, "ada", PASSWORD)
    first = read_accounts(path)
    assert len({first.stamp("ada"), first.stamp("bea"), None}) == 3
    assert first.stamp("eve") is None
    assert not first.matches("eve", PASSWORD)
    add_account(path, "ada", PASSWORD + "2")
    assert read_accounts(path).stamp("ada") != first.stamp("ada")
    assert read_accounts(path).stamp("bea") == first.stamp("bea")
    remove_account(path, "ada")
    assert list(read_accounts(path).hashes) == ["bea"]
    assert path.read_text().startswith("# Reviewers of ho-tracker")


@pytest.mark.parametrize("name", ["ada", "eve"])
def test_a_name_that_is_not_there_takes_as_long_as_one_that_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = tmp_path / "people"
    add_account(path, "ada", PASSWORD)
    held, work = read_accounts(path), []

    def scrypt(password: bytes, **asked: Any) -> bytes:
        work.append({**asked, "salt": len(asked["salt"]), "password": len(password)})
        return bytes(32)

    monkeypatch.setattr(hashlib, "scrypt", scrypt)
    assert not held.matches(name, "x" * 900)
    assert work == [{"salt": 16, "n": accounts._COST, "r": 8, "p": 3, "maxmem": 2**26, "dklen": 32, "password": 200}]


async def test_wrong_passwords_from_a_known_place_count_for_the_name_as_well(tmp_path: Path) -> None:
    path = tmp_path / "people"
    add_account(path, "ada", PASSWORD)
    desk = ReviewDesk(tmp_path, "secret", path)
    desk.tries = {**desk.tries, "name": RateLimit(2, 900)}
    await desk.check("ada", PASSWORD, "192.0.2.1")
    for _ in range(2):
        with pytest.raises(SignInError, match="no reviewer"):
            await desk.check("ada", "wrong password", "192.0.2.1")
    with pytest.raises(SignInError, match="too many"):
        await desk.check("ada", PASSWORD, "198.51.100.1")


def test_blank_lines_and_notes_are_passed_over_and_a_broken_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "people"
    add_account(path, "ada", PASSWORD)
    path.write_text("# ours\n\n" + path.read_text() + "\n \n")
    assert list(read_accounts(path).hashes) == ["ada"]
    assert read_accounts(tmp_path / "missing") == Accounts({})
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(AccountsError, match="cannot be read; make it readable"):
        read_accounts(path)
    for line in ("ada:x", ":scrypt:a:b", "ada:scrypt:" + "A" * 22 + ":" + "A" * 39, "ada"):
        path.write_text(f"# head\n{line}\n")
        with pytest.raises(AccountsError, match="line 2: not NAME:HASH"):
            read_accounts(path)
    with pytest.raises(AccountsError, match="cannot be written"):
        add_account(tmp_path / "no" / "people", "ada", PASSWORD)
    assert not Accounts({"ada": "no hash"}).matches("ada", PASSWORD)


def test_a_desk_whose_file_is_gone_knows_nobody(tmp_path: Path) -> None:
    path = tmp_path / "people"
    path.write_text("ada:scrypt:" + "A" * 24 + ":" + "A" * 44 + "\n")
    desk = ReviewDesk(tmp_path, "secret", path)
    assert list(desk.accounts().hashes) == ["ada"]
    path.unlink()
    assert desk.accounts() == Accounts({})


async def test_the_right_password_makes_the_wrong_ones_before_it_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "people"
    add_account(path, "ada", PASSWORD)
    desk = ReviewDesk(tmp_path, "secret", path)
    desk.tries = {**desk.tries, "pair": RateLimit(2, 900)}
    for _ in range(3):
        with pytest.raises(SignInError, match="no reviewer"):
            await desk.check("ada", "wrong password", "192.0.2.1")
        await desk.check("ada", PASSWORD, "192.0.2.1")


@pytest.mark.parametrize(("of", "most"), [("pair", 5), ("address", 20), ("name", 50), ("all", 300)])
async def test_passwords_tried_at_the_same_time_are_counted_one_by_one(tmp_path: Path, of: str, most: int) -> None:
    desk = ReviewDesk(tmp_path, "secret", tmp_path / "none")
    assert desk.tries[of].most == most
    desk.tries = {name: RateLimit(3 if name == of else 99, 900) for name in desk.tries}
    names = [f"{'ada' if of in ('pair', 'name') else n}" for n in range(9)]
    places = [f"192.0.2.{7 if of in ('pair', 'address') else n}" for n in range(9)]
    tried = await asyncio.gather(
        *(desk.check(name, "wrong password", place) for name, place in zip(names, places, strict=True)),
        return_exceptions=True,
    )
    assert [str(error).partition(" ")[0] for error in tried] == ["no"] * 3 + ["too"] * 6
    assert all(str(error).endswith("try again in 15 minutes") for error in tried[3:])
