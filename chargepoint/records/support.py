"""The support bundle: one file with all that somebody far away needs to understand a station, and nothing that is
nobody's business. Made from what is on the disk; a running station adds how it is now.
"""

from __future__ import annotations

import io
import json
import os
import stat
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chargepoint.records.planted import secrets_of
from chargepoint.records.scrubbing import Scrubber
from chargepoint.store.ring import Ring
from chargepoint.store.statistics import Statistics
from chargepoint.timewindow import TimeWindow
from chargepoint.version import VERSION

PART_BYTES = 3_000_000
"""Of one file in the bundle; of a longer one its end is kept."""

MOST_FILES = 400
"""Names of files that are listed."""

README = """\
Support bundle of a charge point, made {at} by chargepoint {version}.

What is in it: the log and the log of security events, the configuration and what is wrong with it, settings, sessions
and messages given up, numbers of the database, versions, drivers, the machine, its disks and networks; where the
station was running, also its status, metrics, the latest messages to and from the back office, and the checks of
`chargepoint doctor`.

Passwords, keys and whatever else is secret have been replaced by •••. A card's number is card- and eight letters: the
same card looks the same in all files of this bundle, and no other bundle. Look through it before you send it.
"""

Text = str | bytes
Part = Callable[[], Iterator[str]]


@dataclass(slots=True)
class Bundle:
    """`live`: file name -> text or JSON, of a running station; frames as (time, direction, text)."""

    config: Path
    state: Path
    window: TimeWindow = field(default_factory=TimeWindow)
    live: Mapping[str, Any] = field(default_factory=dict)
    frames: Iterable[tuple[str, str, str]] = ()
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def made(self) -> bytes:
        """The zip file. Takes a second or so."""
        statistics = Statistics(self.state / "chargepoint.db")
        secrets = secrets_of(self.config, self.state, statistics.memory)
        scrubber = Scrubber(os.urandom(32), secrets, statistics.tokens)
        folder = f"support-{self.now():%Y%m%d-%H%M%S}"
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
            for name, text in self._texts(statistics, scrubber):
                bundle.writestr(f"{folder}/{name}", scrubber.text(_cut(text)).encode(errors="replace"))
        return packed.getvalue()

    def _texts(self, statistics: Statistics, scrubber: Scrubber) -> Iterator[tuple[str, str]]:
        """Those that name cards come first: then all the others' cards are known."""
        yield "README.txt", README.format(at=f"{self.now():%Y-%m-%d %H:%M} UTC", version=VERSION)
        for name, document in self._documents(statistics):
            yield name, _json(scrubber.document(document))
        yield "frames.txt", "".join(f"{at} {way} {scrubber.frame(text)}\n" for at, way, text in self.frames)
        for name, part in self._parts().items():
            yield name, "\n".join(_found(part)) + "\n"

    def _documents(self, statistics: Statistics) -> Iterator[tuple[str, Any]]:
        letters = [{**each, "text": _frame(each["text"])} for each in statistics.letters]
        yield "sessions.json", statistics.sessions
        yield "given-up.json", letters
        numbers = {"trouble": statistics.trouble, **statistics.numbers}
        yield (
            "store.json",
            {**numbers, "remembers": {place: len(str(what)) for place, what in statistics.memory.items()}},
        )
        for name, content in self.live.items():
            if not isinstance(content, str):
                yield name, content

    def _parts(self) -> dict[str, Part]:
        from chargepoint.records import surroundings as around

        texts: dict[str, Part] = {name: _whole(text) for name, text in self.live.items() if isinstance(text, str)}
        return {
            **texts,
            "log.txt": lambda: self._log("log"),
            "security.txt": lambda: self._log("security"),
            "configuration.toml": lambda: _file(self.config),
            "configuration-check.txt": lambda: around.verdict(self.config, self.state),
            "factory.toml": lambda: _file(self.state / "factory.toml"),
            "versions.txt": around.versions,
            "drivers.txt": around.drivers,
            "machine.txt": lambda: around.machine(self.state),
            "network.txt": around.network,
            "files.txt": lambda: files(self.state),
        }

    def _log(self, name: str) -> Iterator[str]:
        for at, line in Ring(self.state / "logs", name).lines():
            if at is None or self.window.holds(at):
                yield line


def _whole(text: str) -> Part:
    return lambda: iter([text])


def _json(document: Any) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False, default=str) + "\n"


def _frame(text: str | None) -> Any:
    """What was sent, as JSON, so that its fields are masked by their names."""
    try:
        return None if text is None else json.loads(text)
    except (ValueError, RecursionError):
        return f"unreadable, {len(text or '')} characters"


def _found(part: Part) -> Iterator[str]:
    """As far as it can be found out: a bundle with a gap is better than none."""
    try:
        yield from part()
    except Exception as error:  # whatever is wrong with this machine is what the bundle is made for
        yield f"(the rest could not be found out: {error!r})"


def _file(path: Path) -> Iterator[str]:
    if not path.exists():
        yield f"# there is no {path}"
        return
    yield path.read_text(encoding="utf-8-sig", errors="replace")


def files(state: Path) -> Iterator[str]:
    """Who may do what with which file of the station."""
    found = [state, *sorted(state.rglob("*"))]
    for path in found[:MOST_FILES]:
        about = path.lstat()
        changed = datetime.fromtimestamp(about.st_mtime, UTC)
        owner = f"{about.st_uid}:{about.st_gid}"
        yield f"{stat.filemode(about.st_mode)} {owner:>11} {about.st_size:>10} {changed:%Y-%m-%dT%H:%M:%SZ} {path}"
    if len(found) > MOST_FILES:
        yield f"... and {len(found) - MOST_FILES} more"


def _cut(text: str) -> str:
    return text if len(text) <= PART_BYTES else f"(the beginning is left out)\n{text[-PART_BYTES:]}"


def main() -> None:
    """A program of its own, so that a running station carries nothing of it: what is live comes in, the file goes out.

    Arguments: configuration, state directory. Standard input: {"live", "frames", "since", "until"}.
    """
    told = json.load(sys.stdin)
    times = [datetime.fromisoformat(told[name]) if told.get(name) else None for name in ("since", "until")]
    config, state = map(Path, sys.argv[1:3])
    bundle = Bundle(config, state, TimeWindow(*times), told.get("live", {}), told.get("frames", ()))
    sys.stdout.buffer.write(bundle.made())


if __name__ == "__main__":
    main()
