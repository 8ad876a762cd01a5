"""The error of an export."""


class ExportError(RuntimeError):
    """A model cannot be made; the message says what happened and what to do."""
