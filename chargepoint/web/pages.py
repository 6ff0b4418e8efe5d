"""The page's own files, read once, with what a browser needs to keep them and to run nothing else."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files

from chargepoint.web.http import Answer

KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""On every answer of this server."""


NAMES = {"index.html": "/", "setup.html": "/setup"}
"""What has a name of its own; every other file lies beside them under the name it has."""

AT_THE_DOOR = {"/": "/entry.html", "/setup": "/entry.html"} | {
    path: path for path in ("/entry.css", "/page.css", "/entry.js", "/dom.js", "/nav.js", "/texts.js", "/icon.svg")
}
"""What a stranger gets: path -> the file behind it. The page that asks for the password, and what it needs."""


@dataclass(frozen=True, slots=True)
class File:
    """One file of the page, read once."""

    content: bytes
    kind: str
    tag: str  # of its content, for ETag

    def answer(self, known_tag: str | None) -> Answer:
        """The file, or 304 when the browser has it."""
        headers = {"ETag": self.tag, "Cache-Control": "no-cache"}  # kept, but asked about every time
        if known_tag == self.tag:
            return Answer(status=304, content_type=self.kind, headers=headers)
        return Answer(self.content, content_type=self.kind, headers=headers)


def page_files() -> dict[str, File]:
    """By path."""
    found = {}
    for entry in files("chargepoint.web").joinpath("page").iterdir():
        kind = KINDS.get(entry.name.rpartition(".")[2])
        if kind is not None:
            content = entry.read_bytes()
            tag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
            found[NAMES.get(entry.name, f"/{entry.name}")] = File(content, kind, tag)
    return found
