"""The station at work: the desk in the middle, and around it the tasks that feed it and act on it.

Made once by `app.py` with real devices, sockets and time, and by the tests with simulated ones.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chargepoint.building import Built, remember
from chargepoint.config import Config
from chargepoint.core import catalogue as known
from chargepoint.core.authorization import Verdict
from chargepoint.core.facts import Fact, FaultRaised, JournalDamaged, MeterIdentified, MeterLost, Moment, Record
from chargepoint.core.observation import Observation
from chargepoint.core.register import Reading
from chargepoint.core.telling import told
from chargepoint.core.wishes import (
    AskAuthorization,
    BeginMetering,
    EndMetering,
    Reconnect,
    ReleaseCable,
    Restart,
    SignReading,
    Wish,
)
from chargepoint.datause import DataUse
from chargepoint.desk import Desk
from chargepoint.errors import Fixable, JournalError
from chargepoint.hardware import Hardware
from chargepoint.hearing import hear_frames
from chargepoint.heartbeats import Heartbeats
from chargepoint.logfields import about, about_fact
from chargepoint.maintenance import Maintenance, firmware_version, maintain
from chargepoint.observing import observation
from chargepoint.ocpp.conversation import Conversation
from chargepoint.ocpp.services import Nameplate, Services
from chargepoint.ocpp.transport import Connector
from chargepoint.records.costs import note_costs
from chargepoint.records.uptime import UptimeLedger
from chargepoint.security.certificates import Certificates, keep_certificates
from chargepoint.security.events import Watch, free_bytes
from chargepoint.signedmetering import know_what_is_signed
from chargepoint.store.certificates import CertificateFiles
from chargepoint.supervise import supervised
from chargepoint.tally import Tally
from chargepoint.tasks.cards import keep_reading
from chargepoint.tasks.displays import keep_shown
from chargepoint.tasks.sampling import Gate, MeterKeeper, answer
from chargepoint.tasks.stationmeters import StationMeterKeeper
from chargepoint.tasks.supply import keep_supplied
from chargepoint.tasks.unlocking import unlock
from chargepoint.tasks.upkeep import keep_up
from chargepoint.timing import Clock
from chargepoint.vitals import Punctuality
from chargepoint.web.trace import RecentFrames
from hw.guard.client import SELFTEST_WITHIN_S

if TYPE_CHECKING:
    from chargepoint.modem import ModemKeeper
    from chargepoint.store.journal import Journal
    from chargepoint.store.memory import Memory
    from chargepoint.updating.installer import Machine
    from chargepoint.updating.trial import Evidence
    from hw.api import Report

log = logging.getLogger(__name__)

WORRIES = (FaultRaised, MeterLost, JournalDamaged)
"""Facts that somebody has to do something about."""

UNWANTED = ("pending", "rejected")
"""The back office answers, and does not want us (yet)."""

SWITCH_AFTER_S = 2.0
"""From a change of how the station gets in to the new link: the answer must go out, and a Reset may belong to it."""

STUCK_S = 60.0
"""A commit may take seconds on a worn card, and longer on a full one."""

METER_SILENT_S = 120.0
"""Between two turns: a lost meter is opened again after half a minute, and gives up by itself."""

SUPPLY_SILENT_S, UPKEEP_SILENT_S = 10.0, 300.0
"""The guard's patience; some turns."""

LAST_WORDS_S = 5.0
"""Before a restart the CSMS gets this long to take what it is owed; the rest stays in the journal."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What comes after the daemon: nothing, or a restart of the program, (`hard`) as configured, or of the machine."""

    restart: bool = False
    hard: bool = False
    machine: bool = False
    firmware: bool = False  # for what has been installed
    scheduled: bool = False
    retries: int = 0  # of a restart that does not succeed


@dataclass(slots=True)
class Daemon:
    """One station, built and not started; `run` is its life."""

    config: Config
    built: Built
    journal: Journal
    memory: Memory
    clock: Clock
    hardware: Hardware
    connector: Connector | None = None  # None: a station that needs no back office
    cause: str = "PowerUp"
    rebooted: bool = True
    folder: Path = Path("/nonexistent/transfers")  # for files on their way from or to the back office
    files: CertificateFiles = field(default_factory=CertificateFiles)
    machine: Machine | None = None  # what knows its two systems; None: there is one
    traffic: DataUse | None = None  # None: nobody counts what the network carries
    modem: ModemKeeper | None = None  # None: there is none to ask about
    desk: Desk = field(init=False)
    conversation: Conversation | None = field(init=False, default=None)
    services: Services = field(init=False)
    maintenance: Maintenance = field(init=False)
    frames: RecentFrames | None = field(init=False, default=None)
    watch: Watch = field(init=False)
    tally: Tally = field(init=False)
    punctuality: Punctuality = field(default_factory=Punctuality)
    certificates: Certificates | None = field(init=False)
    keepers: dict[int, MeterKeeper] = field(init=False)
    station_meters: list[StationMeterKeeper] = field(init=False)
    ending: asyncio.Future[Ending] = field(init=False)
    beats: Heartbeats = field(init=False)
    uptime: UptimeLedger | None = None  # None: nobody keeps it
    _heard: asyncio.Event = field(default_factory=asyncio.Event)  # the guard has reported
    _switch: asyncio.TimerHandle | None = None
    _tasks: asyncio.TaskGroup = field(default_factory=asyncio.TaskGroup)

    def __post_init__(self) -> None:
        self.ending = asyncio.get_running_loop().create_future()
        self.beats = beats = Heartbeats(asyncio.get_running_loop().time)
        know_what_is_signed(self.built.station, self.hardware.meters)
        self.tally = Tally(self.clock.monotonic, traffic=self.traffic, modem=self.modem)
        self.desk = Desk(
            self.built.station, self.journal, self.clock, self._grant, beats.expect("desk", STUCK_S, resting=True)
        )
        beats.probe("store", STUCK_S, self.journal.database.aside)
        self.keepers = {
            evse: MeterKeeper(evse, meter, self.desk, beats.expect(f"meter of EVSE {evse}", METER_SILENT_S))
            for evse, meter in self.hardware.meters.items()
        }
        self.station_meters = [
            StationMeterKeeper(
                f"{role} meter", role, meter, self._building_read if role == "main" else None,
                heart=beats.expect(f"{role} meter", METER_SILENT_S),
            )
            for role, meter in self.hardware.station_meters
        ]  # fmt: skip
        self.maintenance = maintain(
            self.config, self.desk, self.memory, self.folder, self._restart, self.files, self.machine, self.traffic
        )
        self.maintenance.logbook.head = self._diagnostics
        if self.maintenance.trial is not None:
            self.maintenance.trial.evidence, self.maintenance.trial.stored = self._evidence, self._stored
        self.watch = Watch(self.desk.act, partial(free_bytes, self.folder.parent))
        self.certificates = keep_certificates(self.config, self.desk, self.files)
        self.services = self._services()
        if self.connector is not None and self.config.csms is not None:
            self.conversation = Conversation(
                self.connector, self.services, self.memory, self.config.csms.versions,
                cause=self.cause, rebooted=self.rebooted, configuration=self.config.digest,
            )  # fmt: skip
            if self.modem is not None:
                self.conversation.introduction = self.modem.introduced
            self.desk.subscribe(self.conversation.heard)
            self.conversation.on_raw_frame(self.tally.frame)
            self.frames = RecentFrames(partial(hear_frames, self.conversation, self.clock))
            if self.built.networks is not None:
                self.built.networks.on_switch = self.conversation.introduce
            if self.certificates is not None:
                self.certificates.ask = self.conversation.sign_certificate
        self.desk.subscribe(partial(remember, self.memory))
        self.desk.subscribe(partial(note_costs, self.built.station, self.journal, self.clock))
        self.desk.subscribe(_log_fact)
        self.desk.subscribe(self.tally.heard)
        self.desk.subscribe(self.maintenance.heard)
        self.desk.subscribe(self.watch.heard)
        if self.uptime is not None:
            self.uptime.refused = lambda: self.conversation is not None and self.conversation.registration in UNWANTED
            self.desk.subscribe(self.uptime.heard)
        settings = self.built.settings
        settings.compute(known.DATE_TIME, lambda: self.clock.now().at)
        self.clock.heeds_csms = lambda: "Heartbeat" in settings[known.TIME_SOURCE]
        self.clock.on_trust += [self._clock_is_known, self.watch.clock_set]
        self.built.station.trust_clock(self.clock.trusted)
        guard = self.hardware.guard
        guard.on_report, guard.on_lost = self._guard_reported, self._guard_lost

    def _services(self) -> Services:
        plate, version = self.config.station, firmware_version(self.config, self.memory, self.machine)
        return Services(
            station=self.built.station, act=self.desk.act, settings=self.built.settings, cards=self.built.cards,
            journal=self.journal, clock=self.clock, unlock=self.unlock, firmware=self.maintenance.firmware,
            uploads=self.maintenance.uploads, notice=self.watch, stored=self._stored,
            certificates=self.certificates, sim=lambda: self.modem.sim if self.modem is not None else None,
            nameplate=Nameplate(plate.vendor, plate.model, plate.serial_number, version),
        )  # fmt: skip

    def _evidence(self) -> Evidence:
        """The self-test of a system that has just been installed."""
        from chargepoint.updating.evidence import look

        registration = None if self.conversation is None else self.conversation.registration
        return look(self.built.station, self.hardware.guard.alive, self.keepers, registration)

    async def _stored(self) -> bool:
        try:
            await self.memory.flushed()
        except JournalError:  # the memory has said so in the log
            return False
        return True

    def _diagnostics(self) -> str:
        from chargepoint.localcontrols import LocalControls
        from chargepoint.records.diagnostics import report

        return report(LocalControls(self), self.frames, self.folder.parent)

    # --- running ------------------------------------------------------------------------------------------------------

    async def run(self, *jobs: Callable[[], Awaitable[None]]) -> Ending:
        """Until told to end. `jobs` run beside; one that fails ends the daemon."""
        logbook = self.maintenance.logbook
        with closing(logbook), logbook.lines.listening():
            return await self._run(jobs)

    async def _run(self, jobs: Sequence[Callable[[], Awaitable[None]]]) -> Ending:
        async with self._tasks:
            if self.maintenance.trial is not None:  # it ends when it is decided
                jobs = (*jobs, partial(supervised, "updates", self.maintenance.trial.run))
            own = [(name, self._start(job)) for name, job in self._jobs()]
            for name, task in own:
                self.beats.expect_task(name, task)
            running = [*(task for _, task in own), *(self._start(job) for job in jobs)]
            self.desk.act(lambda station, now: station.started(self.cause, self.journal.damaged, now))
            self.watch.started(self.cause, self.maintenance.logbook.is_gone(self.memory))
            self.maintenance.started()
            if self.uptime is not None:
                version, evses = self.services.nameplate.firmware_version, self.built.station.evses
                self.uptime.started(version, evses)
            ending = await self.ending
            self._tell_what_stays_open(ending)
            if ending.restart:
                await self._last_words()
            for task in running:
                task.cancel()
        return ending

    def _tell_what_stays_open(self, ending: Ending) -> None:
        log.info("restarting" if ending.restart else "stopping")
        for evse in self.built.station.evses.values():
            if evse.transaction is not None:
                log.info(
                    "evse=%d the session stays open: the guard goes on for two minutes, then ends supply",
                    evse.id, extra=about(evse=evse.id, transaction=evse.transaction.id),
                )  # fmt: skip

    def end(self, ending: Ending) -> None:
        if not self.ending.done():
            self.ending.set_result(ending)

    def _restart(self) -> None:
        """What has been installed runs from now on."""
        machine = self.machine is not None
        self.end(Ending(True, hard=True, machine=machine, firmware=True, scheduled=True, retries=self._retries))

    @property
    def _retries(self) -> int:
        return self.built.settings[known.RESET_RETRIES]

    def _jobs(self) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
        """Those that never end, by the names that the log has for them."""
        beats, upkeep = self.beats, partial(keep_up, self.clock, self.journal, self.memory, self._look)
        supply = partial(keep_supplied, self.desk, self.hardware.guard, self._heard, self.tally.guard.permitted)
        jobs: list[tuple[str, Callable[[], Awaitable[None]]]] = [
            ("desk", self.desk.run),
            ("supply", partial(supply, heart=beats.expect("supply", SUPPLY_SILENT_S))),
            ("upkeep", partial(upkeep, beats.expect("upkeep", UPKEEP_SILENT_S))),
            ("uploads", self.maintenance.uploads.run),
        ]
        if self.maintenance.firmware is not None:
            jobs.append(("firmware", self.maintenance.firmware.run))
        jobs += [(f"meter of EVSE {n}", partial(self._keep_metering, keeper)) for n, keeper in self.keepers.items()]
        jobs += [(keeper.name, partial(supervised, keeper.name, keeper.run)) for keeper in self.station_meters]
        jobs += [
            (f"card reader {number + 1}", partial(keep_reading, self.desk, number, reader))
            for number, reader in enumerate(self.hardware.readers)
        ]
        jobs += [
            (f"display {number + 1}", partial(keep_shown, self.desk, number, display, len(self.hardware.readers)))
            for number, display in enumerate(self.hardware.displays)
        ]
        if self.conversation is not None:
            jobs.append(("back office", self.conversation.run))
        if self.certificates is not None:
            jobs.append(("certificates", self.certificates.run))
        if self.traffic is not None:
            jobs.append(("data use", self.traffic.keep))
        if self.modem is not None:
            jobs.append(("modem", self.modem.run))
        return jobs

    def _look(self) -> None:
        """Every minute."""
        self.watch.look()
        if self.uptime is not None:
            self.uptime.look()

    def _start(self, job: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        async def run() -> None:
            await job()

        return self._tasks.create_task(run())

    async def _keep_metering(self, keeper: MeterKeeper) -> None:
        await supervised(f"meter of EVSE {keeper.evse}", keeper.run, lost=lambda fault: keeper.lose(str(fault)))

    async def _last_words(self) -> None:
        """Before a restart: what happened is recorded, and the CSMS may still take it."""
        await self.desk.settled()
        try:
            async with asyncio.timeout(LAST_WORDS_S):
                while self.built.station.online and self.journal.undelivered_count():  # noqa: ASYNC110 - once, bounded
                    await asyncio.sleep(0.05)
        except TimeoutError:
            log.info("restarting with %d messages still owed", self.journal.undelivered_count())

    # --- from the guard -----------------------------------------------------------------------------------------------

    def _guard_reported(self, report: Report) -> None:
        self.tally.guard.reported(report, self.clock.monotonic())
        self.hardware.heard(report)
        if report.evse not in self.built.station.evses:
            return
        seen: Observation = observation(report)
        if not self.built.station.knows(report.evse, seen):  # most reports only say that the guard lives
            self.desk.act(lambda station, now: station.guard_reported(report.evse, seen, now))
        self._heard.set()

    def _building_read(self, main_a: tuple[float, ...]) -> None:
        """Amperes per phase at the main meter."""
        self.desk.act(
            lambda station, now: station.sharing.connection.measured(main_a, station.evses.values(), now.mono_s)
        )

    def _guard_lost(self) -> None:
        self.desk.act(lambda station, now: station.guard_lost(now))

    async def unlock(self, evse: int) -> str:
        """Unlocked, UnlockFailed or NotSupported, once the lock has moved (or not)."""
        return await unlock(self.built.station.evses[evse], self.hardware.guard, self.desk)

    # --- what the core wishes -----------------------------------------------------------------------------------------

    def _grant(self, wish: Wish) -> None:
        match wish:
            case AskAuthorization():
                self._ask(wish)
            case BeginMetering(evse, transaction, token):
                self._pass(evse, Gate("begin", transaction, token))
            case EndMetering(evse, transaction):
                self._pass(evse, Gate("end", transaction))
            case SignReading(evse):
                self._pass(evse, Gate("sign"))
            case ReleaseCable(evse):
                self._tasks.create_task(self._release_cable(evse))
            case Reconnect():
                self._switch_soon()
            case Restart(0, hard, scheduled):
                self.end(Ending(restart=True, hard=hard, scheduled=scheduled, retries=self._retries))
            case Restart(evse):  # what can be started afresh of one EVSE is its protection
                self._tasks.create_task(self._test_itself(evse))

    def _switch_soon(self) -> None:
        """Several changes in a row are one switch."""
        if self._switch is not None:
            self._switch.cancel()
        if self.conversation is not None:
            self._switch = asyncio.get_running_loop().call_later(SWITCH_AFTER_S, self.conversation.reconnect)

    def _ask(self, wish: AskAuthorization) -> None:
        def answered(verdict: Verdict | None) -> None:
            self.desk.act(lambda station, now: station.authorization_answered(wish.question, verdict, now))

        if self.conversation is None:
            asyncio.get_running_loop().call_soon(answered, None)
        else:
            self.conversation.authorize(wish.token, answered)

    def _pass(self, evse: int, gate: Gate) -> None:
        """A meter's begin or end value; an EVSE without a meter counts nothing and says so: its register stays 0."""
        keeper = self.keepers.get(evse)
        if keeper is not None:
            keeper.ask(gate)
            return
        reading, act = Reading(0.0, taken_s=self.clock.now().mono_s), self.desk.act
        asyncio.get_running_loop().call_soon(
            lambda: act(lambda station, now: answer(station, evse, gate, reading, now))
        )

    async def _test_itself(self, evse: int) -> None:
        result = await self.hardware.guard.command(evse, "self_test", timeout_s=SELFTEST_WITHIN_S)
        if not result.ok:
            log.warning("evse=%d self-test after a reset: %s", evse, result.detail, extra=about(evse=evse))

    async def _release_cable(self, evse: int) -> None:
        await self.hardware.guard.command(evse, "unlock")

    def _clock_is_known(self, now: Moment) -> None:
        self.built.station.trust_clock(True)
        self._tasks.create_task(self._note_clock(now))

    async def _note_clock(self, now: Moment) -> None:
        try:
            await self.journal.note_clock(now.mono_s, now.at)
        except Fixable as fault:
            log.error("the time could not be noted: %s", fault)


def _is_worry(fact: Fact) -> bool:
    """Another meter, unless it is the first."""
    return isinstance(fact, MeterIdentified) and bool(fact.before)


def _log_fact(record: Record) -> None:
    """One line a customer would notice."""
    fact = record.fact
    level = logging.WARNING if isinstance(fact, WORRIES) or _is_worry(fact) else logging.INFO
    if log.isEnabledFor(level) and (line := told(fact)):
        log.log(level, "%s", line, extra=about_fact(fact))
