"""By which way the station gets to its back office, and which one it tries next.

A new password or a higher security profile may turn out not to work: until it has led to the back office once, what
was before is kept beside it, also through a restart, and both are tried in turn. Whichever leads there first is the
one from then on; the other is forgotten (1.6 security whitepaper A01 and A05, 2.0.1 B09 and B10).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chargepoint.core.catalogue import AUTHORIZATION_KEY, NETWORK_PROFILE_CONNECTION_ATTEMPTS, SECURITY_PROFILE
from chargepoint.core.settings import Settings, Stored

BY_PASSWORD, BY_TLS, BY_CERTIFICATE = (1, 2), (2, 3), (3,)
"""Security profiles in which the station shows a password, the server a certificate, the station one too."""

Kept = tuple[Stored | None, Stored | None]
"""What is stored of security profile and password; None: what the file says holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkProfile:
    """One way to the back office, as 2.0.1 calls it (B09). `password` is empty where none is shown."""

    url: str
    security_profile: int
    password: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What this station has to get in by. `root`, `certificate`: are they there, now?"""

    address: Callable[[int], str]  # of the server, for a security profile; "" where none is known
    password: Callable[[], bytes]  # of the installer, for as long as the back office has not set another
    root: Callable[[], bool]
    certificate: Callable[[], bool]


def _nobody() -> None:
    """Nobody listens."""


class Networks:
    """`profile` is the way to try now; whoever tries says `failed` or `connected`."""

    def __init__(self, settings: Settings, means: Means) -> None:
        self._settings, self._means = settings, means
        self.on_change: Callable[[], None] = _nobody
        """Called when `dump` has become another."""
        self.on_switch: Callable[[], None] = _nobody
        """Called when the link is by another security profile than the last one."""
        self._kept = self._keep()
        self._former: Kept | None = None
        self._turn = 0  # in `_ways`
        self._failures = 0  # of that one
        settings.require(SECURITY_PROFILE, self.refusal)

    # --- what may be set ----------------------------------------------------------------------------------------------

    def refusal(self, level: int) -> str:
        """Why the security profile cannot become `level`, as the end of a sentence (A05.FR.01 to .03); "": it can."""
        means = self._means
        if level <= self._settings[SECURITY_PROFILE]:
            return "can only be raised"
        if not means.address(level):
            return f"cannot be {level} without an encrypted address: add secure_url to [csms]"
        if level in BY_PASSWORD and not self._password(self._settings.kept(AUTHORIZATION_KEY)):
            return f"cannot be {level} without an AuthorizationKey"
        if level in BY_TLS and not means.root():
            return f"cannot be {level} without a root certificate to check the server by"
        if level in BY_CERTIFICATE and not means.certificate():
            return f"cannot be {level} without a certificate of the station"
        return ""

    def changed(self) -> bool:
        """A setting has another value. True: the way is another one, and is to be tried."""
        kept = self._keep()
        if self._way(kept) == self._way(self._kept):
            before, self._kept = self._kept, kept
            if kept != before and self._former is not None:
                self.on_change()  # a trial that goes on is one of what is stored now
            return False
        former = self._kept if self._former is None else self._former
        self._former = None if self._way(former) == self._way(kept) else former
        self._kept = kept
        self._begin()
        return True

    # --- trying -------------------------------------------------------------------------------------------------------

    @property
    def profile(self) -> NetworkProfile:
        return self._ways[self._turn]

    def failed(self) -> None:
        """It has not led there; after some failures the next one's turn comes."""
        self._failures += 1
        if self._failures >= self._settings[NETWORK_PROFILE_CONNECTION_ATTEMPTS]:
            self._failures = 0
            self._turn = (self._turn + 1) % len(self._ways)

    def connected(self) -> bool:
        """It has led there: it is the way from now on. False: and what was to take its place is given up."""
        former, self._former = self._former, None
        if former is None:
            return True
        kept = self._turn == 0
        if not kept:
            self._kept = former
            profile, key = former
            self._settings.put_back({SECURITY_PROFILE: profile, AUTHORIZATION_KEY: key})
        elif self._way(former).security_profile != self._way(self._kept).security_profile:
            self.on_switch()
        self._begin()
        return kept

    # --- keeping ------------------------------------------------------------------------------------------------------

    def dump(self) -> dict[str, Any] | None:
        """What is on trial and what was before; None: nothing is."""
        if self._former is None:
            return None
        return {"trial": _texts(self._kept), "former": _texts(self._former)}

    def load(self, dumped: dict[str, Any] | None) -> None:
        """Go on with a trial. If the file says something else by now, there is none any more."""
        if dumped is not None and dumped["trial"] == _texts(self._kept):
            profile, key = (None if kept is None else Stored(*kept) for kept in dumped["former"])
            self._former = profile, key

    # --- inside -------------------------------------------------------------------------------------------------------

    @property
    def _ways(self) -> tuple[NetworkProfile, ...]:
        return tuple(self._way(kept) for kept in (self._kept, self._former) if kept is not None)

    def _way(self, kept: Kept) -> NetworkProfile:
        profile, key = kept
        level = self._settings.value_if(SECURITY_PROFILE, profile)
        password = self._password(key) if level in BY_PASSWORD else b""
        return NetworkProfile(url=self._means.address(level), security_profile=level, password=password)

    def _password(self, key: Stored | None) -> bytes:
        """The installer may correct his at any time."""
        return self._means.password() if key is None else self._settings.value_if(AUTHORIZATION_KEY, key)

    def _keep(self) -> Kept:
        return self._settings.kept(SECURITY_PROFILE), self._settings.kept(AUTHORIZATION_KEY)

    def _begin(self) -> None:
        self._turn = self._failures = 0
        self.on_change()


def _texts(kept: Kept) -> list[list[str | None] | None]:
    return [None if stored is None else [stored.text, stored.origin, stored.file] for stored in kept]
