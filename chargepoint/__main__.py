"""`python -m chargepoint` and the `chargepoint` command."""

from __future__ import annotations

import sys


def main() -> int:
    from chargepoint.cli import main

    return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
