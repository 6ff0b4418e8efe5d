"""Who has shown the password: a browser's cookie that nobody can guess, good until it rests for too long."""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from http.cookies import CookieError, SimpleCookie

IDLE_S = 12 * 3600.0
"""A browser that asks for nothing for so long has to show the password again."""

MOST = 64
"""Browsers that are let in at a time; the one that has rested longest goes first."""


class SessionKeys:
    """Kept in memory only, as digests: a restart ends them all. Times are monotonic seconds."""

    def __init__(self, cookie: str) -> None:
        self.cookie = cookie
        self._seen: OrderedDict[bytes, float] = OrderedDict()

    def begin(self, now_s: float) -> str:
        """A new key, as a Set-Cookie header."""
        key = secrets.token_urlsafe(32)
        self._seen[_digest(key)] = now_s
        while len(self._seen) > MOST:
            self._seen.popitem(last=False)
        return f"{self.cookie}={key}; Path=/; HttpOnly; SameSite=Strict"

    def holds(self, cookies: str, now_s: float) -> bool:
        """Does this Cookie header bring a key of ours?"""
        digest = _digest(self._in(cookies))
        if digest not in self._seen:
            return False
        if now_s - self._seen[digest] >= IDLE_S:
            del self._seen[digest]
            return False
        self._seen[digest] = now_s
        self._seen.move_to_end(digest)
        return True

    def end(self, cookies: str) -> str:
        """This one is over; the Set-Cookie header that makes the browser forget it."""
        self._seen.pop(_digest(self._in(cookies)), None)
        return f"{self.cookie}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"

    def end_all(self) -> None:
        self._seen.clear()

    def is_named(self, cookies: str) -> bool:
        """Does it bring one at all, good or not?"""
        return bool(self._in(cookies))

    def _in(self, cookies: str) -> str:
        try:
            found = SimpleCookie(cookies).get(self.cookie)
        except CookieError:
            return ""
        return found.value if found is not None else ""


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
