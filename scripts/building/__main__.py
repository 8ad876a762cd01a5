"""Builds the static site from the command line."""

import argparse
import sys
from pathlib import Path

from fourxl.errors import BadManifest
from scripts.building.fetching import MissingWheelError
from scripts.building.packages import MissingPackagesError
from scripts.building.site import REPOSITORY, build


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of a build, which the server has too."""
    parser.add_argument("--output", type=Path, default=REPOSITORY / "dist", help="folder to make (dist)")
    parser.add_argument(
        "--connect-to",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="an origin besides its own that the page may talk to, such as https://4xl.example.org",
    )


def build_site(options: argparse.Namespace) -> bool:
    """Whether the site is ready; if not, the reason has been told."""
    try:
        build(options.output, connect_to=options.connect_to, say=lambda line: print(f"· {line}", flush=True))
    except (MissingWheelError, MissingPackagesError, BadManifest, FileExistsError) as error:
        print(error, file=sys.stderr)
        return False
    return True


def main() -> int:
    """Exit code: 0 when the site is ready, 1 when something it needs could not be had."""
    parser = argparse.ArgumentParser(prog="scripts/build_site", description=__doc__)
    add_options(parser)
    return 0 if build_site(parser.parse_args()) else 1


if __name__ == "__main__":
    sys.exit(main())
