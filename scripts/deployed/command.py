"""The command line of scripts/test_e2e.py, and the order of the checks."""

import argparse
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from . import models
from .checking import Check, Failed, Skipped, run
from .page import Page
from .server import Server


def main() -> int:
    """Exit code: 0 when every check passed or was skipped, 1 when one failed."""
    parser = argparse.ArgumentParser(
        prog="scripts/test_e2e.py",
        description="Checks a deployed 4XL from outside, and says of each check what it saw.",
    )
    parser.add_argument("address", type=_address, help="of the page, or with --server-only of the server")
    parser.add_argument(
        "--server", type=_address, help="of the server, if it is another than the page is told"
    )
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--site-only", action="store_true", help="leave the server alone")
    only.add_argument("--server-only", action="store_true", help="there is no page at the address")
    parser.add_argument("--static", action="store_true", help="the page's host sends no headers of ours")
    counts = run(checks(parser.parse_args()), lambda line: print(line, flush=True))
    print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    return 1 if counts["failed"] else 0


def checks(options: argparse.Namespace) -> Iterator[Check]:
    """Yield the checks that are asked for; which, depends on what the site says."""
    server, page = options.server, None
    if options.server_only:
        server = options.address
    else:
        page = Page(options.address, is_static=options.static)
        yield from page.checks()
        yield from _models(page)
    if options.site_only:
        return
    if page and not server:
        try:
            server = page.server
        except (Failed, LookupError, TypeError):
            yield Check("server", _raising(Failed("the page's configuration cannot be read")))
            return
    if server:
        yield from Server(server, page.url if page else None).checks()
    else:
        yield Check("server", _raising(Skipped("the page is told of none")))


def _models(page: Page) -> Iterator[Check]:
    try:
        yield from models.checks(page.url)
    except (Failed, LookupError, TypeError) as error:
        yield Check("models", _raising(Failed(str(error))))


def _raising(error: Exception) -> Callable[[], str]:
    """Return what is looked at where it is known already what comes of it."""

    def look() -> str:
        raise error

    return look


def _address(text: str) -> str:
    """Address with a slash at its end.

    Raises:
        argparse.ArgumentTypeError: it is none of a web page.

    """
    if urlsplit(text).scheme not in {"http", "https"} or not urlsplit(text).hostname:
        raise argparse.ArgumentTypeError(f"{text!r} is no address such as https://4xl.example.org")
    return text.rstrip("/") + "/"
