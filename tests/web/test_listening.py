"""The door opens before anybody answers, and says in a sentence why it does not."""

import socket
import stat
from pathlib import Path

import pytest

from chargepoint.web.listening import open_file, open_port
from hw.errors import Fixable


def test_port_0_takes_any_and_tells_which() -> None:
    door = open_port("127.0.0.1:0")
    try:
        assert door.address == f"http://127.0.0.1:{door.socket.getsockname()[1]}"
        assert door.keys is None
    finally:
        door.close()


def test_callers_are_kept_until_somebody_answers() -> None:
    door = open_port("127.0.0.1:0")
    try:
        with socket.create_connection(door.socket.getsockname(), timeout=1):
            pass
    finally:
        door.close()


def test_a_taken_port_is_named() -> None:
    door = open_port("127.0.0.1:0")
    try:
        with pytest.raises(Fixable, match=r"cannot listen on 127\.0\.0\.1:.*another port"):
            open_port(f"127.0.0.1:{door.socket.getsockname()[1]}")
    finally:
        door.close()


@pytest.mark.parametrize("listen", ["", "8080", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:99999", "[::1:80"])
def test_what_is_no_address_is_named(listen: str) -> None:
    with pytest.raises(Fixable, match=r"\[web\] listen"):
        open_port(listen)


def test_a_password_that_the_file_names_has_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(Fixable, match="cannot read"):
        open_port("0.0.0.0:0", tmp_path / "none")
    short = tmp_path / "short"
    short.write_text("1234567\n")
    with pytest.raises(Fixable, match="too short"):
        open_port("0.0.0.0:0", short)


def test_the_password_is_read_without_its_line_end(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("open sesame\n")
    door = open_port("0.0.0.0:0", file)
    door.close()
    assert door.keys is not None
    assert door.keys.kept == "open sesame"


def test_other_machines_are_asked_for_the_labels_code_where_no_password_is_set(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "setup-code").write_text("$scrypt$...\n")
    door = open_port("0.0.0.0:0", state=tmp_path)
    door.close()
    assert door.keys is not None
    assert (door.keys.is_set, door.keys.code) == (False, "$scrypt$...")


def test_a_socket_file_is_for_our_user_and_group_only(tmp_path: Path) -> None:
    path = tmp_path / "api.sock"
    door = open_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    assert door.address == f"unix:{path}"
    door.close()
    assert not path.exists()


def test_a_socket_file_left_by_a_killed_daemon_is_replaced(tmp_path: Path) -> None:
    open_file(tmp_path / "api.sock").socket.close()
    open_file(tmp_path / "api.sock").close()


def test_a_path_too_long_for_a_socket_is_named(tmp_path: Path) -> None:
    with pytest.raises(Fixable, match="short path"):
        open_file(tmp_path / ("x" * 120) / "api.sock")
