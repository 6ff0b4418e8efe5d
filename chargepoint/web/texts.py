"""The page's words, in the language of whoever looks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache

from chargepoint.texts import LANGUAGES, catalogue, negotiated
from chargepoint.web.http import JSON, Answer, Handler, Request


class TextRoutes:
    """`default`: what the configuration says, for browsers that want none of ours."""

    def __init__(self, default: str) -> None:
        self._default = default
        self.table: Mapping[tuple[str, str], Handler] = {("GET", "/texts"): self._texts}

    async def _texts(self, request: Request) -> Answer:
        chosen, accepted = request.query.get("language", ""), request.headers.get("Accept-Language", "")
        content, tag = document(negotiated(chosen, accepted, self._default))
        headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept-Language"}
        if request.headers.get("If-None-Match") == tag:
            return Answer(status=304, headers=headers)
        return Answer(content, content_type=JSON, headers=headers)


@cache
def document(language: str) -> tuple[bytes, str]:
    """What the page needs of a catalogue, and its tag."""
    told = catalogue(language)
    names = {each: catalogue(each)["name"] for each in LANGUAGES}
    shown = {"language": language, "languages": names, **{key: told[key] for key in ("locale", "page", "sentences")}}
    content = json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()
    return content, f'"{hashlib.sha256(content).hexdigest()[:20]}"'
