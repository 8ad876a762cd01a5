"""Text between markers in a Markdown file: what a script writes into a page that people write."""

from pathlib import Path


def write_between(path: Path, marker: str, text: str) -> None:
    """Put the text between `<!-- marker:begin -->` and `<!-- marker:end -->` of a file.

    Raises:
        ValueError: the file lacks the markers.

    """
    begin, end = f"<!-- {marker}:begin -->", f"<!-- {marker}:end -->"
    before, found_begin, rest = path.read_text("utf-8").partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise ValueError(f"{path} has no place {begin} … {end}")
    path.write_text(f"{before}{begin}\n{text}\n{end}{after}", "utf-8")
