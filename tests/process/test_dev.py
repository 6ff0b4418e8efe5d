"""`./dev` on machines that lack something: one sentence, and the command that mends it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

DEV = Path(__file__).parents[2] / "dev"

OLD = """#!/bin/sh
case "$1" in -V) echo Python 3.9.2 ;; *) exit 1 ;; esac
"""

WITHOUT_VENV = """#!/bin/sh
case "$*" in
"-m venv"*) echo "ensurepip is not available"; mkdir "$3"; touch "$3/pyvenv.cfg"; exit 1 ;;
esac
"""

WITHOUT_NETWORK = """#!/bin/sh
case "$*" in
"-m venv"*) mkdir -p "$3/bin"; touch "$3/pyvenv.cfg"; cp "$0" "$3/bin/python" ;;
"-m pip"*) echo "Temporary failure in name resolution"; exit 1 ;;
esac
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A fresh clone, as far as `dev` looks at it, and a folder for programs."""
    (tmp_path / "clone").mkdir()
    shutil.copy(DEV, tmp_path / "clone" / "dev")
    (tmp_path / "clone" / "pyproject.toml").write_text("[project]\n")
    (tmp_path / "bin").mkdir()
    return tmp_path


def dev(tree: Path, *words: str, **environment: str) -> tuple[int, str]:
    """Exit status and what was said."""
    done = subprocess.run(
        [tree / "clone" / "dev", *words],
        env={"PATH": f"{tree / 'bin'}:{os.defpath}", **environment},
        cwd=tree,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def program(tree: Path, name: str, text: str) -> None:
    (tree / "bin" / name).write_text(text)
    (tree / "bin" / name).chmod(0o755)


@pytest.mark.parametrize("words", [(), ("help",), ("--help",)])
def test_it_says_what_it_can_do(tree: Path, words: tuple[str, ...]) -> None:
    status, said = dev(tree, *words)
    assert status == 0
    assert said.startswith("usage: ./dev COMMAND")


def test_the_image_s_tests_name_the_packages_that_lack_before_they_begin(tree: Path) -> None:
    (tree / "bin" / "dirname").symlink_to(shutil.which("dirname") or "")
    program(tree, "nmap", "#!/bin/sh\n")
    status, said = dev(tree, "test-image", PATH=str(tree / "bin"))
    assert status == 1
    assert re.fullmatch(
        r"dev: test-image needs packages that this machine lacks: sudo apt-get install qemu-system-x86 (ovmf )?mtools "
        r"fdisk e2fsprogs squashfs-tools grub-common openssl rauc iproute2\n",
        said,
    )


def test_no_python_at_all(tree: Path) -> None:
    assert dev(tree, "demo", PYTHON="python9.9") == (
        1,
        "dev: there is no python9.9 on this machine.\ndev: Mend it with: sudo apt-get install python3 python3-venv\n",
    )


def test_a_python_too_old(tree: Path) -> None:
    program(tree, "python3", OLD)
    status, said = dev(tree, "demo")
    assert status == 1
    assert said.startswith("dev: python3 is Python 3.9.2, and this program needs Python 3.11 or newer.\n")


def test_a_python_without_venv_leaves_nothing_half_made(tree: Path) -> None:
    program(tree, "python3", WITHOUT_VENV)
    status, said = dev(tree, "demo")
    assert status == 1
    assert said.endswith("dev: Mend it with: sudo apt-get install python3-venv\n")
    assert "ensurepip is not available" in said
    assert not (tree / "clone" / ".venv").exists()


def test_no_network(tree: Path) -> None:
    program(tree, "python3", WITHOUT_NETWORK)
    status, said = dev(tree, "demo")
    assert status == 1
    assert "Temporary failure in name resolution" in said  # pip's own words, whole
    assert said.endswith("dev: Check the line and type the same again; what has arrived is kept.\n")


def test_a_folder_with_other_things_in_it_is_left_alone(tree: Path) -> None:
    program(tree, "python3", WITHOUT_NETWORK)
    (tree / "precious").mkdir()
    (tree / "precious" / "letters").touch()
    status, said = dev(tree, "demo", CHARGEPOINT_VENV=str(tree / "precious"))
    assert status == 1
    assert f"dev: {tree / 'precious'} is there already and holds other things.\n" in said
    assert (tree / "precious" / "letters").exists()
