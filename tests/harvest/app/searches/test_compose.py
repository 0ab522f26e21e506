"""Who mails are from, how a reader leaves, and what files are called: nothing that could end a header or a folder."""

from email.utils import parseaddr

import pytest

from harvest.app.searches.compose import file_stem, leaving, mail_sender
from harvest.app.settings import Settings
from harvest.mail.address import MailAddressError


@pytest.mark.parametrize("said", ["ada@example.org", "Ada <ada@example.org>"])
def test_who_mails_are_from(said: str) -> None:
    assert parseaddr(mail_sender(Settings(mail_from=said)))[1] == "ada@example.org"
    assert mail_sender(Settings(mail_from=said)).isascii()


@pytest.mark.parametrize("said", ["Adä <ada@example.org>", "Ada\nBcc: eve@example.org <ada@example.org>", "nobody"])
def test_a_sender_that_cannot_stand_in_a_header_is_refused(said: str) -> None:
    with pytest.raises(MailAddressError):
        mail_sender(Settings(mail_from=said))
    with pytest.raises(MailAddressError, match="HO_TRACKER_MAIL_FROM"):
        mail_sender(Settings(smtp_url="smtp://x"))


@pytest.mark.parametrize("way", ["http://x", "javascript:x", 'mailto:a"b', "mailto:a<b>", "mailto:a,b", "https://ä"])
def test_a_way_to_leave_that_cannot_stand_in_a_header_is_refused(way: str) -> None:
    with pytest.raises(MailAddressError, match="HO_TRACKER_UNSUBSCRIBE"):
        leaving(Settings(unsubscribe=way), "ada@example.org")
    assert leaving(Settings(), "Ada <ada@example.org>") == ("mailto:ada@example.org?subject=unsubscribe%20{list}",)


def test_a_file_of_a_search_stays_in_its_folder() -> None:
    names = ("drugs & bone", "../../etc", "...", "a/b\\c")
    assert [file_stem(name) for name in names] == ["drugs-bone", "etc", "search", "a-b-c"]
