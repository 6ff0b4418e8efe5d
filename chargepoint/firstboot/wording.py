"""What the report file says. It is read in Notepad, by somebody who cannot ask the station anything else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from chargepoint.errors import Finding

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"  # older editors of Windows take a file for UTF-8 only with it


class Trouble(Exception):
    """Something is wrong with one of the files."""

    def __init__(self, name: str, what: str, fix: str) -> None:
        super().__init__(f"{name}: {what}. {fix}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """What the report tells of the station as it is now."""

    nameplate: str = ""
    back_office: str = ""
    host_name: str = ""
    page: str = ""  # its address; empty: none that others could reach
    page_port: int | None = None
    login: bool = False  # by SSH
    interfaces: Sequence[tuple[str, str]] = ()  # name, hardware address


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of one start."""

    station: Station = Station()
    taken: Sequence[str] = ()  # names of files that are in force now
    kept: Sequence[str] = ()  # secrets that the station has, and that need not lie here
    news: bool = False  # something lay here that was not in force yet
    missing: bool = False  # there was no configuration, and never has been
    troubles: Sequence[str] = ()
    findings: Sequence[Finding] = field(default_factory=tuple)

    @property
    def refused(self) -> bool:
        return bool(self.troubles) or any(not finding.warning for finding in self.findings)


def text(report: Report) -> str:
    """The whole file. The same report is the same text: nothing in it depends on a clock that may be wrong."""
    return BOM + "\r\n".join([*_lines(report), ""])


def _lines(report: Report) -> Iterator[str]:
    if report.refused:
        yield from _refusal(report)
    elif report.missing:
        yield "No chargepoint.toml lies here. The station runs with the configuration that it was made with."
        yield "EXAMPLE.toml shows everything that such a file may say."
    else:
        yield "What lies here is in force." if report.taken else "The station works with what it was told before."
        yield from _list("In force", report.taken)
        yield from _list("Kept inside the station and removed from here, for they are secret", report.kept)
        yield from _findings("Worth knowing about chargepoint.toml", report.findings)
    yield ""
    yield from _station(report.station)


def _refusal(report: Report) -> Iterator[str]:
    count = len(report.troubles) + sum(not finding.warning for finding in report.findings)
    outcome = "Nothing was taken over: the station goes on as before." if report.news else "The station cannot work so."
    yield f"{count} mistake{'s' if count > 1 else ''}. {outcome}"
    yield from _list("About the files", report.troubles)
    yield from _findings("About chargepoint.toml", report.findings)
    yield ""
    yield "Correct this, save, put the card back and switch the station on again."


def _list(head: str, entries: Sequence[str]) -> Iterator[str]:
    if entries:
        yield ""
        yield f"{head}:"
        yield from (f"  {entry}" for entry in entries)


def _findings(head: str, findings: Sequence[Finding]) -> Iterator[str]:
    yield from _list(head, [str(finding) for finding in findings])


def _station(station: Station) -> Iterator[str]:
    yield f"Station      {station.nameplate or 'not known yet'}"
    if station.back_office:
        yield f"Back office  {station.back_office}"
    yield f"Name         {station.host_name}"
    yield f"Page         {station.page or 'none that can be reached from outside; [web] listen decides'}"
    yield f"SSH          {'on, for the keys in authorized_keys' if station.login else 'off'}"
    for name, address in station.interfaces:
        yield f"Network      {name}, {address}: look for it in the list of your router"
