"""A program that writes into a journal as fast as it can and says what it has been promised. Killed by its parent."""

import asyncio
import itertools
import sys
from pathlib import Path

from chargepoint.core.facts import Fact
from chargepoint.store.journal import Journal
from tests.store.given import BOOT, charging, ended, record, started


async def main(path: Path, life: str) -> None:
    journal = Journal.open(path, boot=BOOT)
    for number in itertools.count():
        name = f"{life}-{number}"
        facts: list[Fact] = [started(name), *(charging(name, n) for n in range(1, 6)), ended(name, 6)]
        for place, fact in enumerate(facts):
            (appended,) = await journal.append([record(fact, number * 100 + place)])
            tell("appended", appended.id, type(fact).__name__, name, place)
        if number % 2:
            for owed in journal.undelivered(3):
                await journal.freeze(owed.id, f"message {owed.id}", "ocpp1.6", "X", f"text of {owed.id}")
                tell("frozen", owed.id)
                await journal.deliver(owed.id)
                tell("delivered", owed.id)


def tell(*words: object) -> None:
    print(*words, flush=True)


asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
