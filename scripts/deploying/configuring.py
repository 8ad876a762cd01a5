"""Tells an already built site where its server is: its configuration, and the policy of its pages."""

import argparse
import html
import json
import re
import sys
from pathlib import Path

from scripts.building import models, policy
from scripts.building.keeping import CONFIGURATION, SERVICE_WORKER, renew_version

_POLICY = re.compile(r'(<meta http-equiv="Content-Security-Policy" content=")([^"]*)(">)')
_HOST = r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*"
_ADDRESS = re.compile(rf"https?://{_HOST}(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?")
_RELATIVE = re.compile(r"(\.{1,2}|\.{0,2}(/[A-Za-z0-9._~-]+)+)/?")


class BadConfigurationError(ValueError):
    """A site cannot be configured as it was asked, with a sentence that says why."""


def configure(site: Path, server: str | None) -> None:
    """Write the server's address into a built site, and let its pages talk to that server and to none before it.

    Args:
        site: folder that scripts/build_site made.
        server: `https://HOST/PATH`, or an address beside the page such as `.`; None for no server.

    Raises:
        BadConfigurationError: the folder is no built site, or the address cannot be meant; nothing is changed.

    """
    if not (site / SERVICE_WORKER).is_file() or not (site / policy.HEADERS).is_file():
        raise BadConfigurationError(f"{site} is no folder that scripts/build_site made.")
    if server is not None:
        server = _checked(server)
    before = policy.origin(_configured(site) or "")
    drop = None if before in models.origins(site / "models") else before
    add = policy.origin(server or "")
    for page in site.glob("*.html"):
        page.write_text(
            _POLICY.sub(lambda found: found[1] + _changed(found[2], drop, add) + found[3], page.read_text())
        )
    headers = json.loads((site / policy.HEADERS).read_text())
    name = "Content-Security-Policy"
    changed = {**headers, name: policy.reconnect(headers[name], drop=drop, add=add)}
    (site / policy.HEADERS).write_text(json.dumps(changed, indent=1))
    (site / CONFIGURATION).write_text(json.dumps({"server": server}) + "\n")
    renew_version(site)


def _changed(escaped_policy: str, drop: str | None, add: str | None) -> str:
    return html.escape(policy.reconnect(html.unescape(escaped_policy), drop=drop, add=add), quote=False)


def _configured(site: Path) -> str | None:
    """Address of the server that the site has now."""
    try:
        server = json.loads((site / CONFIGURATION).read_text())["server"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return server if isinstance(server, str) else None


def _checked(server: str) -> str:
    """Address without a slash at its end, which the page adds."""
    if _ADDRESS.fullmatch(server) or _RELATIVE.fullmatch(server):
        return server.rstrip("/")
    raise BadConfigurationError(
        f"{server!r} is no address of a server: give https://HOST, or one beside the page such as '.', or none."
    )


def main() -> int:
    """Exit code: 0 when the site is configured, 1 when it cannot be."""
    parser = argparse.ArgumentParser(prog="scripts/configure_site", description=__doc__)
    parser.add_argument("site", type=Path, help="folder that scripts/build_site made")
    parser.add_argument(
        "--server", required=True, help="https://HOST, an address beside the page (.), or none"
    )
    options = parser.parse_args()
    try:
        configure(options.site, None if options.server == "none" else options.server)
    except BadConfigurationError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
