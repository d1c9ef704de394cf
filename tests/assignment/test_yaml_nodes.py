"""Reading YAML: the values are PyYAML's own, every position is right, and no bomb goes off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grader.assignment.yaml_nodes import MAX_BYTES, MAX_NODES, KeyPath, read_yaml

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
"""What JSON can hold."""


def said(text: str | bytes) -> list[str]:
    """Every complaint about a document, as line:column: message."""
    data = text.encode() if isinstance(text, str) else text
    return [f"{c.line}:{c.column}: {c.message}" for c in read_yaml(data).complaints]


# --- values ---------------------------------------------------------------------------------

DOCUMENTS = {
    "block": "a: 1\nb:\n  - x\n  - {c: d}\n",
    "flow": "{a: [1, 2, {b: c}], d: {}}",
    "scalars": "[null, ~, true, no, On, 1, -1, 1.5, .5, 1e3, 1.0e+3, '1', \"1\", text]",
    "octal": "[0777, 0o777, 08, 0x1F, 0b101, 1_000]",
    "base sixty": "[1:30, 1:30.5, 59:59:59]",
    "infinite": "[.inf, -.inf, 1.0e+400]",
    "huge integer": f"a: {'9' * 100}",
    "block text": "a: |\n  one\n  two\nb: >-\n  three\n  four\n",
    "escapes": 'a: "\\u00e4\\t\\x1b\\"\\n"',
    "alias": "a: &x [1, {b: 2}]\nc: *x\nd: [*x, *x]",
    "merge": "a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\nc:\n  q: 4\n  <<: *x\n",
    "merge of several": "a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc: {<<: [*x, *y], r: 3}\n",
    "merge of a merge": "a: &x {p: 1}\nb: &y {<<: *x, q: 2}\nc: {<<: *y, p: 3}\n",
    "quoted merge": '"<<": {a: 1}',
    "core tags": "a: !!str 5\nb: !!int '7'\nc: !!float 1\nd: !!null x\ne: !!map {}\nf: !!seq []",
    "empty": "",
    "comment only": "# nothing\n",
    "null": "null",
    "marked": "---\na: 1\n...\n",
    "directive": "%YAML 1.1\n---\na: 1\n",
    "carriage returns": "a: 1\r\nb: [2,\r\n 3]\r\n",
    "no last line end": "a:\n- 1",
    "explicit keys": "? a\n: 1\n? b\n",
    "other scripts": "größe: 3×3\n名前: 畳み込み\n",
}


@pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS)
def test_the_value_is_the_one_that_safe_load_gives(text: str) -> None:
    document = read_yaml(text.encode())
    assert document.complaints == []
    # As text, so that 1, 1.0 and true are told apart.
    assert repr(document.value) == repr(yaml.safe_load(text))


def test_not_a_number_is_read() -> None:
    assert repr(read_yaml(b"[.nan]").value) == "[nan]"


@pytest.mark.parametrize("flow", [True, False, None])
@settings(deadline=None, max_examples=60)
@given(value=PLAIN)
def test_whatever_yaml_writes_is_read_back(flow: bool | None, value: Any) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=True)
    # PyYAML itself does not read back every line break that it writes inside a key.
    assume(yaml.safe_load(text) == value)
    document = read_yaml(text.encode())
    assert document.complaints == []
    assert repr(document.value) == repr(yaml.safe_load(text))


@settings(deadline=None, max_examples=300)
@given(st.text(st.sampled_from("abyn019.:-_[]{},&*<!|>'\"#%@?~=\\ \t\n\r\x07é"), max_size=25))
def test_any_text_is_read_as_safe_load_does_or_refused(text: str) -> None:
    document = read_yaml(text.encode())
    if not document.complaints:
        assert repr(document.value) == repr(yaml.safe_load(text))
    lines = text.count("\n") + text.count("\r") + 1
    for complaint in document.complaints:
        assert 1 <= complaint.line <= lines
        assert 1 <= complaint.column <= len(text) + 1
        assert complaint.message.isprintable()


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    document = read_yaml(data)
    assert document.complaints or repr(document.value) == repr(yaml.safe_load(data))


# --- positions ------------------------------------------------------------------------------


@st.composite
def worded(draw: st.DrawFn) -> Any:
    """Nested values in which every key and every scalar is a word of its own."""
    numbers: Iterator[int] = iter(range(10_000))

    def grow(depth: int) -> Any:
        kind = draw(st.sampled_from(["word"] if depth > 3 else ["word", "list", "mapping"]))
        if kind == "word":
            return f"w{next(numbers)}w"
        size = draw(st.integers(1, 3))
        if kind == "list":
            return [grow(depth + 1) for _ in range(size)]
        return {f"k{next(numbers)}k": grow(depth + 1) for _ in range(size)}

    return grow(0)


def walk(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in [] if isinstance(value, str) else items:
        yield from walk(item, (*path, key))


@pytest.mark.parametrize("flow", [True, False, None])
@settings(deadline=None, max_examples=60)
@given(value=worded())
def test_every_word_stands_where_it_is_said_to_stand(flow: bool | None, value: Any) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow, width=40)
    document = read_yaml(text.encode())
    lines = text.splitlines()
    paths = dict(walk(value))
    assert set(document.values) == set(paths)
    assert set(document.keys) == {path for path in paths if path and isinstance(path[-1], str)}
    for path, (line, column) in document.keys.items():
        assert lines[line - 1][column - 1 :].startswith(str(path[-1]))
    for path, (line, column) in document.values.items():
        if isinstance(paths[path], str):
            assert lines[line - 1][column - 1 :].startswith(paths[path])


@pytest.mark.parametrize(
    ("text", "path", "position"),
    [
        ("a: 1", (), (1, 1)),
        ("a:   1", ("a",), (1, 6)),
        ("# c\n\na: &x\n  - b: [1,\n     2]\n", ("a",), (3, 4)),
        ("a:\n  - b: [1,\n     2]\n", ("a", 0), (2, 5)),
        ("a:\n  - b: [1,\n     2]\n", ("a", 0, "b"), (2, 8)),
        ("a:\n  - b: [1,\n     2]\n", ("a", 0, "b", 1), (3, 6)),
        ("a: &x {b: 1}\nc: *x", ("c", "b"), (1, 11)),
        ("a: &x {b: 1}\nc: {<<: *x}", ("c", "b"), (1, 11)),
        ("größe: 'x'\n", ("größe",), (1, 8)),
        ("a:\r\n  b: 1\r\n", ("a", "b"), (2, 6)),
        ("\ufeffa: 1", ("a",), (1, 4)),
        ("a:\n\nb: 1", ("a",), (1, 3)),
    ],
)
def test_a_value_begins_where_it_is_written(
    text: str, path: KeyPath, position: tuple[int, int]
) -> None:
    assert read_yaml(text.encode()).values[path] == position


# --- refusals -------------------------------------------------------------------------------

REFUSED = {
    "duplicate key": (
        "a: 1\nb: 2\na: 3\n",
        ['3:1: The key "a" stands twice; the first is in line 1.'],
    ),
    "duplicate key below": (
        "a: {b: 1, b: 1}",
        ['1:11: The key "b" stands twice; the first is in line 1.'],
    ),
    "two merges": (
        "a: &x {b: 1}\nc:\n  <<: *x\n  <<: *x\n",
        ['4:3: The key "<<" stands twice; the first is in line 3.'],
    ),
    "a key three times": (
        "a: 1\na: 2\na: 3\n",
        [
            '2:1: The key "a" stands twice; the first is in line 1.',
            '3:1: The key "a" stands twice; the first is in line 1.',
        ],
    ),
    "duplicate of a quoted key": (
        'a: 1\n"a": 2\n',
        ['2:1: The key "a" stands twice; the first is in line 1.'],
    ),
    "duplicate key with a control character": (
        '"\\e": 1\n"\\e": 2\n',
        [r'2:1: The key "\x1b" stands twice; the first is in line 1.'],
    ),
    "duplicate key inside a merge": (
        "a:\n  <<: {b: 1, b: 2}\n",
        ['2:14: The key "b" stands twice; the first is in line 2.'],
    ),
    "yes as a key": (
        "yes: 1",
        ["1:1: YAML reads the key yes as true or false; put it in quotes to make it text."],
    ),
    "on, off and no as keys": (
        "on: 1\noff: 2\nno: 3\n",
        [
            "1:1: YAML reads the key on as true or false; put it in quotes to make it text.",
            "2:1: YAML reads the key off as true or false; put it in quotes to make it text.",
            "3:1: YAML reads the key no as true or false; put it in quotes to make it text.",
        ],
    ),
    "equal keys of different types": (
        "1: a\nyes: b\n1.0: c\n",
        [
            "1:1: YAML reads the key 1 as a whole number; put it in quotes to make it text.",
            "2:1: YAML reads the key yes as true or false; put it in quotes to make it text.",
            "3:1: YAML reads the key 1.0 as a number; put it in quotes to make it text.",
        ],
    ),
    "null as a key": (
        "~: 1",
        ["1:1: YAML reads the key ~ as nothing; put it in quotes to make it text."],
    ),
    "no key": ("?\n: 1\n", ["1:2: A key is missing before the colon."]),
    "a date as a key": (
        "2024-01-01: 1",
        ["1:1: YAML reads the key 2024-01-01 as a date; put it in quotes to make it text."],
    ),
    "a list as a key": ("? [a]\n: 1\n", ["1:3: A key must be a plain word."]),
    "a mapping as a key": ("{{a: b}: 1}", ["1:2: A key must be a plain word."]),
    "a date": (
        "a: 2024-01-01",
        ["1:4: YAML reads 2024-01-01 as a date; put it in quotes to make it text."],
    ),
    "a date that never was": (
        "a: 2024-99-99",
        ["1:4: YAML reads 2024-99-99 as a date; put it in quotes to make it text."],
    ),
    "an object of Python's": (
        "a: !!python/object/apply:os.system [ls]",
        ['1:4: The tag "!!python/object/apply:os.system" is not taken in an assignment.'],
    ),
    "an object as a scalar": (
        "a: !!python/name:os.system ''",
        ['1:4: The tag "!!python/name:os.system" is not taken in an assignment.'],
    ),
    "an object around everything": (
        "!!python/object:os.x {a: 1}",
        ['1:1: The tag "!!python/object:os.x" is not taken in an assignment.'],
    ),
    "a key with a tag": (
        "!!binary aGk=: 1",
        ['1:1: The tag "!!binary" is not taken in an assignment.'],
    ),
    "a set": ("a: !!set {b}", ['1:4: The tag "!!set" is not taken in an assignment.']),
    "an ordered mapping": (
        "a: !!omap [b: 1]",
        ['1:4: The tag "!!omap" is not taken in an assignment.'],
    ),
    "a tag of somebody's own": (
        "a: !cnn {b: 1}",
        ['1:4: The tag "!cnn" is not taken in an assignment.'],
    ),
    "text under a list's tag": (
        "a: !!seq b",
        ['1:4: The tag "!!seq" is not taken in an assignment.'],
    ),
    "no truth": ("a: !!bool maybe", ['1:4: "maybe" cannot be read as true or false.']),
    "no number": ("a: !!int x", ['1:4: "x" cannot be read as a whole number.']),
    "no number at all": ("a: !!int ''", ['1:4: "" cannot be read as a whole number.']),
    "no float": ("a: !!float x", ['1:4: "x" cannot be read as a number.']),
    "a binary number without digits": (
        "a: 0b_",
        ['1:4: "0b_" cannot be read as a whole number.'],
    ),
    "half a character": ('a: "\\ud800"', [r'1:4: "\ud800" cannot be read as text.']),
    "half a character as a key": ('"\\ud800": 1', [r'1:1: "\ud800" cannot be read as text.']),
    "a merge of text": ("a: {<<: b}", ["1:9: A merge key (<<) takes a mapping."]),
    "a merge of a list of text": (
        "a: {<<: [b, {c: 1}]}",
        ["1:10: A merge key (<<) takes a mapping."],
    ),
    "several faults": (
        "a: 1\nno: 2\nb:\n  - !x 1\n  - 2024-01-01\na: 3\n",
        [
            "2:1: YAML reads the key no as true or false; put it in quotes to make it text.",
            '6:1: The key "a" stands twice; the first is in line 1.',
            '4:5: The tag "!x" is not taken in an assignment.',
            "5:5: YAML reads 2024-01-01 as a date; put it in quotes to make it text.",
        ],
    ),
}


@pytest.mark.parametrize(("text", "complaints"), REFUSED.values(), ids=REFUSED)
def test_a_value_that_no_assignment_needs_is_refused(text: str, complaints: list[str]) -> None:
    assert said(text) == complaints


def test_what_stands_beside_a_fault_is_read_all_the_same() -> None:
    assert read_yaml(b"a: 1\nno: 2\nb: !x 3\nc: [4]\na: 5").value == {"a": 1, "b": None, "c": [4]}


def test_a_complaint_names_its_key() -> None:
    document = read_yaml(b"a: [{b: 1, b: 2}, {yes: 3}, 2024-01-01]")
    assert [c.key for c in document.complaints] == ["a.0.b", "a.1.yes", "a.2"]


COLON = (
    "A colon followed by a space makes a key, and there can be no key here: put text that holds "
    "one in quotes, and check the indentation."
)
INDENTATION = (
    "This does not go on with what stands above: check the indentation, the dashes and the quotes."
)
NOT_YAML = {
    "a colon in text": ("title: Part 3: CNNs\n", f"1:14: {COLON}"),
    "a key below a value": ("a: 1\n  b: 2\n", f"2:4: {COLON}"),
    "uneven indentation": ("a:\n  b: 1\n c: 2\n", f"3:2: {INDENTATION}"),
    "a key among items": ("- a\nb: 1\n", f"2:1: {INDENTATION}"),
    "text behind quotes": ("a: 'x' y", f"1:8: {INDENTATION}"),
    "a dash without a space": ("- a\n-b\n", "2:1: This should be a key, but no colon follows it."),
    "a tab": ("a:\n\t- 1\n", "2:1: YAML takes no tabs for indentation; use spaces."),
    "an at sign": (
        "a: @x",
        "1:4: Text cannot begin with this character unless it is in quotes.",
    ),
    "an open list": ("a: 1\nb: [1, 2\n", "2:4: What begins here is never closed."),
    "a list that has just begun": (
        "a: 1\nb: [\n",
        "3:1: The file ends before all brackets are closed.",
    ),
    "an open mapping": ("{a: 1", "1:1: What begins here is never closed."),
    "an open quote": ('a: "b\nc: d\n', "1:4: What begins here is never closed."),
    "a list closed too late": (
        "a: [1, 2\nb: 3\n",
        "2:2: A comma or the closing bracket is missing before this.",
    ),
    "another bracket": (
        "a: [1, 2}",
        "1:9: A comma or the closing bracket is missing before this.",
    ),
    "two documents": (
        "a: 1\n---\nb: 2\n",
        '2:1: A second document begins here ("---"); an assignment is one.',
    ),
    "an anchor twice": (
        "a: &x 1\nb: &x 2\n",
        "2:4: An anchor (&) of this name stands above already.",
    ),
    "an alias of nothing": ("a: *x", "1:4: This is not YAML: found undefined alias 'x'."),
    "an unknown escape": (
        r'a: "\q"',
        "1:6: This is not YAML: found unknown escape character 'q'.",
    ),
    "a control character": ("a: 1\nb: \x07", "2:4: YAML does not take the character U+0007."),
    "a zero byte": ("a: \x00", "1:4: YAML does not take the character U+0000."),
    "not UTF-8": (b"a: 1\nb: \xe4\n", "2:4: The file is not UTF-8 text."),
    "not UTF-8 behind a BOM": (b"\xef\xbb\xbf\xe4", "1:1: The file is not UTF-8 text."),
    "UTF-16": ("a: 1".encode("utf-16"), "1:1: The file is not UTF-8 text."),
}


@pytest.mark.parametrize(("text", "complaint"), NOT_YAML.values(), ids=NOT_YAML)
def test_a_file_that_is_not_yaml_has_one_fault(text: str | bytes, complaint: str) -> None:
    assert said(text) == [complaint]


@pytest.mark.parametrize("text", [text for text, _ in NOT_YAML.values()], ids=NOT_YAML)
def test_a_file_that_is_not_yaml_has_no_values(text: str | bytes) -> None:
    document = read_yaml(text.encode() if isinstance(text, str) else text)
    assert (document.value, document.values, document.keys) == (None, {}, {})


# --- bounds ---------------------------------------------------------------------------------

LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{name}: &{name} [*{before}, *{before}, *{before}, *{before}, *{before}, *{before}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGES = "a: &a {k: 1}\n" + "".join(
    f"{name}: &{name} {{<<: [{', '.join([f'*{before}'] * 9)}]}}\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def values(count: int) -> str:
    """A list that unfolds into ``count`` values: hundreds of aliases, then ones."""
    aliases, ones = divmod(count - 1, 99)
    items = ["&a [" + "1, " * 98 + "]", *["*a"] * (aliases - 1), *["1"] * ones]
    return "".join(f"  - {item}\n" for item in items)


TOO_MANY = f"The file holds more than {MAX_NODES:,} keys and values, aliases unfolded."
BOMBS = {
    "billion laughs": (LAUGHS, f"1:8: {TOO_MANY}"),
    "merges of merges": (MERGES, f"1:4: {TOO_MANY}"),
    "one value too many": (values(MAX_NODES + 1), f"510:5: {TOO_MANY}"),
    "an alias of itself": (
        "x: 1\na: &a [*a]",
        "2:4: An alias stands within what it stands for, without end.",
    ),
    "an alias of what holds it": (
        "a: &a {b: [1, {c: *a}]}",
        "1:4: An alias stands within what it stands for, without end.",
    ),
    "a merge of itself": (
        "a: &a {<<: *a}",
        "1:4: An alias stands within what it stands for, without end.",
    ),
    "deep": ("[" * 52 + "]" * 52, "1:52: The values are nested more than 50 levels deep."),
    "deeper than Python goes": (
        "[" * 2_000,
        "1:1: The values are nested more than 50 levels deep.",
    ),
    "deep dashes": ("- " * 2_000, "1:1: The values are nested more than 50 levels deep."),
    "a number of many digits": (
        f"a: {'9' * 5000}",
        f'1:4: "{"9" * 80}…" cannot be read as a whole number.',
    ),
    "a number of many places to base sixty": (
        f"a: 1{':10' * 100_000}",
        f'1:4: "1{":10" * 26}:…" cannot be read as a whole number.',
    ),
    "large": ("#" * (MAX_BYTES + 1), "1:1: The file is larger than 1 MiB."),
}


@pytest.mark.parametrize(("text", "complaint"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_one_complaint(text: str, complaint: str) -> None:
    assert said(text) == [complaint]


def test_what_is_just_within_bounds_is_read() -> None:
    deep = "[" * 51 + "]" * 51
    assert said(deep) == []
    assert said(values(MAX_NODES)) == []
    assert said("#" * MAX_BYTES) == []
    assert read_yaml(f"a: {'9' * 100}".encode()).value == {"a": 10**100 - 1}
