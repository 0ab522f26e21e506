"""Sessions of the review page: Datasette's signed actor cookie with an end, its CSRF token, limits of what is tried.

The plugin `datasette-auth-passwords` would open its login and a password tool on every site it is installed beside, try
passwords sent with any request without a limit, and its cookie never ends; `datasette-auth-tokens` has no login for a
browser. So the login is ours, over `hashlib.scrypt`, and the rest is Datasette's: its signature, actors, permissions.
"""

import secrets
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from datasette.utils import baseconv
from datasette.utils.asgi import Forbidden, Request, Response

from db.site.page import public_address
from db.site.serving.desk import desk_of

COOKIE = "ds_actor"
#: Fields that a form may have.
_MOST_FIELDS = 30


def sign_in(datasette: Any, request: Request, response: Response, name: str) -> None:
    """Sets the signed cookie of a session that ends by itself."""
    desk = desk_of(datasette)
    actor = {"id": name, "reviewer": desk.accounts().stamp(name)}
    ends = int(time.time() + desk.hours * 3600)
    signed = datasette.sign({"a": actor, "e": baseconv.base62.encode(ends)}, "actor")
    _set(datasette, request, response, signed, int(desk.hours * 3600))


def sign_out(datasette: Any, request: Request, response: Response) -> None:
    """Takes the cookie away."""
    _set(datasette, request, response, "", 0)


def _set(datasette: Any, request: Request, response: Response, value: str, age: int) -> None:
    path = datasette.setting("base_url")
    response.set_cookie(COOKIE, value, max_age=age, path=path, secure=_is_https(datasette, request), httponly=True)


def _is_https(datasette: Any, request: Request) -> bool:
    public = public_address(datasette)
    return bool(request.scheme == "https" or (public and public.startswith("https:")))


async def read_fields(request: Request) -> dict[str, str]:
    """Returns the fields of a sent form, each once; raises Forbidden where its token is not the visitor's.

    Datasette's own check is passed over for these pages: it lets a request without cookies or with a bearer's header
    through, and fails on a token that is no ASCII. Here every form needs the token.
    """
    if not request.headers.get("content-type", "").lower().startswith("application/x-www-form-urlencoded"):
        raise Forbidden("Send the form as the page does.")
    body = await request.post_body()
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise Forbidden("The form could not be read; open the page again.") from error
    fields = {name: value.replace("\0", "") for name, value in pairs}
    token = str(request.scope["csrftoken"]())
    if not secrets.compare_digest(fields.get("csrftoken", "").encode(), token.encode()):
        raise Forbidden("The form was not sent from this site, or is too old; open the page again.")
    return fields


def safe_return(text: str, root: str) -> str | None:
    """Returns an address of this site to go back to, below `root`; None for any other."""
    if not text.startswith(f"{root}curate") or any(ord(char) < 33 or char == "\\" for char in text):
        return None
    parts = urlsplit(text)
    return text if not parts.scheme and not parts.netloc else None
