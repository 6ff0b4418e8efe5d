"""What can go wrong while a package is built."""

from __future__ import annotations


class BuildFailed(Exception):
    """Something whoever builds can put right."""

    def __init__(self, what: str, *, fix: str) -> None:
        super().__init__(f"{what}\n{fix}")
