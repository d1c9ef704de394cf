"""The students of a class: who of those that handed in is who on the roster."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from grader.batch.layouts import Owned, Who
from grader.batch.roster import Roster, Row, fold_name
from grader.records import PassedOver, Student
from grader.words import join_words, quoted

_Person = Row | tuple[str, str]
"""A line of the roster; without one, what tells apart and the name."""


class People:
    """Gives everyone who handed in or should have a record with a key of its own."""

    def __init__(self, files: Sequence[Owned], roster: Roster | None) -> None:
        self._files: defaultdict[Who, list[Owned]] = defaultdict(list)
        for file in files:
            if file.who is not None:
                self._files[file.who].append(file)
        self._roster = roster
        self._person = self._persons()
        self._student = self._students()

    def with_files(self) -> list[tuple[Student, list[Owned]]]:
        """Everyone who handed in, by key, with all that is theirs."""
        own: defaultdict[_Person, list[Owned]] = defaultdict(list)
        for who, files in self._files.items():
            own[self._person[who]] += files
        pairs = [(self._student[person], _in_order(files)) for person, files in own.items()]
        return sorted(pairs, key=lambda pair: pair[0].key)

    def missing(self) -> tuple[Student, ...]:
        """On the roster, and handed in nothing; in the order of the roster."""
        here = set(self._person.values())
        rows = self._roster.rows if self._roster else ()
        return tuple(self._student[row] for row in rows if row not in here)

    def unknown(self) -> tuple[Student, ...]:
        """Handed in, and not on the roster; by key."""
        if self._roster is None:
            return ()
        strangers = [p for p in dict.fromkeys(self._person.values()) if not isinstance(p, Row)]
        found = [self._student[person] for person in strangers]
        return tuple(sorted(found, key=lambda student: student.key))

    def days_late(self) -> dict[str, float]:
        """What the roster says of lateness, by the student's key."""
        rows = self._roster.rows if self._roster else ()
        return {self._student[r].key: r.days_late for r in rows if r.days_late is not None}

    def of_one_id(self) -> Iterator[PassedOver]:
        """Says of which students the names of files give one id to several."""
        sharing: defaultdict[str, dict[_Person, Who]] = defaultdict(dict)
        for who in sorted(self._files, key=_order):
            if who.id is not None:
                sharing[who.id].setdefault(self._person[who], who)
        for id, persons in sharing.items():
            for person in persons if len(persons) > 1 else ():
                others = [quoted(persons[other].name) for other in persons if other != person]
                yield PassedOver(
                    _in_order(self._files[persons[person]])[0].found.path,
                    f"Its student's id, {id}, is also that of {join_words(others)}. They were "
                    "kept apart; see which of them it belongs to.",
                    self._student[person],
                )

    def _persons(self) -> dict[Who, _Person]:
        names: defaultdict[str, set[str]] = defaultdict(set)
        for who in self._files:
            names[who.id or who.name].add(fold_name(who.name))
        persons: dict[Who, _Person] = {}
        on: defaultdict[Row, list[Who]] = defaultdict(list)
        for who in self._files:
            key = who.id or who.name
            persons[who] = (key, fold_name(who.name))
            if self._roster is not None:
                row = (
                    self._roster.find(who.name, who.id, who.is_participant)
                    if len(names[key]) == 1
                    else self._roster.by_name(who.name)
                )
                if row is not None:
                    on[row].append(who)
        for row, found in on.items():
            persons |= dict.fromkeys(_only_one(row, found), row)
        return persons

    def _students(self) -> dict[_Person, Student]:
        found: dict[_Person, Student] = {}
        for who in sorted(self._files, key=_order):
            person = self._person[who]
            if isinstance(person, Row):
                id = who.id or person.id
                found.setdefault(person, Student(id or person.key, person.name or who.name, id))
            else:
                found.setdefault(person, Student(who.id or who.name, who.name, who.id))
        for row in self._roster.rows if self._roster else ():
            found.setdefault(row, Student(row.key, row.name or row.key, row.id))
        often = Counter(student.key for student in found.values())
        return {
            person: Student(f"{student.key} {student.name}", student.name, student.id)
            if often[student.key] > 1
            else student
            for person, student in found.items()
        }


def _only_one(row: Row, found: Sequence[Who]) -> list[Who]:
    """Of those who fit one line of the roster, who it is: the LMS has one id for each student."""
    by_id = [who for who in found if who.id in (*row.ids, row.participant)]
    for sort in (False, True):
        ids = {who.id for who in found if who.id is not None and who.is_participant is sort}
        if len(ids) > 1:
            rest = {who.id for who in by_id if who.is_participant is sort}
            if len(rest) != 1:
                rest = set()
            found = [
                who
                for who in found
                if who.id is None or who.is_participant is not sort or who.id in rest
            ]
    return list(found)


def _order(who: Who) -> tuple[bool, bool, str, str]:
    """Those with an id first, and of these Canvas's, which holds for the whole course."""
    return (who.id is None, who.is_participant, who.id or "", who.name)


def _in_order(files: Sequence[Owned]) -> list[Owned]:
    return sorted(files, key=lambda file: (file.found.path, file.found.entry or ""))
