"""Modules that are not here, and what comes of them: harmless until a value matters."""

from __future__ import annotations

import copy
import operator
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from grader.sandbox.standins.absent import (
    MAX_PATH,
    Absent,
    AbsentName,
    AbsentValue,
    Lines,
    must_be_here,
)
from tests.sandbox.forks import Forks

WHY = "the module cv2 is not here"


def absent() -> Any:
    return Absent("cv2", WHY)


def test_it_can_be_asked_called_indexed_and_passed_on() -> None:
    value = absent().imread("cat.png")[0].astype(float)
    assert repr(value) == "<cv2.imread(…)[…].astype(…), which is not here>"
    with absent().VideoCapture(0) as video:
        video.gain = 3
        video[0] = 4
    copied = copy.deepcopy([video])
    assert repr(copied[0]) == "<cv2.VideoCapture(…), which is not here>"


def test_text_with_it_is_text() -> None:
    assert f"{absent():>30.2f} {absent()!r} {absent()}" == " ".join(
        ["<cv2, which is not here>"] * 3
    )


def test_as_a_decorator_and_as_a_base_class_it_adds_nothing(forks: Forks) -> None:
    facts = forks.facts(
        """
        import numba

        @numba.njit
        def double(x):
            return 2 * x

        @numba.register("name")
        class Child(numba.Parent):
            pass

        facts["double"] = double(2)
        facts["bases"] = [base.__name__ for base in Child.__bases__]
        facts["child"] = type(Child()).__name__
        """
    )
    assert facts == {"double": 4, "bases": ["object"], "child": "Child"}


def test_a_type_or_a_lambda_that_is_handed_on_is_not_what_comes_back() -> None:
    for given in (float, np.float32, lambda x: x):
        assert repr(absent().astype(given)) == "<cv2.astype(…), which is not here>"


UNARY = (operator.truth, operator.index, operator.neg, operator.pos, operator.invert, operator.abs)
BINARY = (
    *(operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod),
    *(operator.pow, operator.matmul, operator.and_, operator.or_, operator.xor, operator.lshift),
    *(
        operator.rshift,
        operator.eq,
        operator.ne,
        operator.lt,
        operator.le,
        operator.gt,
        operator.ge,
    ),
    divmod,
)
MATTERS: dict[str, Callable[[Any], Any]] = {
    **{
        work.__name__: work for work in (*UNARY, len, int, float, complex, round, list, range, open)
    },
    **{f"{work.__name__}, left": partial(lambda work, it: work(it, 2), work) for work in BINARY},
    **{f"{work.__name__}, right": partial(lambda work, it: work(2, it), work) for work in BINARY},
    "in": lambda value: 1 in value,
    "not": lambda value: not value,
    "numpy": np.asarray,
}


@pytest.mark.parametrize("how", MATTERS)
def test_whoever_needs_its_value_is_told_why_there_is_none(how: str) -> None:
    with pytest.raises(AbsentValue) as caught:
        MATTERS[how](absent().shape)
    assert str(caught.value) == (
        "The model needs the value of cv2.shape, but the module cv2 is not here. Write the value, "
        "or the function, into the notebook."
    )


def test_names_between_underscores_are_not_there() -> None:
    for value in (absent(), AbsentName("keras.Gone", "keras has no Gone")):
        assert not hasattr(value, "__array_interface__")
        assert not hasattr(value, "__wrapped__")


def test_a_path_has_a_length() -> None:
    value = absent()
    for _ in range(1000):
        value = value.more
    assert len(repr(value)) == MAX_PATH + len("<, which is not here>")
    assert len(repr(Absent("a" * 10_000, WHY))) == MAX_PATH + len("<, which is not here>")


def test_folds_are_walked_through_once() -> None:
    ((train, test),) = Absent("sklearn.KFold(…)", WHY).split(1, 2)
    assert len(train) == len(test) > 0


def inherit(name: Any) -> None:
    class Child(name):  # type: ignore[misc]
        pass


NAME_USES: dict[str, Callable[[Any], Any]] = {
    "called": lambda name: name(3),
    "asked": lambda name: name.attribute,
    "inherited": inherit,
}


@pytest.mark.parametrize("how", NAME_USES)
def test_a_name_that_a_package_has_not_is_told_when_it_is_used(how: str) -> None:
    why = "keras.layers has no Gone in the version that grades"
    with pytest.raises(AbsentValue) as caught:
        NAME_USES[how](AbsentName("keras.layers.Gone", why))
    assert str(caught.value) == f"{why}."


def test_what_must_be_here_raises_what_kept_it_away() -> None:
    error = FileNotFoundError("no such file")
    with pytest.raises(FileNotFoundError) as caught:
        must_be_here(Absent("model", "it could not be had", error))
    assert caught.value is error
    with pytest.raises(AbsentValue):
        must_be_here(absent())
    value = object()
    assert must_be_here(value) is value


def test_lines_of_the_shell_are_none() -> None:
    assert Lines() == []
    assert isinstance(Lines(), list)


# --- importing, in a fork ---------------------------------------------------------------------


def run(forks: Forks, source: str, **settings: Any) -> tuple[dict[str, Any], list[str]]:
    answer = forks.run(source, **settings)
    assert answer["error"] is None, answer["error"]
    return answer["facts"], answer["notes"]


def test_a_module_that_is_not_here_is_noted_once_and_costs_nothing(forks: Forks) -> None:
    facts, notes = run(
        forks,
        """
        import cv2, cv2.gapi as gapi
        from google.colab import drive, files as f
        from tqdm import *
        import imutils.paths
        facts["cv2"] = repr(cv2.imread("x"))
        facts["gapi"] = repr(gapi.mat)
        facts["drive"] = repr(drive.mount("/content/drive"))
        facts["version"] = hasattr(cv2, "__version__")
        """,
    )
    assert facts == {
        "cv2": "<cv2.imread(…), which is not here>",
        "gapi": "<cv2.gapi.mat, which is not here>",
        "drive": "<google.colab.drive.mount(…), which is not here>",
        "version": False,
    }
    assert [note for note in notes if "cv2" in note] == [
        "The module cv2 is not here; what it would do is left out."
    ]


@pytest.mark.parametrize(
    "module", ["numpy.gone", "keras.gone", "tensorflow.keras.gone", "os.gone", "grader.gone"]
)
def test_what_a_package_that_is_here_has_not_is_an_import_error(forks: Forks, module: str) -> None:
    answer = forks.run(f"import {module}")
    assert answer["error"] is not None and "gone" in answer["error"][1]
    assert answer["error"][0] in ("ModuleNotFoundError", "OldModule")


def test_a_constant_of_a_missing_module_is_the_exercises(forks: Forks) -> None:
    source = """
    from config import IMG_HEIGHT, NUM_CLASSES, IMG_SIZE
    import config
    facts["values"] = [IMG_HEIGHT, NUM_CLASSES, config.EPOCHS]
    facts["size"] = repr(IMG_SIZE)
    """
    facts, notes = run(forks, source)
    assert facts == {
        "values": [28, 10, 1],
        "size": "<config.IMG_SIZE, which is not here>",
    }
    assert notes == [
        "The module config is not here; what it would do is left out.",
        "IMG_HEIGHT comes from a module that is not here; 28 was taken for it.",
        "NUM_CLASSES comes from a module that is not here; 10 was taken for it.",
        "EPOCHS comes from a module that is not here; 1 was taken for it.",
    ]


def test_where_nothing_may_be_made_up_a_constant_is_not(forks: Forks) -> None:
    facts, _ = run(forks, "import config\nfacts['it'] = repr(config.IMG_HEIGHT)", data=False)
    assert facts == {"it": "<config.IMG_HEIGHT, which is not here>"}


def test_what_stands_so_often_before_a_model_is_done(forks: Forks) -> None:
    facts, _ = run(
        forks,
        """
        import sys
        sys.meta_path[:-1] = []  # as where neither of them is installed
        for name in list(sys.modules):
            if name.partition(".")[0] in ("sklearn", "tqdm"):
                del sys.modules[name]
        from sklearn.model_selection import train_test_split
        from tqdm import tqdm, trange
        from tqdm.notebook import tqdm as bar
        numbers, letters = list(range(8)), list("abcdefgh")
        a, b, c, d = train_test_split(numbers, letters, test_size=0.25, random_state=1)
        facts["split"] = [len(a), len(b), len(c), len(d)]
        facts["tqdm"] = [list(tqdm([1, 2], desc="x")), list(trange(3)), list(bar((4,)))]
        """,
    )
    assert facts == {"split": [8, 2, 8, 2], "tqdm": [[1, 2], [0, 1, 2], [4]]}


def written(module: str, source: str) -> dict[str, Any]:
    return {module: {"source": source, "cell": 3, "line": 2}}


def test_a_module_that_the_notebook_writes_is_imported_as_it_is(forks: Forks) -> None:
    files = written(
        "a.b.blocks", "import os\nvalue = 7\ndef fail():\n    raise ValueError(value)\n"
    )
    facts, notes = run(
        forks,
        """
        import traceback
        import a.b.blocks
        from a.b import blocks
        facts["value"] = blocks.value
        try:
            blocks.fail()
        except ValueError as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            facts["place"] = [last.filename, last.lineno]
        """,
        files=files,
    )
    assert facts == {"value": 7, "place": ["<cell 3>", 5]}
    assert notes == []


def test_a_written_module_goes_before_an_installed_one(forks: Forks) -> None:
    facts, _ = run(
        forks, "import this\nfacts['value'] = this.value", files=written("this", "value = 7\n")
    )
    assert facts == {"value": 7}


def test_a_written_module_that_cannot_be_read_raises_as_it_would(forks: Forks) -> None:
    answer = forks.run("import blocks", files=written("blocks", "def f(:\n"))
    assert answer["error"][0] == "SyntaxError"


def test_a_model_of_another_library_is_told_what_is_asked_for() -> None:
    with pytest.raises(AbsentValue) as caught:
        bool(Absent("torch", WHY).nn.Linear(3, 4))
    assert str(caught.value).startswith("The model is made with torch.nn.Linear")
    assert str(caught.value).endswith(
        "and this exercise asks for a Keras model. Build it from keras.layers."
    )
