"""What was answered by a stand-in, for the report's assumptions."""

from __future__ import annotations

MAX_NOTES = 20
MAX_NOTE = 300
MORE = "There was more to say of what is not here or was read as something else."


class Notes:
    """Sentences in the order in which they came up, each once."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def add(self, text: str) -> None:
        text = text[:MAX_NOTE]
        if text not in self.texts and len(self.texts) < MAX_NOTES:
            last = len(self.texts) == MAX_NOTES - 1
            self.texts.append(MORE if last else text)
