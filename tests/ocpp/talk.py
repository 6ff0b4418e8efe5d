"""A station's conversation with a scripted CSMS over a memory link."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from chargepoint.core.facts import Fact, Owed, Record, StatusChanged
from chargepoint.ocpp.conversation import Conversation
from chargepoint.ocpp.services import Registration
from tests.ocpp import fakes
from tests.ocpp.memory_link import MemoryLink
from tests.ocpp.scripted_csms import PATIENCE_S, ScriptedCsms


@dataclass
class Talk:
    conversation: Conversation
    csms: ScriptedCsms
    link: MemoryLink
    journal: fakes.FakeJournal
    memory: fakes.FakeMemory

    def happens(self, fact: Fact) -> Record:
        """A fact is journalled, then published, as the desk does."""
        record = fakes.record(self.conversation.services, fact)
        if isinstance(fact, Owed):
            record = self.journal.add(record)
        if isinstance(fact, StatusChanged) and fact.evse:
            self.conversation.services.station.evses[fact.evse].status = fact.status  # type: ignore[misc]
        self.conversation.heard(record)
        return record

    async def becomes(self, registration: Registration) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while self.conversation.registration is not registration:  # noqa: ASYNC110 - in virtual time
                await asyncio.sleep(0.01)

    async def accepted(self) -> None:
        await self.becomes(Registration.ACCEPTED)

    @property
    def station(self) -> Any:
        return self.conversation.services.station


@asynccontextmanager
async def talk(
    version: str = "1.6",
    *,
    services: Any = None,
    memory: fakes.FakeMemory | None = None,
    answers: dict[str, Any] | None = None,
    **options: Any,
) -> AsyncIterator[Talk]:
    """Starts both sides; the station has done nothing yet when the block begins."""
    link = MemoryLink()
    csms = ScriptedCsms(link, dict(answers or {}))
    memory = memory or fakes.FakeMemory()
    services = services or fakes.services()
    given: dict[str, Any] = {"versions": [version], "random": lambda: 0.0, "load": fakes.load} | options
    conversation = Conversation(link, services, memory, **given)
    async with asyncio.TaskGroup() as tasks:
        jobs = [tasks.create_task(csms.run()), tasks.create_task(conversation.run())]
        try:
            yield Talk(conversation, csms, link, services.journal, memory)
        finally:
            for job in jobs:
                job.cancel()


def restarted(old: Talk) -> Any:
    """The services of a new run of the program on the same journal."""
    fresh = fakes.services()
    return replace(fresh, journal=old.journal)
