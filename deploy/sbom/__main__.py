"""`./dev sbom`: write the bill of materials of this tree, of a package's files, or of an image."""

from __future__ import annotations

import argparse
import sys
import sysconfig
from pathlib import Path

from chargepoint.version import VERSION
from deploy.sbom import as_text, of_image, of_package
from deploy.sbom.document import bill
from deploy.sbom.python import needed_by


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev sbom", description=__doc__, allow_abbrev=False)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--site", type=Path, metavar="DIR", help="Python packages of a built package")
    what.add_argument("--root", type=Path, metavar="DIR", help="root folder of an image")
    parser.add_argument("--name", default="chargepoint-image", help="of the image, such as your model's")
    parser.add_argument("--version", default=VERSION, help="of what is described; default: this tree's")
    parser.add_argument("--supplier", default="", help="who puts it on the market: your company")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="default: standard output")
    args = parser.parse_args()
    if args.site:
        told = of_package(args.site, args.version, args.supplier)
    elif args.root:
        told = of_image(args.root, args.version, args.supplier, args.name)
    else:
        here = Path(sysconfig.get_paths()["purelib"])
        told = bill("chargepoint", args.version, "application", needed_by("chargepoint", here), supplier=args.supplier)
    text = as_text(told)
    if args.output:
        args.output.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
