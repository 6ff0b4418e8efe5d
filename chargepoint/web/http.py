"""Requests and answers without the wire: what the API reads and says, whichever server carries it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """One request, its path already matched."""

    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    parts: Mapping[str, str] = field(default_factory=dict)  # of the path, by the name in the route's pattern
    on_site: bool = False  # asked on the station's own machine
    accept: str = ""  # the kinds of answer that are liked
    headers: Mapping[str, str] = field(default_factory=dict)  # whose names are compared without case
    peer: str = ""  # the address it came from


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, whatever library sends it."""

    body: bytes = b""
    status: int = 200
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    parts: AsyncIterator[bytes] | None = None  # instead of `body`: what is sent as it comes


class Failed(Exception):
    """A request that cannot be done; the text is the sentence for the person who asked."""

    status = 400

    def answer(self) -> Answer:
        return told({"error": sentence(str(self))}, self.status)


class Malformed(Failed):
    """The body or a part of it is not what was asked for."""


class Missing(Failed):
    status = 404


class NotNow(Failed):
    """It could be done, but not as things stand."""

    status = 409


class WrongMethod(Failed):
    status = 405

    def __init__(self, method: str, allowed: list[str]) -> None:
        super().__init__(f"{method} is not possible here, only {', '.join(allowed)}")
        self.allowed = allowed

    def answer(self) -> Answer:
        plain = super().answer()
        return Answer(plain.body, plain.status, headers={"Allow": ", ".join(self.allowed)})


def sentence(words: str) -> str:
    """With a capital and a full stop, as people are told things."""
    return words[:1].upper() + words[1:].rstrip(".") + "."


Handler = Callable[[Request], Awaitable[Answer]]


def told(data: Any, status: int = 200) -> Answer:
    """Data as JSON."""
    return Answer(json.dumps(data, separators=(",", ":")).encode(), status)


class Routes:
    """Which handler answers which path. A pattern's `{name}` matches one part of the path."""

    def __init__(self, *tables: Mapping[tuple[str, str], Handler]) -> None:
        self._handlers: dict[tuple[str, ...], dict[str, Handler]] = {}
        for table in tables:
            for (method, pattern), handler in table.items():
                self._handlers.setdefault(tuple(pattern.split("/")), {})[method] = handler

    def known(self) -> set[tuple[str, str]]:
        """Every method and pattern."""
        return {(method, "/".join(pattern)) for pattern, found in self._handlers.items() for method in found}

    def find(self, method: str, path: str) -> tuple[Handler, dict[str, str]]:
        """The handler and the parts of the path, which is as it came: still percent-encoded.

        Raises:
            Missing: nothing is there.
            WrongMethod: something is there, but not for this method.
        """
        there = tuple(path.split("/"))
        for pattern, handlers in self._handlers.items():
            parts = _matched(pattern, there)
            if parts is None:
                continue
            if method not in handlers:
                raise WrongMethod(method, sorted(handlers))
            return handlers[method], parts
        raise Missing(f"there is nothing at {path[:200]}")


def _matched(pattern: tuple[str, ...], there: tuple[str, ...]) -> dict[str, str] | None:
    if len(pattern) != len(there):
        return None
    parts = {}
    for wanted, found in zip(pattern, there, strict=True):
        if wanted.startswith("{"):
            parts[wanted[1:-1]] = unquote(found)
        elif wanted != found:
            return None
    return parts
