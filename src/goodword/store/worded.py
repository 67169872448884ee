"""What is refused in words that people read: in English in logs, answers of the API and the command line, in the
reader's language on pages."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext


class Worded(Exception):
    """`text` is a message of the catalogues (mark it with `gettext_noop`) with places such as `%(key)s` for what is
    `told`. Its str() is the message in English; a text without `told` is taken as it is."""

    def __init__(self, text: str, **told: Any) -> None:
        self.text, self.told = text, told
        super().__init__(text % told if told else text)

    def said(self) -> str:
        """The message in the language of who reads it now."""
        text = gettext(self.text)
        return text % self.told if self.told else text
