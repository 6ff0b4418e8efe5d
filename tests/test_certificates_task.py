"""Having the station's certificate signed and renewed, over days and months."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chargepoint.core.certificatekind import Kind
from chargepoint.core.facts import Moment
from chargepoint.core.settings import Settings
from chargepoint.demo.authority import Authority
from chargepoint.desk import Desk
from chargepoint.security.roots import RootKeeper
from chargepoint.store.certificates import CertificateFiles
from chargepoint.tasks.certificates import CertificateKeeper

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY, HOUR = 86_400.0, 3_600.0


@dataclass
class Bench:
    """A keeper, and a back office that answers `verdict` to each request."""

    folder: Path
    certificate_file: Path | None = None
    trusted: bool = True
    verdict: bool | None = True
    takes_s: float = 0.0
    asked: list[tuple[float, str]] = field(default_factory=list)  # when, and for what
    own: list[bool] = field(default_factory=list)  # was it its own idea?
    emitted: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.settings = Settings({"SecurityCtrlr.OrganizationName": "Cars and Volts"})
        self.files = CertificateFiles(self.folder / "certificates")
        around = SimpleNamespace(emit=self.emitted.append)
        station = SimpleNamespace(settings=self.settings, around=around)
        desk = cast(Desk, SimpleNamespace(station=station, clock=self, act=lambda deed: deed(station, self.now())))
        roots = RootKeeper(desk, self.files)
        self.keeper = CertificateKeeper(desk, self.files, roots, "A-1", self._take, self.certificate_file)

    def now(self) -> Moment:
        mono_s = asyncio.get_running_loop().time()
        return Moment(mono_s, NOON + timedelta(seconds=mono_s))

    async def _take(self, request: str, own: bool) -> bool | None:
        self.asked.append((self.now().mono_s, request))
        self.own.append(own)
        await asyncio.sleep(self.takes_s)
        return self.verdict

    def set(self, name: str, value: int) -> None:
        setting = self.settings.find(name)
        assert setting is not None
        assert self.settings.change(setting, str(value), "csms").accepted

    def days(self) -> list[float]:
        """When it was asked, in days."""
        return [round(at_s / DAY, 1) for at_s, _ in self.asked]


@asynccontextmanager
async def at_work(bench: Bench) -> AsyncIterator[Bench]:
    task = asyncio.create_task(bench.keeper.run())
    try:
        yield bench
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def root(tmp_path: Path) -> Authority:
    return Authority(tmp_path, days=1000, now=lambda: NOON)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def test_each_wait_for_a_certificate_is_twice_the_one_before(bench: Bench) -> None:
    bench.set("CertSigningWaitMinimum", 60)
    bench.set("CertSigningRepeatTimes", 3)
    async with at_work(bench):
        await asyncio.sleep(DAY)
        assert bench.asked == []
        assert bench.keeper.request()
        await asyncio.sleep(3 * DAY)
        times = [at_s for at_s, _ in bench.asked]
        assert [later - first for first, later in pairwise(times)] == [60, 120, 240]
        assert bench.keeper.request()
        await asyncio.sleep(1)
        assert len(bench.asked) == 5


async def test_whoever_does_not_answer_is_asked_again_without_counting(bench: Bench) -> None:
    bench.set("CertSigningWaitMinimum", 60)
    bench.set("CertSigningRepeatTimes", 0)
    bench.verdict = None
    async with at_work(bench):
        bench.keeper.request()
        await asyncio.sleep(HOUR)
        assert len(bench.asked) == 60
        bench.verdict = True
        await asyncio.sleep(60)
        bench.verdict = None
        await asyncio.sleep(DAY)
        assert len(bench.asked) == 61


async def test_a_wish_while_the_back_office_makes_up_its_mind_is_a_request_of_its_own(bench: Bench) -> None:
    bench.set("CertSigningRepeatTimes", 0)
    bench.takes_s = 20.0
    async with at_work(bench):
        bench.keeper.request()
        await asyncio.sleep(10)
        bench.keeper.request()
        await asyncio.sleep(DAY)
        first, second = (at_s for at_s, _ in bench.asked)
        assert second - first == 20.0


async def test_a_refusal_ends_it(bench: Bench) -> None:
    bench.verdict = False
    async with at_work(bench):
        bench.keeper.request()
        await asyncio.sleep(DAY)
        assert len(bench.asked) == 1


async def test_the_installers_certificate_is_renewed_in_its_last_month_once_a_day(
    tmp_path: Path, root: Authority
) -> None:
    bench = Bench(tmp_path, certificate_file=root.sign("A-1", days=121).certificate)  # since yesterday
    bench.set("CertSigningRepeatTimes", 0)
    async with at_work(bench):
        await asyncio.sleep(93.5 * DAY)
        assert bench.days() == pytest.approx([90.0, 91.0, 92.0, 93.0], abs=0.2)
        assert bench.keeper.signed(root.answer(bench.asked[-1][1], days=365))
        await asyncio.sleep(10 * DAY)
        assert len(bench.asked) == 4
        assert all(bench.own)
        bench.keeper.request()
        await asyncio.sleep(1)
        assert not bench.own[-1]


async def test_an_installed_certificate_is_renewed_too(bench: Bench, root: Authority) -> None:
    async with at_work(bench):
        bench.keeper.request()
        await asyncio.sleep(1)
        assert bench.keeper.signed(root.answer(bench.asked[0][1], days=31))
        await asyncio.sleep(18 * DAY)
        assert len(bench.asked) == 1
        await asyncio.sleep(4 * DAY)
        assert len(bench.asked) > 1


@pytest.mark.parametrize("missing", ["the time", "the operator's name", "the certificate"])
async def test_nothing_is_renewed_without(tmp_path: Path, root: Authority, missing: str) -> None:
    file = root.sign("A-1", days=2).certificate
    bench = Bench(tmp_path, certificate_file=None if missing == "the certificate" else file)
    bench.trusted = missing != "the time"
    if missing == "the operator's name":
        bench.settings = Settings()
        bench.keeper.desk.station.settings = bench.settings  # type: ignore[misc]
    async with at_work(bench):
        await asyncio.sleep(DAY)
        assert bench.asked == []
        assert bench.keeper.request() is (missing != "the operator's name")


async def test_a_certificate_file_that_cannot_be_read_is_no_reason_to_stop(tmp_path: Path) -> None:
    async with at_work(Bench(tmp_path, certificate_file=tmp_path / "missing.pem")) as bench:
        await asyncio.sleep(DAY)
        bench.keeper.request()
        await asyncio.sleep(1)
        assert len(bench.asked) == 1


async def test_a_key_that_the_disk_does_not_take_ends_the_request(bench: Bench) -> None:
    (bench.folder / "certificates").write_text("no folder")
    async with at_work(bench):
        bench.keeper.request()
        await asyncio.sleep(DAY)
        assert bench.asked == []


async def test_a_chain_that_is_too_long_is_not_looked_into(bench: Bench, root: Authority) -> None:
    async with at_work(bench):
        bench.keeper.request()
        await asyncio.sleep(1)
        good = root.answer(bench.asked[0][1])
        assert not bench.keeper.signed(good + " " * 10_000)
        assert [(fact.event, fact.info) for fact in bench.emitted] == [
            ("InvalidChargingStationCertificate", "it is longer than 10000 characters")
        ]
        assert bench.keeper.signed(good)


async def test_of_several_new_certificates_the_last_and_the_one_in_use_are_kept(bench: Bench, root: Authority) -> None:
    async with at_work(bench):
        for number in range(4):
            bench.keeper.request()
            await asyncio.sleep(1)
            assert bench.keeper.signed(root.answer(bench.asked[-1][1], days=100))
            if number == 1:
                bench.keeper.worked(bench.files.all(Kind.STATION)[-1].file)
        assert [kept.number for kept in bench.files.all(Kind.STATION)] == [2, 4]
