"""What is typed: options anywhere, wrong words, help."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from chargepoint.cli import main, overview, parser_of, split
from chargepoint.cli.commands import COMMANDS
from tests.cli.conftest import Said


@pytest.mark.parametrize(
    ("typed", "name", "rest"),
    [
        ("status", "status", ""),
        ("--state /s status", "status", "--state /s"),
        ("status --state /s", "status", "--state /s"),
        ("--config=/c sim --state /s plug 1", "sim plug", "--config=/c --state /s 1"),
        ("start 1 stop", "start", "1 stop"),
        ("", "", ""),
        ("--help", "", "--help"),
    ],
)
def test_options_stand_before_or_after_the_command(typed: str, name: str, rest: str) -> None:
    assert split(typed.split()) == (name, rest.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_its_work(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    from importlib import import_module

    command = COMMANDS[name]
    module, _, function = command.work.partition(":")
    assert callable(getattr(import_module(f"chargepoint.cli.{module}"), function))
    with pytest.raises(SystemExit) as ended:
        parser_of(command).parse_args(["--help"])
    assert ended.value.code == 0
    assert "--state" in capsys.readouterr().out


def test_the_overview_names_every_command_once() -> None:
    for name in COMMANDS:
        assert len(re.findall(rf"^  {name}  ", overview(), re.MULTILINE)) == 1


@pytest.mark.parametrize("words", ["--help", "-h", "help"])
def test_help_is_no_mistake(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([words]) == 0
    assert capsys.readouterr().out.startswith("usage: chargepoint")


def test_a_group_has_help_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cards", "--help"]) == 0
    assert re.findall(r"^  (\w+ \w+)  ", capsys.readouterr().out, re.MULTILINE) == [
        "cards list",
        "cards add",
        "cards remove",
    ]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("statsu", 'chargepoint: "statsu" is not a command. Did you mean "status"?'),
        (
            "sim",
            "chargepoint: sim what? There are: sim plug, sim unplug, sim car, sim fault, sim house, sim card, "
            "sim link.",
        ),
        ("cards drop", 'chargepoint: "cards drop" is not a command. There are: cards list, cards add, cards remove.'),
    ],
)
def test_a_wrong_word_is_status_2(typed: str, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(typed.split()) == 2
    assert capsys.readouterr().err.strip() == sentence


def test_no_word_at_all_is_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage: chargepoint" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("limit one 16", '"one" is not an EVSE; they are numbered 1, 2, ...'),
        ("limit 0 16", '"0" is not an EVSE'),
        ("limit 1 lots", '"lots" is not a number of amperes'),
        ("limit 1 2000", "2000 is out of range"),
        ("availability 1 perhaps", '"perhaps" is neither yes nor no'),
        ("start 1", "the following arguments are required: CARD"),
        ("sim fault 1 rain", "invalid choice: 'rain'"),
        ("demo --version 1.5", "invalid choice: '1.5'"),
        ("sim car 1 --reaction-s soon", '"soon" is not a number of seconds'),
    ],
)
def test_a_wrong_argument_is_status_2(typed: str, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(typed.split())
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err


def test_no_state_or_config_is_needed_for_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert re.fullmatch(r"chargepoint \d+\.\d+\.\d+\S*\n", capsys.readouterr().out)


def test_a_reader_that_goes_away_is_no_error(chargepoint: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
    from chargepoint.cli import files

    def gone(args: object) -> int:
        raise BrokenPipeError

    monkeypatch.setattr(files, "version", gone)
    monkeypatch.setattr("os.dup2", lambda *_: 0)
    assert chargepoint("version").status == 0


# --- files ------------------------------------------------------------------------------------------------------------

SMALLEST = '[station]\nvendor = "Acme"\nmodel = "W"\nserial_number = "1"\n[[evse]]\n'


def test_check_says_what_the_file_describes(chargepoint: Callable[..., Said], tmp_path: Path) -> None:
    path = tmp_path / "chargepoint.toml"
    path.write_text(SMALLEST)
    said = chargepoint("check")
    assert said.status == 0
    assert said.out == (
        f"{path}: in order; 1 outlet, no back office, everybody may charge, no page.\n"
        "  line 5: warning: [evse.1] runs on simulated hardware: no real car can charge. "
        "Add pilot = { driver = … } for a real outlet.\n"
    )


def test_check_with_mistakes_is_status_1(chargepoint: Callable[..., Said], tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text(SMALLEST + "phases = 2\n")
    said = chargepoint("check", str(path))
    assert said.status == 1
    assert said.out.splitlines()[0] == f"{path}: 1 mistake"
    assert "line 6: [evse.1] phases = 2 is not one of the choices. Allowed: 1, 3." in said.out


def test_check_for_programs(chargepoint: Callable[..., Said], tmp_path: Path) -> None:
    import json

    path = tmp_path / "other.toml"
    path.write_text(SMALLEST + "phases = 2\n")
    said = chargepoint("check", str(path), "--json")
    assert said.status == 1
    assert json.loads(said.out)[1] == {
        "line": 6,
        "table": "evse.1",
        "key": "phases",
        "what": "phases = 2 is not one of the choices",
        "fix": "Allowed: 1, 3.",
        "warning": False,
    }


def test_run_with_mistakes_starts_nothing(chargepoint: Callable[..., Said], tmp_path: Path, state: Path) -> None:
    (tmp_path / "chargepoint.toml").write_text(SMALLEST + "phases = 2\n")
    said = chargepoint("run")
    assert said.status == 1
    assert "1 mistake\n" in said.err
    assert not state.exists()
