"""Loading assignments: every fault of a file at once, each at its place and in plain words."""

from __future__ import annotations

import copy
import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.assignment.load import find_assignments, load_assignment
from grader.checks.table import CHECK_TYPES
from grader.errors import AssignmentError
from grader.words import join_words
from tests.assignment.faults import (
    ANSWERS,
    BUILD,
    FUNCTION,
    check_complaints,
    complaints,
    every_check,
    write,
)

ROOT = Path(__file__).resolve().parent.parent.parent
RIGHT = BUILD + "      - {type: probabilities, points: 1}\n"


def test_a_right_file_is_loaded_with_its_digest(tmp_path: Path) -> None:
    path = write(tmp_path, RIGHT)
    loaded = load_assignment(path)
    assert loaded.content.id == "a"
    assert loaded.path == path
    assert loaded.sha256 == hashlib.sha256(RIGHT.encode()).hexdigest()


# --- the whole file -------------------------------------------------------------------------

MAPPING = "An assignment is a mapping that begins with format: 1."
FILES = {
    "empty": (b"", [f"1:1: The file is empty. {MAPPING}"]),
    "only a comment": (b"# later\n", [f"1:1: The file is empty. {MAPPING}"]),
    "null": (b"\nnull\n", [f"2:1: {MAPPING}"]),
    "a list": (b"- format: 1\n", [f"1:1: {MAPPING}"]),
    "text": (b"format 1", [f"1:1: {MAPPING}"]),
    "an object": (
        b"!!python/object:x.Y {format: 1}",
        ['1:1: The tag "!!python/object:x.Y" is not taken in an assignment.'],
    ),
    "not YAML": (b"format: 1\nid: [a\n", ["2:5: What begins here is never closed."]),
    "not UTF-8": (b"format: 1\ntitle: \xff\n", ["2:8: The file is not UTF-8 text."]),
    "nothing but the format": (
        b"format: 1\n",
        [
            '1:1: The key "id" is missing here.',
            '1:1: The key "title" is missing here.',
            '1:1: The key "exercises" is missing here.',
        ],
    ),
}


@pytest.mark.parametrize(("data", "expected"), FILES.values(), ids=FILES)
def test_a_file_that_is_no_assignment_says_so(
    tmp_path: Path, data: bytes, expected: list[str]
) -> None:
    assert complaints(tmp_path, data) == expected


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    path = tmp_path / "none.yaml"
    with pytest.raises(AssignmentError) as caught:
        load_assignment(path)
    assert str(caught.value) == f"{path}:1:1: The file cannot be read: No such file or directory."


def test_a_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(AssignmentError) as caught:
        load_assignment(tmp_path)
    assert str(caught.value) == f"{tmp_path}:1:1: The file cannot be read: Is a directory."


# --- faults outside the checks, by the line that is replaced ----------------------------------

LINES = {
    "another format": (
        "format: 1",
        "format: 2",
        ["1:9: Expected 1, got 2."],
    ),
    "a format in quotes": (
        "format: 1",
        "format: '1'",
        ['1:9: Expected 1, got the text "1".'],
    ),
    "an unknown key": (
        "format: 1",
        "formatt: 1",
        ['1:1: The key "formatt" is not known here. Did you mean "format"?'],
    ),
    "a key like no other": (
        "title: T",
        "title: T\ncolour: red",
        [
            '4:1: The key "colour" is not known here. Known are format, id, title, limits, '
            "allow_custom_layers, translate_old_keras, late, hints, remarks and exercises."
        ],
    ),
    "a key of many lines": (
        "title: T",
        'title: T\n"a\\nb\\e[31m": red',
        [
            r'4:1: The key "a\nb\x1b[31m" is not known here. Known are format, id, title, limits, '
            "allow_custom_layers, translate_old_keras, late, hints, remarks and exercises."
        ],
    ),
    "a key twice": (
        "title: T",
        "title: T\ntitle: U",
        ['4:1: The key "title" stands twice; the first is in line 3.'],
    ),
    "no title": ("title: T\n", "", ['1:1: The key "title" is missing here.']),
    "an empty title": ("title: T", "title: ''", ["3:8: The text is empty."]),
    "a title of nothing": ("title: T", "title:", ["3:7: Expected text, got nothing."]),
    "a title that is a number": ("title: T", "title: 3", ["3:8: Expected text, got 3."]),
    "a title that is a date": (
        "title: T",
        "title: 2024-01-01",
        ["3:8: YAML reads 2024-01-01 as a date; put it in quotes to make it text."],
    ),
    "a long title": (
        "title: T",
        f"title: {'T' * 501}",
        ["3:8: The text is longer than 500 characters."],
    ),
    "an id with a space": (
        "id: a\n",
        "id: a b\n",
        [
            '2:5: "a b" may hold only letters, digits, dot, dash and underscore, and begins with a '
            "letter or digit."
        ],
    ),
    "an id that is a path": (
        "id: a\n",
        "id: ../a\n",
        [
            '2:5: "../a" may hold only letters, digits, dot, dash and underscore, and begins with '
            "a letter or digit."
        ],
    ),
    "an id that is a number": ("id: a\n", "id: 3\n", ["2:5: Expected text, got 3."]),
    "limits": (
        "title: T",
        "title: T\nlimits: {build_second: 1, train_seconds: 0, memory_mb: 63}",
        [
            '4:10: The key "build_second" is not known here. Did you mean "build_seconds"?',
            "4:42: Expected more than 0, got 0.",
            "4:56: Expected at least 64, got 63.",
        ],
    ),
    "limits of other types": (
        "title: T",
        "title: T\nlimits: {build_seconds: 20s, train_seconds: .inf, memory_mb: 1.5}",
        [
            '4:25: Expected a number, got the text "20s".',
            "4:45: Expected at most 36,000, got inf.",
            "4:62: Expected a whole number, got 1.5.",
        ],
    ),
    "limits in quotes": (
        "title: T",
        "title: T\nlimits: {memory_mb: '4096'}",
        ['4:21: Expected a whole number, got the text "4096".'],
    ),
    "limits that are a list": (
        "title: T",
        "title: T\nlimits: [20]",
        ["4:9: Expected a mapping of keys to values, got a list."],
    ),
    "a hint level": (
        "title: T",
        "title: T\nhints: wy",
        ['4:8: Expected "none", "where", "why" or "fix", got the text "wy". Did you mean "why"?'],
    ),
    "no truth": (
        "title: T",
        "title: T\nallow_custom_layers: 1",
        ["4:22: Expected true or false, got 1."],
    ),
    "an unknown key of an exercise": (
        "    build:",
        "    tittle: x\n    build:",
        ['6:5: The key "tittle" is not known here. Did you mean "title"?'],
    ),
    "a misspelt build": (
        "    build:",
        "    biuld:",
        ['6:5: The key "biuld" is not known here. Did you mean "build"?'],
    ),
    "a misspelt input_shape": (
        "    input_shape:",
        "    inputshape:",
        ['7:5: The key "inputshape" is not known here. Did you mean "input_shape"?'],
    ),
    "misspelt checks": (
        "    checks:",
        "    cheks:",
        ['8:5: The key "cheks" is not known here. Did you mean "checks"?'],
    ),
    "no exercise id": (
        "  - id: e\n    build",
        "  - build",
        ['5:5: The key "id" is missing here.'],
    ),
    "a name with a dash": (
        "build_cnn",
        "build-cnn",
        ['6:12: "build-cnn" is not a name that Python can give.'],
    ),
    "a keyword as a name": (
        "build_cnn",
        "lambda",
        ['6:12: "lambda" is a word of Python\'s own, so nothing can have it.'],
    ),
    "a number as a name": (
        "build_cnn",
        "5",
        ["6:12: Expected a name that Python can give, got 5."],
    ),
    "other names": (
        "    input_shape:",
        "    also: [cnn, 2d, class, 3]\n    input_shape:",
        [
            '7:17: "2d" is not a name that Python can give.',
            '7:21: "class" is a word of Python\'s own, so nothing can have it.',
            "7:28: Expected a name that Python can give, got 3.",
        ],
    ),
    "one other name": (
        "    input_shape:",
        "    also: cnn\n    input_shape:",
        ['7:11: Expected a list, got the text "cnn".'],
    ),
    "no shape": (
        "    input_shape: [28, 28, 1]\n",
        "",
        ["5:5: build needs an input_shape, without the batch axis."],
    ),
    "a shape with the batch axis": (
        "[28, 28, 1]",
        "[null, 28, 28, 1]",
        ["7:19: Expected a whole number, got nothing."],
    ),
    "a shape of zero": ("[28, 28, 1]", "[0, 28, 1]", ["7:19: Expected at least 1, got 0."]),
    "a negative shape": ("[28, 28, 1]", "[28, -1, 1]", ["7:23: Expected at least 1, got -1."]),
    "a shape of words": (
        "[28, 28, 1]",
        "28x28",
        ['7:18: Expected a list, got the text "28x28".'],
    ),
    "a shape of fractions": (
        "[28, 28, 1]",
        "[28.0, 28, 1]",
        ["7:19: Expected a whole number, got 28.0."],
    ),
    "a shape of truths": (
        "[28, 28, 1]",
        "[yes, 28, 1]",
        ["7:19: Expected a whole number, got true."],
    ),
    "an empty shape": ("[28, 28, 1]", "[]", ["7:18: At least one is needed here."]),
    "a shape of five axes": (
        "[28, 28, 1]",
        "[1, 2, 3, 4, 5]",
        ["7:18: At most 4 are taken here, not 5."],
    ),
    "a huge axis": (
        "[28, 28, 1]",
        "[100001, 1, 1]",
        ["7:19: Expected at most 100,000, got 100001."],
    ),
    "a huge image": (
        "[28, 28, 1]",
        "[8193, 8192, 1]",
        ["7:18: An image of 8193×8192×1 has 67,117,056 values; at most 67,108,864 are taken."],
    ),
    "function beside build": (
        "    input_shape:",
        "    function: size\n    input_shape:",
        ['7:5: "function" stands beside "build"; an exercise asks for exactly one of them.'],
    ),
    "nothing asked": (
        "    build: build_cnn\n",
        "",
        [
            "5:5: This exercise has none of build, function and answers; an exercise asks for "
            "exactly one of them."
        ],
    ),
    "a function with a shape": (
        "    build: build_cnn",
        "    function: size",
        [
            "7:5: Only build takes an input_shape.",
            '9:16: "probabilities" belongs to an exercise with build, not function.',
        ],
    ),
    "no points": (
        ", points: 1",
        "",
        ["4:1: No check has points, so nothing can be earned."],
    ),
    "no checks": (
        "    checks:\n      - {type: probabilities, points: 1}\n",
        "",
        ['5:5: The key "checks" is missing here.'],
    ),
    "an empty list of checks": (
        "    checks:\n      - {type: probabilities, points: 1}\n",
        "    checks: []\n",
        ["8:13: At least one is needed here."],
    ),
    "checks of nothing": (
        "    checks:\n      - {type: probabilities, points: 1}\n",
        "    checks:\n",
        ["8:12: Expected a list, got nothing."],
    ),
    "no exercises": (
        RIGHT.partition("exercises")[1] + RIGHT.partition("exercises")[2],
        "",
        ['1:1: The key "exercises" is missing here.'],
    ),
    "an empty list of exercises": (
        RIGHT.partition("exercises")[1] + RIGHT.partition("exercises")[2],
        "exercises: []\n",
        ["4:12: At least one is needed here."],
    ),
    "exercises that are a mapping": (
        RIGHT.partition("exercises")[1] + RIGHT.partition("exercises")[2],
        "exercises:\n  cnn: {build: f}\n",
        ["5:3: Expected a list, got a mapping."],
    ),
    "exercises that are text": (
        RIGHT.partition("exercises")[1] + RIGHT.partition("exercises")[2],
        "exercises: [cnn, 5]\n",
        [
            '4:13: Expected a mapping of keys to values, got the text "cnn".',
            "4:18: Expected a mapping of keys to values, got 5.",
        ],
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), LINES.values(), ids=LINES)
def test_a_fault_is_told_where_it_stands(
    tmp_path: Path, old: str, new: str, expected: list[str]
) -> None:
    assert RIGHT.count(old) == 1
    assert complaints(tmp_path, RIGHT.replace(old, new)) == expected


# --- faults in checks ------------------------------------------------------------------------

KNOWN = join_words(list(CHECK_TYPES), "or")
POINTS = "{type: probabilities, points: 1}"
CHECKS = {
    "a misspelt type": (
        "{type: layrs, points: 1}",
        ['1:8: There is no check type "layrs". Did you mean "layers"?'],
    ),
    "a type like no other": (
        "{type: zzz, points: 1}",
        [f'1:8: There is no check type "zzz". Known are {join_words(list(CHECK_TYPES))}.'],
    ),
    "no type": ("{points: 1}", [f'1:1: The check has no "type": {KNOWN}.']),
    "a misspelt key of the type": (
        "{tpye: layers, points: 1}",
        ['1:2: The key "tpye" is not known here. Did you mean "type"?'],
    ),
    "a type that is a number": (
        "{type: 5, points: 1}",
        ["1:8: Expected a check type, got 5."],
    ),
    "a type that is a list": (
        "{type: [layers], points: 1}",
        ["1:8: Expected a check type, got a list."],
    ),
    "a type of nothing": (
        "{type: null, points: 1}",
        ["1:8: Expected a check type, got nothing."],
    ),
    "a key that is a value elsewhere": (
        "{type: probabilities, probabilities: 5, points: 1}",
        [
            '1:23: The key "probabilities" is not known here. Known are type, id, points, needs, '
            "hint and visibility."
        ],
    ),
    "a misspelt expect": (
        "{type: output_shape, expct: [10], points: 1}",
        ['1:22: The key "expct" is not known here. Did you mean "expect"?'],
    ),
    "another key that only looks like expect": (
        "{type: output_shape, expect: [10], expects: [10], points: 1}",
        ['1:36: The key "expects" is not known here. Did you mean "expect"?'],
    ),
    "points in words": (
        "{type: probabilities, points: ten}",
        ['1:31: Expected a number, got the text "ten".'],
    ),
    "points in quotes": (
        "{type: probabilities, points: '10'}",
        ['1:31: Expected a number, got the text "10". Write 10.'],
    ),
    "points of nothing": (
        "{type: probabilities, points: , id: x}",
        [
            "1:30: Expected a number, got nothing.",
        ],
    ),
    "negative points": (
        "{type: probabilities, points: -1}",
        ["1:31: Expected at least 0, got -1."],
    ),
    "infinite points": (
        "{type: probabilities, points: .inf}",
        ["1:31: Expected a finite number, got inf."],
    ),
    "points that are no number": (
        "{type: probabilities, points: .nan}",
        ["1:31: Expected a finite number, got nan."],
    ),
    "true points": (
        "{type: probabilities, points: yes}",
        ["1:31: Expected a number, got true."],
    ),
    "a hint level": (
        "{type: probabilities, hint: wher, visibility: hiden, points: 1}",
        [
            '1:29: Expected "none", "where", "why" or "fix", got the text "wher". '
            'Did you mean "where"?',
            '1:47: Expected "visible" or "hidden", got the text "hiden". Did you mean "hidden"?',
        ],
    ),
    "one need": (
        "{type: probabilities, needs: shape, points: 1}",
        ['1:30: Expected a list, got the text "shape".'],
    ),
    "a need that is a number": (
        "{type: probabilities, needs: [3], points: 1}",
        ["1:31: Expected text, got 3."],
    ),
    "an unknown need": (
        "{type: probabilities, needs: [shape], points: 1}",
        ['1:31: No check of this exercise has the id "shape".'],
    ),
    "itself as a need": (
        "{type: probabilities, needs: [probabilities], points: 1}",
        ['1:30: "probabilities" waits for itself: probabilities → probabilities.'],
    ),
    "a shape that is a number": (
        "{type: output_shape, expect: 10, points: 1}",
        ["1:30: Expected a list, got 10."],
    ),
    "a shape in words": (
        "{type: output_shape, expect: [ten], points: 1}",
        ['1:31: Expected a whole number or a list, got the text "ten".'],
    ),
    "a shape with a zero": (
        "{type: output_shape, expect: [0], points: 1}",
        ["1:31: Expected at least 1, got 0."],
    ),
    "shapes with a word": (
        "{type: output_shape, expect: [[10], [x]], points: 1}",
        ['1:38: Expected a whole number, got the text "x".'],
    ),
    "a shape of nine axes": (
        "{type: output_shape, expect: [1, 2, 3, 4, 5, 6, 7, 8, 9], points: 1}",
        ["1:30: At most 8 are taken here, not 9."],
    ),
    "feature maps of one shape": (
        "{type: feature_maps, expect: [26, 26, 4], points: 1}",
        [
            "1:31: Expected a list, got 26.",
            "1:35: Expected a list, got 26.",
            "1:39: Expected a list, got 4.",
        ],
    ),
    "an unknown layer": (
        "{type: layers, expect: [Conv2d], points: 1}",
        ['1:25: Keras has no layer "Conv2d". Did you mean "Conv2D"?'],
    ),
    "an unknown layer with arguments": (
        "{type: layers, expect: [{Conv2d: {filters: 3}}], points: 1}",
        ['1:26: Keras has no layer "Conv2d". Did you mean "Conv2D"?'],
    ),
    "a layer of no dimension": (
        "{type: layers, expect: [MaxPool], points: 1}",
        ['1:25: Keras has no layer "MaxPool". Did you mean "MaxPool2D"?'],
    ),
    "a layer like no other": (
        "{type: layers, expect: [Zzz], points: 1}",
        ['1:25: Keras has no layer "Zzz".'],
    ),
    "an unknown argument": (
        "{type: layers, expect: [{Conv2D: {filtres: 24}}], points: 1}",
        ['1:35: Conv2D has no argument "filtres". Did you mean "filters"?'],
    ),
    "an argument of another layer": (
        "{type: layers, expect: [{Flatten: {units: 24}}], points: 1}",
        [
            '1:36: Flatten has no argument "units". Known are data_format, name, trainable and '
            "dtype."
        ],
    ),
    "an unknown activation": (
        "{type: layers, expect: [{Dense: {activation: rleu}}], points: 1}",
        ['1:46: Keras has no activation "rleu". Did you mean "relu"?'],
    ),
    "an activation that is a list": (
        "{type: layers, expect: [{Dense: {activation: [relu]}}], points: 1}",
        ["1:46: Expected the name of a Keras activation, got a list."],
    ),
    "a number as text": (
        "{type: layers, expect: [{Dropout: {rate: 5e-1}}], points: 1}",
        ['1:42: Expected a number, got the text "5e-1". Write 0.5.'],
    ),
    "a layer that is a number": (
        "{type: layers, expect: [5], points: 1}",
        ["1:25: Expected a layer, such as Flatten or Conv2D: {filters: 24}; got 5."],
    ),
    "a layer of nothing": (
        "{type: layers, expect: [null, {}], points: 1}",
        [
            "1:25: Expected a layer, such as Flatten or Conv2D: {filters: 24}; got nothing.",
            "1:31: Expected a layer, such as Flatten or Conv2D: {filters: 24}; got a mapping.",
        ],
    ),
    "an argument without its name": (
        "{type: layers, expect: [{Dense: 10}], points: 1}",
        ["1:33: Expected arguments by name, such as Flatten or Conv2D: {filters: 24}; got 10."],
    ),
    "arguments beside their layer": (
        "{type: layers, expect: [{Dense: , units: 10}], points: 1}",
        ['1:35: What belongs to "Dense" must be indented further than its name.'],
    ),
    "two layers in one": (
        "{type: layers, expect: [{Dense: {}, Flatten: {}}], points: 1}",
        ["1:37: Expected a layer by itself, such as Flatten or Conv2D: {filters: 24}."],
    ),
    "layers that are one": (
        "{type: layers, expect: Flatten, points: 1}",
        ['1:24: Expected a list, got the text "Flatten".'],
    ),
    "no layers": (
        "{type: layers, expect: [], points: 1}",
        ["1:24: At least one is needed here."],
    ),
    "an unknown layer that may stand between": (
        "{type: layers, expect: [Flatten], allow: [Dropuot, 3], points: 1}",
        [
            '1:43: Keras has no layer "Dropuot". Did you mean "Dropout"?',
            "1:52: Expected the name of a Keras layer, got 3.",
        ],
    ),
    "an unknown layer to count": (
        "{type: contains, expect: {Conv2d: 2}, points: 1}",
        ['1:27: Keras has no layer "Conv2d". Did you mean "Conv2D"?'],
    ),
    "a count in words": (
        "{type: contains, expect: {Conv2D: two}, points: 1}",
        ['1:35: Expected a number, or a range such as {min: 1, max: 3}; got the text "two".'],
    ),
    "a negative count": (
        "{type: contains, expect: {Conv2D: -1}, points: 1}",
        ["1:35: Expected at least 0, got -1."],
    ),
    "an empty range": (
        "{type: contains, expect: {Conv2D: {}}, points: 1}",
        ["1:35: A range needs exact, min or max."],
    ),
    "a range upside down": (
        "{type: contains, expect: {Conv2D: {min: 30000, max: 1}}, points: 1}",
        ["1:41: min (30,000) is above max (1)."],
    ),
    "a range of one number": (
        "{type: contains, expect: {Conv2D: {min: 1, exact: 1}}, points: 1}",
        ["1:44: exact goes with neither min nor max."],
    ),
    "an unknown bound": (
        "{type: parameters, expect: {total: {mim: 3}}, points: 1}",
        ['1:37: The key "mim" is not known here. Did you mean "min"?'],
    ),
    "an unknown total": (
        "{type: parameters, expect: {totla: 3}, points: 1}",
        ['1:29: The key "totla" is not known here. Did you mean "total"?'],
    ),
    "an unknown cost": (
        "{type: budget, expect: {multiply_add: 3}, points: 1}",
        ['1:25: The key "multiply_add" is not known here. Did you mean "multiply_adds"?'],
    ),
    "an unknown optimizer": (
        "{type: compile, expect: {optimizer: adma}, points: 1}",
        ['1:37: Keras has no optimizer "adma". Did you mean "adam"?'],
    ),
    "an unknown optimizer with arguments": (
        "{type: compile, expect: {optimizer: {Adma: {}}}, points: 1}",
        ['1:38: Keras has no optimizer "Adma". Did you mean "Adam"?'],
    ),
    "an unknown argument of the optimizer": (
        "{type: compile, expect: {optimizer: {SGD: {momentun: 1}}}, points: 1}",
        ['1:44: SGD has no argument "momentun". Did you mean "momentum"?'],
    ),
    "an exponent of the optimizer": (
        "{type: compile, expect: {optimizer: {Adam: {learning_rate: 1e-3}}}, points: 1}",
        ['1:60: Expected a number, got the text "1e-3". Write 0.001.'],
    ),
    "an unknown loss": (
        "{type: compile, expect: {loss: categorical_crossentrpy}, points: 1}",
        [
            '1:32: Keras has no loss "categorical_crossentrpy". Did you mean '
            '"categorical_crossentropy"?'
        ],
    ),
    "a loss that is a list": (
        "{type: compile, expect: {loss: [mse]}, points: 1}",
        ["1:32: Expected the name of a Keras loss, got a list."],
    ),
    "an unknown metric": (
        "{type: compile, expect: {metrics: [accurcy, 5]}, points: 1}",
        [
            '1:36: Keras has no metric "accurcy". Did you mean "accuracy"?',
            "1:45: Expected the name of a Keras metric, got 5.",
        ],
    ),
    "an unknown data set": (
        "{type: training, dataset: digit, min_accuracy: 0.5, points: 1}",
        [
            '1:27: Expected "digits", "mnist", "fashion_mnist" or "cifar10", got the text '
            '"digit". Did you mean "digits"?'
        ],
    ),
    "an accuracy in percent": (
        "{type: training, dataset: digits, min_accuracy: 95, points: 1}",
        ["1:49: Expected at most 1, got 95."],
    ),
    "an accuracy as YAML's text": (
        "{type: training, dataset: digits, min_accuracy: 9e-1, points: 1}",
        ['1:49: Expected a number, got the text "9e-1". Write 0.9.'],
    ),
    "settings of training": (
        "{type: training, dataset: digits, min_accuracy: 1, epochs: 0, batch_size: '32', "
        "seed: 2147483648, points: 1}",
        [
            "1:60: Expected at least 1, got 0.",
            '1:75: Expected a whole number, got the text "32".',
            "1:87: Expected less than 2,147,483,648, got 2147483648.",
        ],
    ),
}


@pytest.mark.parametrize(("check", "expected"), CHECKS.values(), ids=CHECKS)
def test_a_fault_of_a_check_is_told_where_it_stands(
    tmp_path: Path, check: str, expected: list[str]
) -> None:
    assert check_complaints(tmp_path, check, POINTS) == expected


@pytest.mark.parametrize("check", ["layers", "5", "null", "[layers]"])
def test_a_check_is_a_mapping(tmp_path: Path, check: str) -> None:
    kinds = {"layers": 'the text "layers"', "null": "nothing", "[layers]": "a list"}
    got = kinds.get(check, check)
    expected = [f"1:1: Expected a mapping of keys to values, got {got}."]
    assert check_complaints(tmp_path, check, POINTS) == expected


HEADS = {"build": BUILD, "function": FUNCTION, "answers": ANSWERS, "any": BUILD}


@pytest.mark.parametrize("name", CHECK_TYPES)
def test_a_check_without_what_it_needs_names_the_keys(tmp_path: Path, name: str) -> None:
    check = CHECK_TYPES[name]
    lost = [key for key, field in check.spec.model_fields.items() if field.is_required()]
    text = f"{{type: {name}, points: 1}}"
    said = check_complaints(tmp_path, text, head=HEADS[check.asks])
    assert said[: len(lost)] == [f'1:1: The key "{key}" is missing here.' for key in lost]


@pytest.mark.parametrize("name", CHECK_TYPES)
def test_a_check_belongs_to_one_kind_of_exercise(tmp_path: Path, name: str) -> None:
    asks = CHECK_TYPES[name].asks
    for kind, head in HEADS.items():
        said = check_complaints(tmp_path, f"{{type: {name}, points: 1}}", head=head)
        complaint = f'1:8: "{name}" belongs to an exercise with {asks}, not {kind}.'
        assert (complaint in said) == (kind != "any" and asks not in (kind, "any"))


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("{args: 3, expect: 1}", ["Expected a list, got 3."]),
        ("{arg: [3], expect: 1}", ['The key "arg" is not known here. Did you mean "args"?']),
        ("{kwargs: [3], expect: 1}", ["Expected a mapping of keys to values, got a list."]),
        ("{expect: 1, tolerance: -1}", ["Expected at least 0, got -1."]),
        ("{expect: 1, tolerance: 1e-3}", ['Expected a number, got the text "1e-3". Write 0.001.']),
        ("5", ["Expected a mapping of keys to values, got 5."]),
    ],
)
def test_a_fault_of_a_case_is_told(tmp_path: Path, case: str, expected: list[str]) -> None:
    check = f"{{type: returns, points: 1, cases: [{case}]}}"
    said = check_complaints(tmp_path, check, head=FUNCTION)
    assert [complaint.split(": ", 1)[1] for complaint in said] == expected


# --- several faults --------------------------------------------------------------------------

MANY = """\
format: 2
id: a
title: T
hints: loud
exercises:
  - id: cnn
    build: class
    input_shape: [28, 28, 1]
    checks:
      - {type: layers, expect: [{Conv2D: {filtres: 24}}], needs: [shape], points: ten}
      - type: contains
        expect:
          Conv2d: 2
          Dense: {mim: 1}
        expect:
          Flatten: 1
      - {type: returns, cases: [], points: 1}
  - id: cnn
    checks: []
extra: 2024-01-01
"""


def test_all_faults_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    assert complaints(tmp_path, MANY) == [
        "1:9: Expected 1, got 2.",
        '4:8: Expected "none", "where", "why" or "fix", got the text "loud".',
        '7:12: "class" is a word of Python\'s own, so nothing can have it.',
        '10:43: Conv2D has no argument "filtres". Did you mean "filters"?',
        '10:67: No check of this exercise has the id "shape".',
        '10:83: Expected a number, got the text "ten".',
        '13:11: Keras has no layer "Conv2d". Did you mean "Conv2D"?',
        '14:19: The key "mim" is not known here. Did you mean "min"?',
        '15:9: The key "expect" stands twice; the first is in line 12.',
        '17:16: "returns" belongs to an exercise with function, not build.',
        "17:32: At least one is needed here.",
        "18:5: This exercise has none of build, function and answers; an exercise asks for exactly "
        "one of them.",
        '18:9: Two exercises have the id "cnn".',
        "19:13: At least one is needed here.",
        '20:1: The key "extra" is not known here. Known are format, id, title, limits, '
        "allow_custom_layers, translate_old_keras, late, hints, remarks and exercises.",
        "20:8: YAML reads 2024-01-01 as a date; put it in quotes to make it text.",
    ]


def test_what_an_alias_repeats_is_told_once(tmp_path: Path) -> None:
    text = RIGHT.replace("{type: probabilities, points: 1}", "&x {type: layrs, points: 1}\n")
    text += "  - {id: f, build: g, input_shape: [8], checks: [*x, *x]}\n"
    assert complaints(tmp_path, text) == [
        '9:19: There is no check type "layrs". Did you mean "layers"?'
    ]


def test_a_merged_check_is_checked_like_any_other(tmp_path: Path) -> None:
    text = (
        "      - &x {type: training, id: one, dataset: digits, min_accuracy: 0.9, points: 1}\n"
        "      - {<<: *x, id: two, epochs: 0}\n"
    )
    assert complaints(tmp_path, BUILD + text) == ["10:35: Expected at least 1, got 0."]


def test_a_complaint_names_its_key(tmp_path: Path) -> None:
    with pytest.raises(AssignmentError) as caught:
        load_assignment(write(tmp_path, MANY))
    keys = [complaint.key for complaint in caught.value.complaints]
    assert keys[3:6] == [
        "exercises.0.checks.0.expect.0.Conv2D.filtres",
        "exercises.0.checks.0.needs.0",
        "exercises.0.checks.0.points",
    ]


# --- hidden checks beside the file ------------------------------------------------------------

HIDDEN = "format: 1\nid: a\nexercises:\n  - id: e\n    checks:\n"


def with_hidden(folder: Path, text: str) -> Path:
    """The right assignment, and hidden checks beside its folder."""
    for name in ("assignments", "solutions"):
        (folder / name).mkdir()
    (folder / "solutions" / "a.hidden.yaml").write_text(text)
    return write(folder / "assignments", RIGHT)


def test_a_hidden_check_takes_no_id_away(tmp_path: Path) -> None:
    """The other checks are called the same for those who do not have the file."""
    checks = "      - {type: probabilities}\n      - {type: budget, id: probabilities}\n"
    path = with_hidden(tmp_path, HIDDEN + checks)
    with pytest.raises(AssignmentError) as caught:
        load_assignment(path)
    assert '7:28: Two checks of this exercise have the id "probabilities".' in str(caught.value)
    (tmp_path / "solutions" / "a.hidden.yaml").write_text(
        HIDDEN + "      - {type: probabilities}\n"
    )
    ids = [check.id for check in load_assignment(path).content.exercises[0].checks]
    assert ids == ["probabilities", "probabilities-2"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "1:1: Hidden checks are a mapping of format, id and exercises."),
        ("{}", "1:1: Name the exercises that have hidden checks."),
        (HIDDEN + "      - layers\n", "6:9: Expected a mapping of keys to values, got the text"),
        (
            HIDDEN + "      - {type: layers, needs: [probabilites], expect: [Flaten]}\n",
            '6:56: Keras has no layer "Flaten". Did you mean "Flatten"?',
        ),
        (
            HIDDEN + "      - {type: layers, needs: [probabilites], expect: [Flaten]}\n",
            '6:32: No check of this exercise has the id "probabilites". Did you mean',
        ),
    ],
)
def test_a_fault_of_hidden_checks_is_told_in_their_file(
    tmp_path: Path, text: str, complaint: str
) -> None:
    path = with_hidden(tmp_path, text)
    with pytest.raises(AssignmentError) as caught:
        load_assignment(path)
    hidden = tmp_path.resolve() / "solutions" / "a.hidden.yaml"
    assert f"{hidden}:{complaint}" in str(caught.value)


# --- any fault -------------------------------------------------------------------------------


SHIPPED = yaml.safe_load((ROOT / "assignments" / "03-cnn-structure.yaml").read_text("utf-8"))
EVERY = every_check()
WORDS = st.sampled_from(
    ["type", "id", "expect", "layers", "Conv2D", "filters", "min", "relu", "1e-3", "x", "a\nb", ""]
)
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 200_000)
    | st.integers(10**30)
    | st.floats()
    | WORDS
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
INTERNALS = ("type=", "pydantic", "function-", "<class", "Input should", "Value error", "Traceback")


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container in a value with every key or index of it."""
    if not isinstance(value, dict | list):
        return []
    found: list[tuple[Any, Any]] = []
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        found += [(value, key), *places(item)]
    return found


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """A right assignment with a few values replaced, removed or added."""
    value = copy.deepcopy(draw(st.sampled_from([SHIPPED, EVERY])))
    for _ in range(draw(st.integers(1, 3))):
        container, key = draw(st.sampled_from(places(value) or [({"gone": 1}, "gone")]))
        deed = draw(st.sampled_from(["replace", "remove", "insert"]))
        if deed == "remove":
            del container[key]
        elif deed == "insert" and isinstance(container, list):
            container.insert(key, draw(PLAIN))
        elif deed == "insert":
            container[draw(WORDS)] = draw(PLAIN)
        else:
            container[key] = draw(PLAIN)
    return value


@pytest.mark.parametrize("value", [SHIPPED, EVERY], ids=["shipped", "every check"])
def test_undamaged_assignments_load(tmp_path: Path, value: Any) -> None:
    (tmp_path / "own.py").write_text("")
    assert complaints(tmp_path, yaml.safe_dump(value)) == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damaged")


@settings(deadline=None, max_examples=150)
@given(value=damaged())
def test_whatever_is_wrong_is_told_plainly_and_within_the_file(folder: Path, value: Any) -> None:
    text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True)
    path = write(folder, text)
    try:
        load_assignment(path)
    except AssignmentError as error:
        assert error.complaints
        ends = [len(line) for line in text.splitlines()]
        for complaint in error.complaints:
            assert 1 <= complaint.line <= len(ends)
            assert 1 <= complaint.column <= ends[complaint.line - 1] + 1
            assert complaint.message.isprintable()
            assert complaint.message.endswith((".", "?"))
            assert not any(word in complaint.message for word in INTERNALS)
        order = [(c.line, c.column) for c in error.complaints]
        assert order == sorted(order)


# --- the folder, and the process -------------------------------------------------------------


def test_only_yaml_files_are_assignments(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "schema.json", ".hidden.yaml", "notes.yaml.bak", "c.YAML"):
        (tmp_path / name).write_text("")
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "dangling.yaml").symlink_to(tmp_path / "nowhere")
    assert find_assignments(tmp_path) == (tmp_path / "a.yml", tmp_path / "b.yaml")
    assert find_assignments(tmp_path / "nowhere") == ()


def test_assignments_are_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("02-b-c.yaml", "02-b.yaml", "10-a.yaml", "02-b.yml"):
        (tmp_path / name).write_text("")
    names = [path.name for path in find_assignments(tmp_path)]
    assert names == ["02-b.yaml", "02-b.yml", "02-b-c.yaml", "10-a.yaml"]


def test_loading_imports_neither_keras_nor_tensorflow() -> None:
    path = ROOT / "assignments" / "03-cnn-structure.yaml"
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from grader.assignment.load import assignment_json_schema, load_assignment\n"
        f"load_assignment(Path({str(path)!r}))\n"
        "assignment_json_schema()\n"
        "print(*sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert not {"keras", "tensorflow", "numpy"} & set(run.stdout.split())


def test_a_file_that_an_assignment_needs_must_stand_beside_it(tmp_path: Path) -> None:
    text = (
        "format: 1\nid: it\ntitle: It\nexercises:\n  - id: net\n    build: build\n"
        "    input_shape: [8, 8, 1]\n    checks:\n"
        "      - {type: training, file: gone.npz, min_accuracy: 0.9, points: 1}\n"
        "      - {type: custom, file: gone.py, points: 1}\n"
    )
    assert complaints(tmp_path, text) == [
        '9:32: There is no file "gone.npz" beside the assignment.',
        '10:30: There is no file "gone.py" beside the assignment.',
    ]


NEW_KEYS = {
    "classes: 0": "8:14: Expected at least 1, got 0.",
    "classes: 100001": "8:14: Expected at most 100,000, got 100001.",
    "classes: true": "8:14: Expected a whole number, got true.",
    "classes: ten": '8:14: Expected a whole number, got the text "ten".',
    "classes: 2.5": "8:14: Expected a whole number, got 2.5.",
    "clases: 3": '8:5: The key "clases" is not known here. Did you mean "classes"?',
    "also: [Net.make, Net.]": '8:22: "Net." is not a name that Python can give.',
    "also: [Net.class]": '8:12: "class" is a word of Python\'s own, so nothing can have it.',
    "also: [a.b.c]": '8:12: "a.b.c" is not a name that Python can give.',
}


@pytest.mark.parametrize("line", NEW_KEYS)
def test_what_a_number_of_classes_or_a_method_cannot_be(tmp_path: Path, line: str) -> None:
    text = BUILD.replace("    checks:", f"    {line}\n    checks:")
    found = complaints(tmp_path, f"{text}      - {{type: probabilities, points: 1}}\n")
    assert found == [NEW_KEYS[line]]


BUILDS = {
    "Net.": '"Net." is not a name that Python can give.',
    ".build": '".build" is not a name that Python can give.',
    "Net..build": '"Net..build" is not a name that Python can give.',
    "Net.2": '"Net.2" is not a name that Python can give.',
    "Net.build.more": '"Net.build.more" is not a name that Python can give.',
    "None.build": '"None" is a word of Python\'s own, so nothing can have it.',
}


@pytest.mark.parametrize("name", BUILDS)
def test_a_method_is_one_name_in_another(tmp_path: Path, name: str) -> None:
    text = BUILD.replace("build_cnn", name) + "      - {type: probabilities, points: 1}\n"
    assert complaints(tmp_path, text) == [f"6:12: {BUILDS[name]}"]


def test_only_build_asks_for_a_method(tmp_path: Path) -> None:
    case = "      - {type: returns, cases: [{expect: 1}], points: 1}\n"
    assert complaints(tmp_path, FUNCTION.replace("size", "Net.size") + case) == [
        '6:15: "Net.size" is not a name that Python can give.'
    ]
    text = FUNCTION.replace("    checks:", "    also: [other, Net.size]\n    checks:")
    assert complaints(tmp_path, text + case) == [
        '7:19: Only build takes a method, such as "Net.size".'
    ]


@pytest.mark.parametrize("value", ["2", "maybe", "null", "'true'"])
def test_whether_older_keras_is_translated_is_yes_or_no(tmp_path: Path, value: str) -> None:
    text = BUILD + "      - {type: probabilities, points: 1}\n"
    (found,) = complaints(tmp_path, f"translate_old_keras: {value}\n{text}")
    assert found.startswith("1:22: Expected true or false, got ")
