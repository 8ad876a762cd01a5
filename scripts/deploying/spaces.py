"""The folders that become Spaces of Hugging Face: the built site, and the server with its packages."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from scripts.building import models
from scripts.building.policy import ISOLATION
from scripts.building.site import REPOSITORY
from scripts.deploying import requirements
from scripts.deploying.configuring import configure

TEMPLATES = Path(__file__).parent / "space"
CARD = "README.md"

LARGE_BYTES = 10_000_000
"""The host takes no larger file into a repository itself, and no binary file of any size; Git LFS carries those."""


def assemble_site(output: Path, built: Path, server: str | None) -> None:
    """Make the folder of a static Space with a built site, which uses the server at that address, if any.

    Raises:
        FileExistsError: the output folder holds something that this has not made.
        BadConfigurationError: the address cannot be meant, or the site is none.

    """

    def fill(draft: Path) -> None:
        shutil.copytree(built, draft)
        configure(draft, server)
        headers = "\n".join(f"  {name.lower()}: {value}" for name, value in ISOLATION.items())
        _write_card(draft, "site", HEADERS=headers)

    _make(output, fill)


def assemble_server(output: Path, *, zero_gpu: bool, say: Callable[[str], None]) -> None:
    """Make the folder of a Gradio Space with the server, its packages and the models that are ready.

    Args:
        output: folder to make.
        zero_gpu: whether it computes by torch, on a GPU that the host lends; else by OpenVINO on the CPU.
        say: told what is left out.

    Raises:
        FileExistsError: the output folder holds something that this has not made.
        UnpinnedError: constraints.txt does not name one of the packages.

    """
    lines = requirements.pinned("server", "torch" if zero_gpu else "openvino")
    gradio = next(line for line in lines if line.startswith("gradio==")).removeprefix("gradio==")

    def fill(draft: Path) -> None:
        for package in ("pyapp/fourxl", "pyapp/fourxl_native", "backend"):
            source = REPOSITORY / package
            shutil.copytree(source, draft / source.name, ignore=shutil.ignore_patterns("__pycache__"))
        models.copy_models(REPOSITORY / "models", draft / "models", say)
        shutil.copyfile(REPOSITORY / "LICENSE", draft / "LICENSE")
        shutil.copyfile(Path(__file__).with_name("space_app.py"), draft / "app.py")
        # The host brings the version of spaces that its machines need.
        (draft / "requirements.txt").write_text("\n".join([*lines, *["spaces"] * zero_gpu, ""]))
        _write_card(draft, "server", GRADIO=gradio, PYTHON=requirements.PYTHON)

    _make(output, fill)


def _make(output: Path, fill: Callable[[Path], None]) -> None:
    """Make the folder as a whole or not at all, replacing one that was made here before."""
    if output.exists() and any(output.iterdir()) and not _is_space(output):
        raise FileExistsError(f"{output} holds something else than a Space; name another folder.")
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "space"
        fill(draft)
        (draft / ".gitattributes").write_text(_attributes(draft))
        shutil.rmtree(output, ignore_errors=True)
        output.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(draft, output)


def _is_space(folder: Path) -> bool:
    card = folder / CARD
    return card.is_file() and card.read_text().startswith("---\n") and (folder / ".gitattributes").is_file()


def _write_card(draft: Path, name: str, **words: str) -> None:
    text = (TEMPLATES / f"{name}.md").read_text()
    for word, value in words.items():
        text = text.replace(f"@{word}@", value)
    (draft / CARD).write_text(text)


def _attributes(folder: Path) -> str:
    """Text of .gitattributes that gives Git LFS what the host does not take into a repository itself."""
    patterns = set()
    for path in folder.rglob("*"):
        if path.is_file() and _is_binary(path):
            patterns.add(f"*{path.suffix}" if path.suffix else path.relative_to(folder).as_posix())
        elif path.is_file() and path.stat().st_size > LARGE_BYTES:
            patterns.add(path.relative_to(folder).as_posix())
    return "".join(f"{pattern} filter=lfs diff=lfs merge=lfs -text\n" for pattern in sorted(patterns))


def _is_binary(path: Path) -> bool:
    """Whether Git takes the file for binary: by a zero byte near its beginning."""
    with path.open("rb") as file:
        return b"\0" in file.read(8000)
