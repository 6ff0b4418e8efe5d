"""The smallest file, files of Windows editors, paths, and files that cannot be read at all."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chargepoint.config import AccessConfig, Config
from chargepoint.config.file import check, load
from chargepoint.errors import ConfigMistakes
from hw.guard.config import read_config
from tests.config.conftest import SMALLEST, STATION

Write = Callable[[str], Path]


def test_the_smallest_file_is_a_simulated_station_for_everybody(written: Write) -> None:
    config = load(written(SMALLEST))
    (evse,) = config.evses
    mock = {"driver": "mock"}
    assert (evse.id, evse.pilot, evse.contactor, evse.lock, evse.meter) == (1, mock, mock, mock, mock)
    assert config.mock
    assert config.card_readers == (mock,)
    assert config.access == AccessConfig(mode="free")
    assert config.csms is None
    assert config.web is None


def test_another_text_is_another_configuration(written: Write) -> None:
    first, same, other = (load(written(text)).digest for text in (SMALLEST, SMALLEST, SMALLEST + "phases = 1\n"))
    assert first == same != other


def test_a_fixed_cable_is_simulated_without_a_lock(written: Write) -> None:
    assert load(written(SMALLEST + 'outlet = "cable"\n')).evses[0].lock is None


def test_a_station_with_a_reader_and_no_back_office_knows_its_own_cards(written: Write) -> None:
    config = load(written(SMALLEST + '[[card_reader]]\ndriver = "mock"\n'))
    assert config.access.mode == "local"


def test_a_back_office_decides_unless_the_file_says_otherwise(written: Write) -> None:
    csms = '[csms]\nurl = "ws://x"\nidentity = "CP1"\nsecurity_profile = 0\n'
    assert load(written(SMALLEST + csms)).access.mode == "ocpp"
    assert load(written(SMALLEST + csms + '[access]\nmode = "free"\n')).access.mode == "free"


def test_outlets_are_numbered_from_one(written: Write) -> None:
    assert [evse.id for evse in load(written(SMALLEST + "[[evse]]\n[[evse]]\n")).evses] == [1, 2, 3]


def test_settings_have_their_canonical_name(written: Write) -> None:
    config = load(written(SMALLEST + "[settings]\nheartbeatinterval = 300\n"))
    assert config.settings == {"OCPPCommCtrlr.HeartbeatInterval": "300"}


def test_a_relative_path_counts_from_the_folder_of_the_file(written: Write) -> None:
    path = written(SMALLEST + '[web]\npassword_file = "secret"\n')
    path.with_name("secret").write_text("me:0123456789")
    web = load(path).web
    assert web is not None
    assert web.password_file == path.with_name("secret")


def test_a_file_of_a_windows_editor_is_read(tmp_path: Path) -> None:
    path = tmp_path / "chargepoint.toml"
    path.write_bytes(b"\xef\xbb\xbf" + (SMALLEST + "phases = 2\n").replace("\n", "\r\n").encode())
    assert [f.line for f in check(path) if not f.warning] == [6]


def test_the_guard_reads_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "chargepoint.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALLEST.replace("\n", "\r\n").encode())
    (section,) = read_config(path).sections
    (evse,) = load(path).evses
    assert section.drivers == {"pilot": evse.pilot, "contactor": evse.contactor, "lock": evse.lock}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "chargepoint.toml"
    path.write_bytes(SMALLEST.encode(encoding))
    assert [str(f) for f in check(path)] == ['it is written in UTF-16. Save the file as "UTF-8" in the editor.']


def test_a_letter_of_another_alphabet_is_found(tmp_path: Path) -> None:
    path = tmp_path / "chargepoint.toml"
    path.write_bytes(SMALLEST.replace("Acme", "Käme").encode("latin-1"))
    assert [str(f) for f in check(path)] == [
        'line 2: a letter that is not UTF-8. Save the file as "UTF-8" in the editor.'
    ]


def test_a_missing_file_comes_with_the_command_that_writes_one(tmp_path: Path) -> None:
    path = tmp_path / "chargepoint.toml"
    (finding,) = check(path)
    assert str(finding).startswith("there is no such file. Begin with the example: ")
    assert f"deploy/chargepoint.toml {path}" in str(finding)


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    assert [str(f) for f in check(tmp_path)] == ["it cannot be read: Is a directory. Correct the path."]


def test_an_open_secret_is_a_warning(written: Write) -> None:
    path = written(SMALLEST + '[csms]\nidentity = "CP1"\nurl = "wss://x"\npassword_file = "secret"\n')
    secret = path.with_name("secret")
    secret.write_text("0123456789abcdef\n")
    secret.chmod(0o644)
    path.parent.chmod(0o755)
    assert (
        f'line 9: warning: [csms] password_file = "{secret}" is open to other users of this machine. '
        f"Close it: sudo chmod 640 {secret}"
    ) in [str(f) for f in check(path)]
    path.parent.chmod(0o750)
    assert "open to other users" not in str(check(path))  # nobody else gets into the folder
    path.parent.chmod(0o755)
    secret.chmod(0o640)
    assert "open to other users" not in str(check(path))


def test_a_short_password_is_a_warning(written: Write) -> None:
    path = written(SMALLEST + '[csms]\nidentity = "CP1"\nurl = "wss://x"\npassword_file = "secret"\n')
    path.with_name("secret").write_text("short")
    path.with_name("secret").chmod(0o600)
    (warning,) = [f for f in check(path) if "password" in str(f)]
    assert "has 5 characters. OCPP asks for 16 to 40; a strict back office refuses others." in str(warning)


def test_a_secret_that_this_user_may_not_read_is_named(written: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(SMALLEST + '[csms]\nidentity = "CP1"\nurl = "wss://x"\npassword_file = "secret"\n')
    secret = path.with_name("secret")
    real = Path.read_bytes

    def refused(self: Path) -> bytes:
        if self == secret:
            raise PermissionError(13, "Permission denied")
        return real(self)

    monkeypatch.setattr(Path, "read_bytes", refused)
    (mistake,) = [f for f in check(path) if not f.warning]
    assert f'[csms] password_file = "{secret}" cannot be read by user ' in str(mistake)


def test_an_empty_secret_is_a_mistake(written: Write) -> None:
    path = written(SMALLEST + '[web]\npassword_file = "secret"\n')
    path.with_name("secret").write_text("\n")
    (mistake,) = [f for f in check(path) if not f.warning]
    assert "is empty. Put the secret into it, or correct the path." in str(mistake)


# --- whatever stands in it --------------------------------------------------------------------------------------------

WORDS = """
    station supply csms access evse card_reader settings web vendor model serial_number url identity versions
    security_profile password_file ca_file mode max_current_a phases fallback_a pilot contactor driver port line
    listen outlet HeartbeatInterval x.y
"""
NAMES = st.sampled_from(WORDS.split())
SCALARS = st.one_of(
    st.booleans(),
    st.integers(-3, 100),
    st.floats(allow_nan=True),
    st.sampled_from(
        ["", "mock", "ws://x", "wss://x:0/", "ocpp", "free", "0.0.0.0:80", "1.6", "/", "a\0b", "\n", "[::1"]
    ),
    st.text(max_size=6),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=8)


def toml(value: object) -> str:
    """`value` as TOML writes it, inline."""
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return repr(value).replace("e+", "e")
        case int():
            return str(value)
        case str():
            escaped = "".join(c if c.isalnum() and c.isascii() else f"\\U{ord(c):08X}" for c in value)
            return f'"{escaped}"'
        case list():
            return "[" + ", ".join(toml(item) for item in value) + "]"
        case dict():
            return "{" + ", ".join(f'"{key}" = {toml(item)}' for key, item in value.items()) + "}"
    raise TypeError(value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(document=DOCUMENTS, smallest=st.booleans())
def test_no_table_whatever_raises_anything_but_a_report(
    written: Write, document: dict[str, object], smallest: bool
) -> None:
    lines = [f'"{name}" = {toml(value)}' for name, value in document.items()]
    path = written("\n".join([*lines, SMALLEST if smallest else ""]))
    try:
        config = load(path)
    except ConfigMistakes as mistakes:
        assert str(mistakes).count("\n") == len(mistakes.findings)  # noqa: PT017 - one line each
        assert all(finding.mistake.fix for finding in mistakes.findings)  # noqa: PT017
    else:
        assert isinstance(config, Config)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(noise=st.text(max_size=8), place=st.integers(0, len(STATION)))
def test_noise_anywhere_in_the_text_is_reported(written: Write, noise: str, place: int) -> None:
    text = SMALLEST[:place] + noise.encode("utf-8", "replace").decode() + SMALLEST[place:]
    for finding in check(written(text)):
        assert 0 <= finding.line <= text.count("\n") + 1
        assert finding.mistake.fix
