"""The pages of a folder of bags, served to the browser of this machine alone, where decisions are saved at once.

Whoever else can reach the port is kept out three times: only the loopback interface listens, the address holds a random
token, and a request names the host and the origin that this server has. So another page in the same browser can neither
read what lies here (a name that was made to point here, DNS rebinding) nor post to it (cross-site request forgery).
"""

from __future__ import annotations

import hmac
import json
import mimetypes
import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from restoration.decision_files import BadDecisionFile, parse_decisions, write_decisions
from restoration.decisions import review_state
from restoration.errors import RestorationError
from restoration.package import LOG
from restoration.record import read
from restoration.room.item import decisions_of

LOOPBACK = "127.0.0.1"
BEARER = "Bearer "
DECISIONS, ITEM = "decisions", "item.js"
ROOMS = "listening-room"
MOST_BYTES = 8 * 2**20
"""Of what a page may post: a region to repair brings its mask."""
TEXTUAL = {".js": "text/javascript", ".json": "application/json", ".html": "text/html", ".css": "text/css"}
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""No copy of what was seen, no guess of a type, no frame around a page, no address (it holds the token) given away."""
Decided = Callable[[Path], str]
"""Called with the folder when something was decided; a sentence about what came of it, or nothing."""


class Refused(Exception):
    """A request that is not answered; ``status`` and ``reason`` are what is said instead."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        self.status, self.reason = status, reason
        super().__init__(reason)


class RoomServer(ThreadingHTTPServer):
    """Serves ``out`` on the loopback interface; port 0 takes one that is free."""

    daemon_threads = True

    def __init__(self, out: Path, port: int = 0, decided: Decided | None = None) -> None:
        self.out, self.decided = out.resolve(), decided
        self.token = secrets.token_urlsafe(24)
        super().__init__((LOOPBACK, port), _Request)

    @property
    def hosts(self) -> tuple[str, ...]:
        """What a browser calls this server."""
        return f"{LOOPBACK}:{self.server_port}", f"localhost:{self.server_port}"

    @property
    def address(self) -> str:
        """Where the batch page is."""
        return f"http://{self.hosts[0]}/{self.token}/index.html"

    def handed_to_page(self) -> dict[str, str]:
        """What a page needs to save a decision: where to post it, and the token for the header."""
        return {"url": f"/{self.token}/{DECISIONS}", "token": self.token}


def serve(out: Path, port: int = 0, decided: Decided | None = None, told: Callable[[str], None] = print) -> None:
    """Serve a folder of bags with their pages until the program is interrupted; ``told`` hears the address.

    Raises:
        RestorationError: the port is taken, or the folder is not there.
    """
    if not out.is_dir():
        raise RestorationError(f"{out}: is no folder of bags")
    try:
        server = RoomServer(out, port, decided)
    except OSError as error:
        raise RestorationError(f"port {port} cannot be had ({error.strerror}); port 0 takes a free one") from error
    with server:
        told(server.address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            told("closed")


class _Request(BaseHTTPRequestHandler):
    server: RoomServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "heritage-voice", ""
    timeout = 60

    def do_GET(self) -> None:
        self._answered(self._page)

    def do_POST(self) -> None:
        self._answered(self._save)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the address of every request holds the token."""

    def _answered(self, work: Callable[[], None]) -> None:
        try:
            self._check_host()
            work()
        except Refused as error:
            # What was not read of a body must not be taken for the next request.
            self.close_connection = True
            self._send_problems(error.status, [error.reason])

    def _check_host(self) -> None:
        if self.headers.get("Host") not in self.server.hosts:
            raise Refused(HTTPStatus.FORBIDDEN, "this server answers to its own address only")
        origin = self.headers.get("Origin")
        if origin is not None and origin not in self._origins():
            raise Refused(HTTPStatus.FORBIDDEN, "a page from elsewhere asks nothing of this server")

    def _origins(self) -> list[str]:
        return [f"http://{host}" for host in self.server.hosts]

    def _parts(self) -> list[str]:
        """What the address names after the token.

        Raises:
            Refused: the token is missing or wrong.
        """
        token, *parts = [unquote(part) for part in urlsplit(self.path).path.lstrip("/").split("/")]
        if not hmac.compare_digest(token.encode(), self.server.token.encode()):
            raise Refused(HTTPStatus.FORBIDDEN, "the address lacks the token that was printed when the server started")
        return parts

    def _page(self) -> None:
        parts = self._parts()
        place = self._place(parts)
        content_type = TEXTUAL.get(place.suffix) or mimetypes.guess_type(place.name)[0] or "application/octet-stream"
        more = self._of_item(parts[1]) if parts[:1] == [ROOMS] and parts[2:] == [ITEM] else b""
        with place.open("rb") as file:
            self._head(HTTPStatus.OK, content_type, place.stat().st_size + len(more))
            shutil.copyfileobj(file, self.wfile)
            self.wfile.write(more)

    def _place(self, parts: list[str]) -> Path:
        """The file that an address names, inside the folder whatever links there are."""
        if not parts or parts == [""]:
            parts = ["index.html"]
        odd = any(not part or part.startswith(".") or any(one in part for one in "/\\\0") for part in parts)
        place = self.server.out if odd else self.server.out.joinpath(*parts).resolve()
        if not place.is_relative_to(self.server.out) or not place.is_file():
            raise Refused(HTTPStatus.NOT_FOUND, "there is no such page here")
        return place

    def _of_item(self, identifier: str) -> bytes:
        """What the page of an item learns of the server, and of the log as it is now."""
        handed = self.server.handed_to_page()
        known = {"serve": handed, **_standing_of(self.server.out / identifier)}
        script = f";window.HERITAGE_SERVE={json.dumps(handed)};"
        return f"\n{script}if(window.HERITAGE_ITEM)Object.assign(window.HERITAGE_ITEM,{json.dumps(known)});\n".encode()

    def _save(self) -> None:
        if self._parts() != [DECISIONS]:
            raise Refused(HTTPStatus.NOT_FOUND, "only decisions are saved here")
        self._check_writer()
        said = self._body()
        try:
            written = write_decisions(parse_decisions(said, "the page"), self.server.out)
        except BadDecisionFile as error:
            self._send_problems(HTTPStatus.UNPROCESSABLE_ENTITY, error.problems)
            return
        except (RestorationError, OSError) as error:
            self._send_problems(HTTPStatus.CONFLICT, [str(error)])
            return
        went_on = self.server.decided(self.server.out) if self.server.decided and written.added else ""
        about = {
            "added": len(written.added),
            "known": written.known,
            "newer": list(written.newer),
            "run": went_on or "",
        }
        self._send_json(HTTPStatus.OK, {"ok": True, **about, **_standing_of(written.bag)})

    def _check_writer(self) -> None:
        if self.headers.get("Origin") not in self._origins():
            raise Refused(HTTPStatus.FORBIDDEN, "decisions are saved by the pages of this server only")
        # A page from elsewhere cannot send this header without being asked first, which nothing here answers.
        given = self.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), (BEARER + self.server.token).encode()):
            raise Refused(HTTPStatus.FORBIDDEN, "the request does not bear the token that the page was given")
        if self.headers.get_content_type() != "application/json":
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "decisions are JSON (Content-Type: application/json)")

    def _body(self) -> object:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            raise Refused(HTTPStatus.LENGTH_REQUIRED, "a request says how long it is")
        if int(length) > MOST_BYTES:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {MOST_BYTES} bytes of decisions")
        try:
            return json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError) as error:
            raise Refused(HTTPStatus.BAD_REQUEST, f"what was posted is not JSON ({error})") from error

    def _send_problems(self, status: HTTPStatus, problems: Sequence[str]) -> None:
        self._send_json(status, {"ok": False, "problem": " ".join(problems), "problems": list(problems)})

    def _send_json(self, status: HTTPStatus, value: Mapping[str, Any]) -> None:
        body = json.dumps(value).encode()
        self._head(status, "application/json", len(body))
        self.wfile.write(body)

    def _head(self, status: HTTPStatus, content_type: str, length: int) -> None:
        self.send_response(status)
        charset = "; charset=utf-8" if content_type.startswith("text/") else ""
        self.send_header("Content-Type", content_type + charset)
        self.send_header("Content-Length", str(length))
        for name, value in HEADERS.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()


def _standing_of(bag: Path) -> dict[str, Any]:
    """What the page shows of the log: the state, the head, the decisions; nothing where there is no log."""
    log = bag / LOG
    if not log.is_file():
        return {}
    events = list(read(log))
    review = review_state(events)
    about = {"state": review.state, "by": review.by, "head": events[-1]["digest"], "events": len(events)}
    return {**about, "changes": len(review.changes), "decisions": decisions_of(events)}
