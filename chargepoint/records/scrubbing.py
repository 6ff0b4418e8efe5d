"""Takes out of a text what must not leave the station: secrets wholly, cards so that each stays recognisable.

A card becomes `card-` and eight hexadecimal digits, made with a key that is thrown away with the bundle: within it the
same card looks the same everywhere, and outside nobody can find out which card it was by trying them all.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from chargepoint.masking import HIDDEN, TOKENS, masked

SHORTEST_SECRET = 4
"""Characters; what is shorter would be found everywhere."""

_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_BASIC = re.compile(r"\b(Basic|Bearer)\s+[A-Za-z0-9+/=_.~-]{6,}", re.IGNORECASE)
_USERINFO = re.compile(r"(\b[A-Za-z][A-Za-z0-9+.-]*://)[^/?#\s@\"']+@")
_ASSIGNED = re.compile(
    r"""(\b[\w.]*(?:password|passphrase|secret|psk|authorizationkey|private_?key|api_?key)"?\s*[=:]\s*)"""
    r"""("[^"\n]*"|'[^'\n]*'|[^\s,;}"']+)""",
    re.IGNORECASE,
)
_WORD = re.compile(r"[0-9A-Za-z]{4,36}")
_TAIL = re.compile(r"…(\w{4})")


class Scrubber:
    """`key`: of this bundle alone."""

    def __init__(self, key: bytes, secrets: Iterable[str] = (), tokens: Iterable[str] = ()) -> None:
        self._key = key
        self._secrets = sorted({form for secret in secrets for form in _forms(secret)}, key=len, reverse=True)
        self._labels: dict[str, str] = {}  # card, in capitals -> label
        self._tails: dict[str, str] = {}  # what masking left of it -> label
        self._odd: dict[str, str] = {}  # cards that are more than a word
        for token in tokens:
            self.label(token)

    def label(self, token: str) -> str:
        """What stands for that card."""
        plain = token.upper()
        label = self._labels.get(plain)
        if label is None:
            label = f"card-{hmac.digest(self._key, plain.encode(), 'sha256').hex()[:8]}"
            self._labels[plain] = label
            self._tails[plain[-4:]] = label
            self._tails[label[-4:].upper()] = label
            if len(plain) >= SHORTEST_SECRET and not _WORD.fullmatch(plain):
                self._odd[plain] = label
        return label

    def document(self, value: Any) -> Any:
        """JSON: cards by the fields that hold them, secrets by theirs."""
        return masked(self._labelled(value))

    def _labelled(self, value: Any, name: str = "") -> Any:
        match value:
            case dict():
                return {key: self._labelled(inner, key) for key, inner in value.items()}
            case list():
                return [self._labelled(inner, name) for inner in value]
            case str() if (
                value and (name in TOKENS or name in ("token", "card")) and not value.startswith(("…", "card-"))
            ):
                return self.label(value)
        return value

    def frame(self, text: str) -> str:
        """An OCPP frame; what cannot be read cannot be masked, so only its length is told."""
        try:
            told = self.document(json.loads(text))
        except (ValueError, RecursionError):
            return f"unreadable, {len(text)} characters"
        return json.dumps(told, ensure_ascii=False)

    def text(self, text: str) -> str:
        """Everything that is left, whatever it stands in."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        text = _PEM.sub(f"{HIDDEN} (a private key)", text)
        text = _BASIC.sub(rf"\1 {HIDDEN}", text)
        text = _USERINFO.sub(rf"\1{HIDDEN}@", text)
        text = _ASSIGNED.sub(lambda found: f'{found[1]}"{HIDDEN}"', text)
        for token, label in self._odd.items():
            text = re.sub(re.escape(token), label, text, flags=re.IGNORECASE)
        text = _WORD.sub(lambda found: self._labels.get(found[0].upper(), found[0]), text)
        return _TAIL.sub(lambda found: self._tails.get(found[1].upper(), found[0]), text)


def _forms(secret: str) -> set[str]:
    """As it is, and as it looks in JSON, in an address, in base64 (wherever it begins there) and in hex."""
    if len(secret) < SHORTEST_SECRET:
        return set()
    raw = secret.encode()
    forms = {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], quote(secret, safe="")}
    forms |= {raw.hex(), raw.hex().upper()}
    for before in range(3):  # base64 packs three bytes: what is before it shifts it
        packed = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
        inner = packed[(0, 2, 3)[before] : len(packed) - (1 if (before + len(raw)) % 3 else 0)]
        if len(inner) >= 8:
            forms.add(inner)
    return forms
