"""What an installer does at a station that runs, beyond driving it: prove it, read its log, see what it was made of."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

Document = Mapping[str, Any]


class Workshop(Protocol):
    def examine(self, part: str) -> AsyncGenerator[Document]:
        """The doctor's steps as they are done, `part` "all" or "csms"; nothing moves, and no session is disturbed."""
        ...

    def examined(self) -> Document | None:
        """The last whole examination: {at, findings}; None: there was none."""
        ...

    def keep_examined(self, at: str, findings: Sequence[Document]) -> None: ...

    def configuration(self) -> Document:
        """What the station was started with: {file, stale, tables: [{table, rows: [{key, value, line}]}]}."""
        ...

    async def support(self, oldest: datetime | None, latest: datetime | None) -> bytes:
        """The support bundle (a zip file), its log between two times. Raises OSError where it cannot be made."""
        ...

    async def software(self) -> Document:
        """{version, program, system}: what the back office is told, this program's own, and, where the machine has two
        systems, {slot, version, standing, next}: standing "settled", "on trial" or "waiting"; else null."""
        ...

    def log(self, kind: str, oldest: datetime | None, latest: datetime | None) -> AsyncGenerator[bytes]:
        """`kind` "log" or "security", between two times. Raises OSError."""
        ...
