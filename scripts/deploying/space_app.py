"""Starts 4XL's server as a Space."""

import importlib
import os
import sys

if os.environ.get("SPACES_ZERO_GPU"):
    importlib.import_module("spaces")  # before torch is, which it changes

# A Space is asked through the host's own proxies; persons are told apart by the address these add.
os.environ.setdefault("FORWARDED_ALLOW_IPS", "127.0.0.1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16")

from backend.app import main

if __name__ == "__main__":
    sys.exit(main(["--host", "0.0.0.0", *sys.argv[1:]]))  # noqa: S104 - nobody but the host reaches it
