"""kill -9 in the middle of anything: nothing that was promised is lost."""

import subprocess
import sys
from pathlib import Path

from chargepoint.store.frozen import Frozen
from chargepoint.store.journal import SETTLE_COUNT, Journal
from tests.store.given import BOOT

ROOT = Path(__file__).parents[2]
LIVES = 6


def words_of_a_life(path: Path, life: int, lines: int) -> list[list[str]]:
    """Start the child, listen until it has said so much, kill it, and hear what it still said."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.process.journal_child", str(path), f"life{life}"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    with child:
        if child.stdout is None:
            raise RuntimeError("no pipe")
        said = [child.stdout.readline() for _ in range(lines)]
        child.kill()
        said += child.stdout.readlines()
    return [line.split() for line in said if line.endswith("\n")]


async def test_nothing_acknowledged_is_lost_to_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "chargepoint.db"
    appended: dict[int, list[str]] = {}
    delivered: set[int] = set()
    for life in range(LIVES):
        for verb, number, *rest in words_of_a_life(path, life, 57 + 31 * life):
            match verb:
                case "appended":
                    assert int(number) not in appended, "a number was given twice"
                    appended[int(number)] = rest
                case "delivered":
                    delivered.add(int(number))
        check(path, appended, delivered)


def check(path: Path, appended: dict[int, list[str]], delivered: set[int]) -> None:
    journal = Journal.open(path, boot=BOOT, inline=True)
    owed = {found.id: found for found in journal.undelivered(100_000)}
    assert journal.damaged is None
    assert journal.undelivered_count() == len(owed)

    lost = appended.keys() - owed.keys() - delivered
    assert len(lost) <= 1, "delivered without being heard saying so: the one at the moment of the kill, at most"
    for number, record in owed.items():
        if number in appended:
            kind, transaction, seq_no = appended[number]
            assert (type(record.fact).__name__, record.fact.transaction) == (kind, transaction)  # type: ignore[attr-defined]
            assert record.fact.seq_no == int(seq_no)  # type: ignore[attr-defined]

    again = [owed[number] for number in delivered & owed.keys()]
    assert {type(found.fact).__name__ for found in again} <= {"TransactionUpdated"}, (
        "a start or an end is sent once more"
    )
    assert len(again) <= SETTLE_COUNT
    for record in again:
        delivered.discard(record.id)

    frozen = journal.frozen(min(owed))
    assert frozen is None or frozen == Frozen(min(owed), f"message {min(owed)}", "ocpp1.6", "X", f"text of {min(owed)}")
    journal.database.abandon()
