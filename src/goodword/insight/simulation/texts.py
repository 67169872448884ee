"""Marks texts that are translated where they are shown."""


def gettext_noop(text: str) -> str:
    """The text as it is; `tools/check_translations.py` finds it."""
    return text
