"""Text from strangers, made harmless for a terminal: visible, bounded, and nothing but text."""

from __future__ import annotations

import unicodedata

MAX_LINE = 2_000
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories of controls, format characters (bidi marks, zero width), surrogates."""


def visible(text: str, bound: int = MAX_LINE) -> str:
    """Show control and format characters instead of obeying them; cut what is too long.

    A tab or line break becomes a space, an escape ``\\x1b``, a right-to-left mark ``\\u200f``.
    """
    cut = text[:bound] + ("…" if len(text) > bound else "")
    return "".join(map(_visible, cut))


def _visible(character: str) -> str:
    if character in "\n\r\t\v\f":
        return " "
    if unicodedata.category(character) not in _HIDDEN:
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
