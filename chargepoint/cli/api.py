"""The local API of a running daemon, from outside, with the standard library alone: commands must be quick."""

from __future__ import annotations

import base64
import http.client
import json
import os
import socket
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from chargepoint.errors import NoDaemon
from hw.errors import Fixable

ANSWER_S = 30.0
"""The longest the daemon may take; a lock that must be opened takes seconds."""

SILENCE_S = 40.0
"""A daemon repeats its status at least every 15 s to whoever follows its events."""


class Refused(Fixable):
    """The daemon said no; its sentence is the text."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, where="", fix="")
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


class Api:
    """Requests to the daemon of one state directory.

    Raises, from every method:
        NoDaemon: none answers there.
        Refused: it answers, and says no.
    """

    def __init__(self, state: Path, config: Path) -> None:
        self._state, self._config = state, config
        self._address = self._find()
        self._password: str | None = None

    def get(self, *parts: str, query: str = "") -> Any:
        return self._ask("GET", parts, query=query)

    def post(self, *parts: str, body: dict[str, Any] | None = None) -> Any:
        return self._ask("POST", parts, body or {})

    def put(self, *parts: str, body: dict[str, Any]) -> Any:
        return self._ask("PUT", parts, body)

    def delete(self, *parts: str) -> Any:
        return self._ask("DELETE", parts)

    def text(self, *parts: str, query: str = "") -> str:
        """An answer that is not JSON."""
        with self._answer("GET", parts, None, query) as answer:
            return answer.read().decode()

    def file(self, *parts: str, query: str = "", timeout_s: float = ANSWER_S) -> bytes:
        """An answer that is a file."""
        with self._answer("GET", parts, None, query, timeout_s) as answer:
            return answer.read()

    def events(self, *, recent: bool = False) -> Iterator[tuple[str, Any]]:
        """(event, data) from now on, beginning with the whole status; ends when the daemon does.

        `recent`: the second is what a page needs of the past.
        """
        event = "message"
        with self._answer("GET", ("events",), None, "?recent=1" if recent else "", SILENCE_S) as answer:
            for line in _lines(answer):
                name, _, value = line.partition(": ")
                if name == "event":
                    event = value
                elif name == "data":
                    yield event, json.loads(value)

    def _ask(self, method: str, parts: tuple[str, ...], body: dict[str, Any] | None = None, query: str = "") -> Any:
        with self._answer(method, parts, body, query) as answer:
            try:
                return json.loads(answer.read() or b"null")
            except ValueError:
                raise self._nobody("what answers there is not a charge point") from None

    @contextmanager
    def _answer(
        self,
        method: str,
        parts: tuple[str, ...],
        body: dict[str, Any] | None,
        query: str = "",
        timeout_s: float = ANSWER_S,
    ) -> Iterator[http.client.HTTPResponse]:
        connection = _connection(self._address, timeout_s)
        path = "/".join(["/api/v1", *(quote(part, safe="") for part in parts)]) + query
        text = None if body is None else json.dumps(body)
        try:
            connection.request(method, path, text, self._headers())
            answer = connection.getresponse()
            if answer.status == 401 and self._password is None:
                answer.read()
                self._password = self._read_password()
                connection.request(method, path, text, self._headers())
                answer = connection.getresponse()
            if answer.status >= 400:
                raise Refused(_sentence(answer))
            yield answer
        except (OSError, http.client.HTTPException) as trouble:
            raise self._nobody(f"{self._address} does not answer ({_plain(trouble)})") from None
        finally:
            connection.close()

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        if self._password is not None:
            headers["Authorization"] = "Basic " + base64.b64encode(f"chargepoint:{self._password}".encode()).decode()
        return headers

    def _find(self) -> str:
        """Where the daemon listens: it writes that down when it starts."""
        path = self._state / "run.json"
        try:
            found = json.loads(path.read_text())
            address = _local(str(found["local"])) if "local" in found else ""
            address = address or found["api"]
            self._config = Path(found.get("config", self._config))  # the daemon's own, whatever was named here
        except FileNotFoundError:
            raise self._nobody(f"there is no {path}") from None
        except PermissionError:
            fix = "Ask as the administrator: sudo chargepoint ..."
            raise NoDaemon(f"this user may not read {path}", where=str(self._state), fix=fix) from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise self._nobody(f"{path} cannot be read") from None
        return str(address)

    def _nobody(self, why: str) -> NoDaemon:
        fix = "Start it (`sudo systemctl start chargepoint`, or `chargepoint run`), or name its directory with --state."
        return NoDaemon(f"no charge point runs here: {why}", where=str(self._state), fix=fix)

    def _read_password(self) -> str:
        """The page's password, by way of the configuration file."""
        try:
            named = tomllib.loads(self._config.read_text(encoding="utf-8-sig"))["web"]["password_file"]
            return (self._config.parent / str(named)).read_text().strip()
        except (OSError, ValueError, KeyError, TypeError):
            raise Refused(
                f"a password is needed, and password_file of [web] in {self._config} cannot be read by this user"
            ) from None


def _local(address: str) -> str:
    """The socket file on which nobody asks for a password, where this user may use it."""
    return address if os.access(address.removeprefix("unix:"), os.R_OK | os.W_OK) else ""


def _connection(address: str, timeout_s: float) -> http.client.HTTPConnection:
    if address.startswith("unix:"):
        return _UnixConnection(address.removeprefix("unix:"), timeout_s)
    place = urlsplit(address)
    return http.client.HTTPConnection(place.hostname or "", place.port, timeout=timeout_s)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout_s: float) -> None:
        super().__init__("localhost", timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _lines(answer: http.client.HTTPResponse) -> Iterator[str]:
    while line := answer.readline():
        yield line.decode().rstrip("\r\n")


def _sentence(answer: http.client.HTTPResponse) -> str:
    try:
        return str(json.loads(answer.read())["error"])
    except (ValueError, KeyError, TypeError):
        return f"it answers {answer.status} {answer.reason}"


def _plain(trouble: Exception) -> str:
    if isinstance(trouble, TimeoutError):
        return "it takes too long"
    return getattr(trouble, "strerror", None) or str(trouble) or type(trouble).__name__
