"""`./dev deb [--arch amd64|arm64] [--release bookworm|trixie] [--all] [--output FOLDER]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from deploy.debian.errors import BuildFailed
from deploy.debian.package import build
from deploy.debian.releases import ALL, MACHINES, RELEASES, Target, here
from deploy.debian.wheels import ROOT


def main() -> int:
    options = _parser().parse_args()
    own = here()
    wanted = Target(RELEASES.get(options.release, own.release), options.arch or own.arch)
    try:
        for target in ALL if options.all else [wanted]:
            made = build(target, options.output)
            print(f"{made}  {made.stat().st_size / 1e6:.1f} MB", flush=True)
    except BuildFailed as failure:
        print(f"dev deb: {failure}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev deb", description="Build the Debian package.")
    parser.add_argument("--arch", choices=MACHINES, help="default: this machine's")
    parser.add_argument("--release", choices=RELEASES, help="of Debian; default: this machine's, or else trixie")
    parser.add_argument("--all", action="store_true", help="every release for every machine")
    parser.add_argument("--output", type=Path, default=ROOT / "dist", metavar="FOLDER", help="default: dist")
    return parser


if __name__ == "__main__":
    sys.exit(main())
