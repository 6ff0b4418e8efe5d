"""One .deb from one target: fill, compile, lay out, describe, pack."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from chargepoint.version import VERSION
from deploy.debian.bytecode import compile_all
from deploy.debian.control import control_file
from deploy.debian.errors import BuildFailed
from deploy.debian.layout import CONFFILES, HERE, SITE, lay_out, set_modes
from deploy.debian.releases import Target
from deploy.debian.wheels import ROOT, fill
from deploy.secrets_scan import scan

SCRIPTS = ("preinst", "postinst", "prerm", "postrm")


def build(target: Target, into: Path, version: str = VERSION, compression: str = "xz") -> Path:
    """The package's file. `compression`: as dpkg-deb names it. Raises BuildFailed."""
    into.mkdir(parents=True, exist_ok=True)
    made = into / f"chargepoint_{target.release.version_of(version)}_{target.arch}.deb"
    with tempfile.TemporaryDirectory(prefix="chargepoint-deb-") as scratch:
        root = Path(scratch) / "root"
        fill(root / SITE, target, Path(scratch))
        compile_all(root / SITE, target.release, f"/{SITE}")
        epoch = source_date_epoch()
        lay_out(root, target.release, target.release.version_of(version), datetime.fromtimestamp(epoch, UTC))
        set_modes(root)
        _refuse_secrets(root)
        _describe(root, target, version)
        _pack(root, made, epoch, compression)
    return made


def _refuse_secrets(root: Path) -> None:
    """What every station has alike is no secret."""
    found = scan(root)
    if found:
        raise BuildFailed("the package has secrets in it:\n" + "\n".join(found), fix="Take them out.")


def source_date_epoch() -> int:
    """Seconds since 1970: what SOURCE_DATE_EPOCH says, or else the time of the last commit, so that two builds of one
    state of the sources are the same to the byte.
    """
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return int((ROOT / "pyproject.toml").stat().st_mtime)
    return int(done.stdout or (ROOT / "pyproject.toml").stat().st_mtime)


def _describe(root: Path, target: Target, version: str) -> None:
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    sums = "".join(
        f"{_md5(path)}  {path.relative_to(root)}\n" for path in files if f"/{path.relative_to(root)}" not in CONFFILES
    )
    size_kib = sum(-(-path.stat().st_size // 1024) for path in files)
    folder = root / "DEBIAN"
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "control").write_text(control_file(target, version, size_kib))
    (folder / "md5sums").write_text(sums)
    (folder / "conffiles").write_text("".join(f"{path}\n" for path in CONFFILES))
    for path in folder.iterdir():
        path.chmod(0o644)
    for name in SCRIPTS:
        script = folder / name
        script.write_bytes((HERE / name).read_bytes())
        script.chmod(0o755)


def _md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()  # dpkg's own format


def _pack(root: Path, made: Path, epoch: int, compression: str) -> None:
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(epoch)}
    command = ["dpkg-deb", "--root-owner-group", f"-Z{compression}", "--build", str(root), str(made)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    except FileNotFoundError:
        raise BuildFailed("there is no dpkg-deb here.", fix="Build on Debian, or install dpkg.") from None
    if done.returncode:
        raise BuildFailed(f"dpkg-deb failed:\n{done.stderr}", fix="It says above what it did not like.")
