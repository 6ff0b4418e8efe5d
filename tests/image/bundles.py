"""Bundles made from the image's own root, changed a little, and a server that a station can fetch them from."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

BUNDLE = Path(__file__).parents[2] / "deploy" / "rauc" / "bundle.sh"

QUICK = ("-comp", "zstd", "-Xcompression-level", "1", "-noappend", "-quiet", "-no-progress")
"""What is tried here is not how small a system gets."""


class Factory:
    """A maker who has the root of the image, and keys."""

    def __init__(self, root: Path, place: Path) -> None:
        self.place, self._tree = place, place / "tree"
        subprocess.run(
            ["unsquashfs", "-quiet", "-no-progress", "-d", self._tree, root], check=True, capture_output=True
        )
        self.keys("maker")

    def keys(self, name: str) -> None:
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        files = ["-keyout", self.place / f"{name}.key", "-out", self.place / f"{name}.pem", "-subj", f"/CN={name}"]
        subprocess.run([*command, *files], check=True, capture_output=True)

    @property
    def keyring(self) -> str:
        return (self.place / "maker.pem").read_text()

    def root(self, version: str, change: Callable[[Path], None] = lambda tree: None) -> Path:
        """A system of that version; what `change` does to it is undone afterwards."""
        image = self.place / f"{version}.squashfs"
        release = self._tree / "usr/lib/os-release"
        told = release.read_text()
        lines = [line for line in told.splitlines() if not line.startswith("IMAGE_VERSION=")]
        release.write_text("\n".join([*lines, f"IMAGE_VERSION={version}", ""]))
        change(self._tree)
        subprocess.run(["mksquashfs", self._tree, image, *QUICK], check=True, capture_output=True)
        release.write_text(told)
        return image

    def small_root(self, version: str, compatible: str) -> Path:
        """One that is never installed."""
        tree = self.place / "small" / version / compatible
        (tree / "usr/lib").mkdir(parents=True)
        (tree / "usr/lib/os-release").write_text(f"IMAGE_ID={compatible}\nIMAGE_VERSION={version}\n")
        (tree / "filling").write_bytes(secrets.token_bytes(100_000))  # which no packing makes too small for a bundle
        image = self.place / f"small-{version}-{compatible}.squashfs"
        subprocess.run(["mksquashfs", tree, image, "-quiet", "-no-progress"], check=True, capture_output=True)
        return image

    def bundle(self, root: Path, name: str, *, by: str = "maker") -> Path:
        file = self.place / "served" / name
        file.parent.mkdir(exist_ok=True)
        signer = ["--key", self.place / f"{by}.key", "--cert", self.place / f"{by}.pem"]
        subprocess.run([BUNDLE, *signer, root, file], check=True, capture_output=True)
        return file

    def close(self) -> None:
        shutil.rmtree(self.place)


def without_guard(tree: Path) -> None:
    """Its guard ends at once: nothing can charge, and the self-test must find that."""
    guard = tree / "usr/lib/chargepoint/guard"
    guard.write_text("#!/bin/sh\nexit 1\n")
    for other in (tree / "usr/lib/chargepoint/site-packages/hw/guard").glob("__main__*"):
        other.write_text("raise SystemExit(1)\n")


def without_program(tree: Path) -> None:
    """Its program does not even start."""
    (tree / "usr/bin/chargepoint").write_text("#!/bin/sh\nexit 1\n")


@contextmanager
def served(folder: Path) -> Iterator[int]:
    """The port on this machine's loopback from which the folder's files can be fetched."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
