"""kill -9 in the middle of writing a log, again and again: what was written stays, and each line is whole."""

import subprocess
import sys
from pathlib import Path

from chargepoint.store.ring import Ring

ROOT = Path(__file__).parents[2]
LIVES = 8


def written_in_a_life(folder: Path, first: int, lines: int) -> int:
    """Start the child, kill it after so many lines, and tell the last number that it said was written."""
    program = [sys.executable, "-m", "tests.process.ring_child", str(folder), str(first)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdout is not None
        said = [child.stdout.readline() for _ in range(lines)]
        child.kill()
        said += child.stdout.readlines()
    return max(int(line) for line in said if line.endswith("\n"))


def test_no_line_that_was_written_is_lost_to_kill_9(tmp_path: Path) -> None:
    folder, last = tmp_path / "logs", 0
    for life in range(LIVES):
        first = last + 1
        last = written_in_a_life(folder, first, 101 + 57 * life)
        lines = [line.split() for _, line in Ring(folder, "log", files=4, file_bytes=20_000).lines()]
        numbers = [int(words[2]) for words in lines if words[1] == "line" and words[-1] != "(torn)"]
        assert last in numbers
        assert numbers == sorted(numbers)
        kept = [number for number in numbers if number >= first]
        assert kept == list(range(kept[0], kept[-1] + 1))
        assert all(len(words[3]) == int(words[2]) % 300 for words in lines if len(words) == 4 and words[-1] != "(torn)")
        assert sum(file.stat().st_size for file in folder.iterdir()) <= 80_000
        last = max(last, kept[-1])
