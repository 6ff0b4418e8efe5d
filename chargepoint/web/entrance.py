"""How people come in who are not at this machine: with the password, or, as long as none is set, with the label's code.

A browser shows the password once and gets a cookie; programs send it with every request (HTTP Basic). Until a password
is set nobody sees anything but the page that asks for the code.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from chargepoint.security.pagepassword import LONGEST, SHORTEST, PagePassword
from chargepoint.security.setupcode import Mistyped, Shown
from chargepoint.web.fields import Field, body, text
from chargepoint.web.guarding import network_of, password_in
from chargepoint.web.http import Answer, Failed, Malformed, Missing, NotNow, sentence, told
from chargepoint.web.sessionkeys import SessionKeys
from chargepoint.web.trying import Trials

VISIT_S = 15 * 60.0
"""Who has asked for nothing for so long and comes again comes anew."""

NETWORKS = 1024
"""Networks that are remembered for having been let in; the oldest is forgotten first."""

CODE = Field(text(40, shortest=1), required=True)
PASSWORD = Field(text(LONGEST, shortest=SHORTEST), required=True)
FIRST_USE = {"code": CODE, "password": PASSWORD}
LOG_IN = {"password": Field(text(LONGEST), required=True)}
CHANGE = {"current": Field(text(LONGEST), required=True), "password": PASSWORD}

UNSET = "no password is set yet; open the station's page and give it the setup code of its label"


class NotRight(Failed):
    """A password or a code that was looked at, and is wrong."""

    status = 403


class Entrance:
    """`told` hears of each visit and of each wrong password: from where, and whether it was the right one."""

    def __init__(
        self, keys: PagePassword, told: Callable[[str, bool], None] = lambda peer, accepted: None, port: int = 0
    ) -> None:
        self._keys, self._told = keys, told
        self._trials = Trials(lambda where: told(where, False))
        self._sessions = SessionKeys(f"chargepoint-{port}")  # cookies know no ports: another station may have another
        self._shown, self._proven = Shown(), ""
        self.ended: Callable[[], object] = lambda: None  # hears that all who were in have to come in anew
        self.aside: Callable[..., Awaitable[Any]] = asyncio.to_thread  # for what takes a second
        self._visits: OrderedDict[str, float] = OrderedDict()  # when each network was last let in

    # --- requests -----------------------------------------------------------------------------------------------------

    async def refuse(self, headers: Mapping[str, str], peer: str, now_s: float) -> Answer | None:
        """The answer to somebody who may not ask; None for all others."""
        where = network_of(peer)
        if self.knows(headers, now_s):
            self._visited(where, now_s)
            return None
        given = password_in(headers.get("Authorization", ""))
        if given is None or not self._keys.is_set:
            return self._stranger(headers)
        try:
            right = await self._is_password(given.decode("utf-8", "surrogateescape"), where, now_s)
        except Failed as refusal:
            return refusal.answer()
        return None if right else self._stranger(headers)

    def knows(self, headers: Mapping[str, str], now_s: float) -> bool:
        """Does the browser's cookie say that it has shown the password?"""
        return self._sessions.holds(headers.get("Cookie", ""), now_s)

    def _stranger(self, headers: Mapping[str, str]) -> Answer:
        """A program, and a browser at any other address than the page's, is asked in HTTP's own way; the page has a
        way of its own, and no browser may ask in its name."""
        is_page = self._sessions.is_named(headers.get("Cookie", "")) or "text/event-stream" in headers.get("Accept", "")
        scheme = "Cookie" if is_page or not self._keys.is_set else "Basic"
        challenge = f'{scheme} realm="chargepoint", charset="UTF-8"'
        words = "a password is needed" if self._keys.is_set else UNSET
        return Answer(told({"error": sentence(words)}).body, 401, headers={"WWW-Authenticate": challenge})

    # --- coming in ----------------------------------------------------------------------------------------------------

    @property
    def state(self) -> str:
        """What the page has to ask for: code, password, or nothing where nobody can come in."""
        if self._keys.is_set:
            return "password"
        return "code" if self._keys.code else "closed"

    async def first_use(self, raw: bytes, peer: str, now_s: float) -> Answer:
        """The label's code sets the first password, once."""
        given, where = body(raw, FIRST_USE), network_of(peer)
        if self._keys.is_set:
            raise NotNow("the password has been set already")
        if not self._keys.code:
            raise Missing("this station has no setup code")

        async def is_code() -> bool:
            return bool(await self.aside(self._keys.is_code, given["code"]))

        try:
            right = await self._trials.tried(where, now_s, is_code)
        except Mistyped as why:
            raise Malformed(str(why)) from None
        if not right:
            raise NotRight("this is not the setup code of this station")
        if self._keys.is_set:  # somebody else was quicker, while the hash was made
            raise NotNow("the password has been set already")
        await self._keep(given["password"])
        return self._let_in(where, now_s)

    async def log_in(self, raw: bytes, peer: str, now_s: float) -> Answer:
        given, where = body(raw, LOG_IN), network_of(peer)
        if not await self._is_password(given["password"], where, now_s):
            raise NotRight("this is not the password")
        return self._let_in(where, now_s)

    async def change(self, raw: bytes, peer: str, now_s: float) -> Answer:
        """Another password. Every other browser has to show it."""
        given, where = body(raw, CHANGE), network_of(peer)
        if self._keys.file is None:
            raise NotNow("the password stands in the file that [web] password_file names; change it there")
        if not await self._is_password(given["current"], where, now_s):
            raise NotRight("this is not the password")
        await self._keep(given["password"])
        self._sessions.end_all()
        self.ended()
        return self._let_in(where, now_s)

    def log_out(self, headers: Mapping[str, str]) -> Answer:
        cookie = self._sessions.end(headers.get("Cookie", ""))
        return Answer(told({}).body, headers={"Set-Cookie": cookie})

    async def _keep(self, password: str) -> None:
        try:
            await self.aside(self._keys.keep, password)
        except OSError as error:
            raise NotNow(f"the password cannot be kept ({error.strerror or error})") from None
        self._prove(password)

    async def _is_password(self, password: str, where: str, now_s: float) -> bool:
        """Raises Wait: it was not looked at."""
        self._trials.look(where, now_s)
        if self._shown.again(password, self._keys.kept):
            self._visited(where, now_s)
            return True

        async def is_right() -> bool:
            if self._proven == self._keys.kept:
                return False  # the right one is known, and this is another
            if self._keys.dear:
                return bool(await self.aside(self._keys.is_right, password))
            return self._keys.is_right(password)

        right = await self._trials.tried(where, now_s, is_right, known=where in self._visits)
        if right:
            self._prove(password)
            self._visited(where, now_s)
        return right

    def _prove(self, password: str) -> None:
        """From now on the right one is told from the others without a hash."""
        self._proven = self._keys.kept
        self._shown.remember(password, self._keys.kept)

    def _let_in(self, where: str, now_s: float) -> Answer:
        self._visited(where, now_s)
        done: Any = told({})
        return Answer(done.body, headers={"Set-Cookie": self._sessions.begin(now_s)})

    def _visited(self, where: str, now_s: float) -> None:
        if now_s - self._visits.get(where, -VISIT_S) >= VISIT_S:
            self._told(where, True)
        self._visits[where] = now_s
        self._visits.move_to_end(where)
        if len(self._visits) > NETWORKS:
            self._visits.popitem(last=False)
