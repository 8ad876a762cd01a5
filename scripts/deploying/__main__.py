"""Makes the folder that is pushed to a Space of Hugging Face."""

import argparse
import sys
import tempfile
from pathlib import Path

from scripts.building.__main__ import build_site
from scripts.deploying.configuring import BadConfigurationError
from scripts.deploying.requirements import UnpinnedError
from scripts.deploying.spaces import assemble_server, assemble_site


def main() -> int:
    """Exit code: 0 when the folder is ready, 1 when something it needs could not be had."""
    parser = argparse.ArgumentParser(prog="scripts/assemble_space", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    site = kinds.add_parser("site", help="the page, a static Space")
    site.add_argument("--server", help="address of the server that the page may use (none)")
    site.add_argument("--built", type=Path, help="a site that is built already")
    server = kinds.add_parser("server", help="the server, a Gradio Space")
    server.add_argument("--zero-gpu", action="store_true", help="compute on a GPU that the host lends")
    for kind in (site, server):
        kind.add_argument("output", type=Path, help="folder to make")
    options = parser.parse_args()
    try:
        return 0 if _assemble(options) else 1
    except (FileExistsError, BadConfigurationError, UnpinnedError) as error:
        print(error, file=sys.stderr)
        return 1


def _assemble(options: argparse.Namespace) -> bool:
    """Whether the folder is ready; if not, the reason has been told."""
    if options.kind == "server":
        assemble_server(options.output, zero_gpu=options.zero_gpu, say=lambda line: print(f"· {line}"))
    elif options.built:
        assemble_site(options.output, options.built, options.server)
    else:
        with tempfile.TemporaryDirectory() as folder:
            built = Path(folder) / "site"
            if not build_site(argparse.Namespace(output=built, connect_to=[])):
                return False
            assemble_site(options.output, built, options.server)
    return True


if __name__ == "__main__":
    sys.exit(main())
