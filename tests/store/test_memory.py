"""What the station remembers."""

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chargepoint.store.database import Database
from chargepoint.store.journal import Journal
from chargepoint.store.memory import Memory


async def remembered(path: Path, space: str) -> dict[str, Any]:
    database = Database(path, inline=True)
    items = Memory(database).items(space)
    await database.close()
    return items


async def test_what_was_put_is_there_in_the_next_life(path: Path) -> None:
    database = Database(path, inline=True)
    memory = Memory(database)
    memory.put("settings", "HeartbeatInterval", "300")
    memory.put("settings", "WebSocketPingInterval", "10")
    memory.put("settings", "HeartbeatInterval", "600")
    memory.put("evse", "1", {"operative": False})
    memory.delete("settings", "WebSocketPingInterval")
    memory.delete("settings", "never put")
    await memory.flushed()
    await database.close()

    assert await remembered(path, "settings") == {"HeartbeatInterval": "600"}
    assert await remembered(path, "evse") == {"1": {"operative": False}}


async def test_what_is_unknown_is_none_or_what_the_caller_says(path: Path) -> None:
    memory = Memory(Database(path, inline=True))
    assert memory.get("x", "y") is None
    assert memory.get("x", "y", 5) == 5
    assert memory.items("x") == {}


async def test_changing_what_was_got_changes_nothing(path: Path) -> None:
    memory = Memory(Database(path, inline=True))
    value = {"cards": ["a"]}
    memory.put("list", "local", value)
    value["cards"].append("b")
    memory.get("list", "local")["cards"].append("c")
    assert memory.get("list", "local") == {"cards": ["a"]}


async def test_what_is_unchanged_is_not_written_again(path: Path) -> None:
    database = Database(path, inline=True)
    memory = Memory(database)
    memory.put("a", "b", {"x": 1, "y": 2})
    log = path.with_name(path.name + "-wal")
    size = log.stat().st_size
    memory.put("a", "b", {"y": 2, "x": 1})
    memory.put("a", "b", {"x": 1, "y": 2})
    assert log.stat().st_size == size
    memory.put("a", "b", {"x": 1, "y": 3})
    assert log.stat().st_size > size


async def test_a_space_can_be_replaced_whole(path: Path) -> None:
    database = Database(path, inline=True)
    memory = Memory(database)
    memory.put_all("list", {"a": 1, "b": 2})
    memory.put_all("list", {"b": 3, "c": 4})
    assert memory.items("list") == {"b": 3, "c": 4}
    await database.close()
    assert await remembered(path, "list") == {"b": 3, "c": 4}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.text(), st.text(), json_values)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_any_json_value_comes_back(journal: Journal, space: str, key: str, value: Any) -> None:
    Memory(journal.database).put(space, key, value)
    assert Memory(journal.database).get(space, key) == value
