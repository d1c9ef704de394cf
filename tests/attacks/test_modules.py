"""Modules that a notebook writes with ``%%writefile``: shadows of Keras, of Python, of the grader.

In a notebook's own folder such a file goes before what is installed. Here it is text until the
notebook's own process imports it, and then it is the notebook's own code.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

import pytest

from tests.attacks.attack import HONEST, MAXIMUM, POOR, Attack, World
from tests.attacks.host import Host
from tests.attacks.test_forging import CLASS, DESCRIBED, LEARN, RIGHT, SEEN

ALL = MAXIMUM["cnn"]
NEXT_CELL = "\n# next cell\n"
TOO_MUCH_SECONDS = 6
"""For a notebook whose honest part is graded in one."""


@dataclass(frozen=True, slots=True)
class Notebook(Attack):
    """An attack of several cells."""

    def cells(self, host: Host) -> list[str]:
        source = self.source
        for word, meaning in host.words.items():
            source = source.replace(f"@{word}@", meaning)
        cells = [textwrap.dedent(cell).strip("\n") for cell in source.split(NEXT_CELL)]
        return [POOR[self.target], *cells]


def writes(files: dict[str, str], cell: str = HONEST["cnn"], worth: float = ALL) -> Notebook:
    """A notebook that writes files in its first cells, and then goes on."""
    cells = [f"%%writefile {path}\n{source}" for path, source in files.items()]
    return Notebook("cnn", NEXT_CELL.join([*cells, cell]), worth=worth)


def built(start: str, layer: str) -> str:
    """A right model but for one layer."""
    return (
        f"import keras\nfrom keras import layers\n{start}\n"
        + HONEST["cnn"].partition("layers\n")[2]
    ).replace('layers.Conv2D(4, 3, activation="relu")', layer)


ENDS = "import os\nos._exit(0)\n"
LOUD = "print('word-738' '193')\nraise SystemExit\n"
"""Whoever runs this is heard to have done so."""
FORGED = """\
def build_cnn():
    raise ValueError("the wrong one")
honest = None
def build(request):
    return {"architecture": None, "score": 110}
learn = train_job = describe_job = call = read = build
"""

SHADOWS = {
    "Keras": {"keras.py": ENDS},
    "Keras as a package": {"keras/__init__.py": ENDS, "keras/layers/__init__.py": ENDS},
    "TensorFlow": {"tensorflow/__init__.py": ENDS, "tensorflow/python/__init__.py": ENDS},
    "NumPy": {"numpy.py": ENDS, "numpy/core.py": ENDS},
    "the grader": {"grader.py": ENDS, "grader/__init__.py": ENDS},
    "the grader's only room for students": {"grader/sandbox/student.py": FORGED},
    "the grader's jobs": {
        "grader/model/rebuild.py": FORGED,
        "grader/model/describe.py": FORGED,
        "grader/training/fit.py": FORGED,
        "grader/sandbox/wire.py": FORGED,
    },
    "what the grader imports late": {
        "grader/sandbox/nothing.py": ENDS,
        "keras/src/utils/naming.py": ENDS,
        "keras/src/legacy/preprocessing/image.py": ENDS,
    },
    "Python's own start": {"sitecustomize.py": ENDS, "usercustomize.py": ENDS, "site.py": ENDS},
    "what Python imports late": {
        f"{name}.py": ENDS
        for name in ("json", "linecache", "traceback", "inspect", "ast", "asyncio", "encodings")
    },
    "configuration that others read": {
        "conftest.py": ENDS,
        "setup.py": ENDS,
        "keras_local.py": ENDS,
        "__main__.py": ENDS,
        "__init__.py": ENDS,
    },
}
"""Files that are written and that the notebook itself does not import: nobody else does."""

PLACES = {
    "above": "../../../@MARK@.py",
    "from the root": "/@MARK@.py",
    "into the system": "/etc/@MARK@.py",
    "into the folder for all": "/tmp/@MARK@.py",
    "into the course": "@COURSE@/@MARK@.py",
    "into the home": "~/@MARK@.py",
    "into the home by its name": "@HOME@/sentinel.py",
    "by a variable": "$HOME/@MARK@.py",
    "by a name with a zero": "@MARK@\x00.py",
    "by an address": "file:///tmp/@MARK@.py",
    "into the packages": "/usr/lib/python3/dist-packages/@MARK@.py",
    "by a command": "@MARK@.py; touch /tmp/@MARK@.py",
}

SIZES = {
    "ten thousand modules": writes({f"m{i}.py": f"x = {i}" for i in range(10_000)}),
    "ten thousand modules, each of which imports the next": writes(
        {f"m{i}.py": f"import m{i + 1}" for i in range(10_000)}, f"import m0\n{HONEST['cnn']}"
    ),
    "a module of nearly a mebibyte": writes(
        {"large.py": "x = '" + "\\x01" * 220_000 + "'"}, f"from large import x\n{HONEST['cnn']}"
    ),
    "a module that is added to ten thousand times": Notebook(
        "cnn",
        NEXT_CELL.join(
            [
                "%%writefile m.py\n#" + "x" * 500_000,
                *["%%writefile -a m.py\n#"] * 10_000,
                f"import m\n{HONEST['cnn']}",
            ]
        ),
        worth=ALL,
    ),
    "a package of a hundred thousand packages": writes(
        {"a/" * 100_000 + "x.py": "y = 1"}, f"import a.a.a.a.a\n{HONEST['cnn']}"
    ),
    "a name of half a million characters": writes({"a" * 500_000 + ".py": "y = 1"}),
    "a line that nearly writes a file, for the pattern": Notebook(
        "cnn", NEXT_CELL.join(["%%writefile " + ".py'" * 200_000, HONEST["cnn"]]), worth=ALL
    ),
}

FAILS = {
    "modules that import one another": writes(
        {"a.py": "from b import y\nx = 1", "b.py": "from a import x\ny = 1"},
        f"from a import x\n{HONEST['cnn']}".replace("Conv2D(4", "Conv2D(4 * x"),
        worth=0,
    ),
    "a module that imports itself for ever": writes(
        {"a.py": "import sys\ndel sys.modules['a']\n__import__('a')\nx = 1"},
        f"from a import x\n{HONEST['cnn']}".replace("Conv2D(4", "Conv2D(4 * x"),
        worth=0,
    ),
    "a module that Python cannot read": writes(
        {"a.py": "x = " + "(" * 50_000},
        f"from a import x\n{HONEST['cnn']}".replace("Conv2D(4", "Conv2D(4 * x"),
        worth=0,
    ),
    "a module that ends the process": writes(
        {"a.py": ENDS},
        f"from a import x\n{HONEST['cnn']}".replace("Conv2D(4", "Conv2D(4 * x"),
        worth=0,
    ),
    "a module that raises what is no exception of a program": writes(
        {"a.py": "raise type('\\x1b[2J[bold]', (BaseException,), {})('x' * 10**6)"},
        f"from a import x\n{HONEST['cnn']}".replace("Conv2D(4", "Conv2D(4 * x"),
        worth=0,
    ),
    "a layer of a package with Keras's name": writes(
        {
            "keras/layers/mine.py": "import keras\nclass Dense(keras.layers.Dense):\n"
            "    def call(self, x):\n        return x[:, :10]\n"
        },
        built("from keras.layers.mine import Dense", "Dense(4)"),
        worth=0,
    ),
    "a function of a module": writes(
        {"mine.py": "def relu(x):\n    return x * 0\n"},
        built("from mine import relu", "layers.Conv2D(4, 3, activation=relu)"),
        worth=0,
    ),
}
"""The notebook's own code: what it does to its process, it does to its own answer."""

TAKEN_FOR_KERASS = {
    "a function of a package with Keras's name": writes(
        {"keras/mine.py": "def relu(x):\n    return x * 0\n"},
        built("from keras.mine import relu", "layers.Conv2D(4, 3, activation=relu)"),
        worth=0,
    ),
    "a function of a package with TensorFlow's name": writes(
        {"tensorflow/mine.py": "def relu(x):\n    return x * 0\n"},
        built("from tensorflow.mine import relu", "layers.Conv2D(4, 3, activation=relu)"),
        worth=0,
    ),
    "a function that says it is Keras's": Notebook(
        "cnn",
        built(
            "def relu(x):\n    return x * 0\nrelu.__module__ = 'keras.activations'",
            "layers.Conv2D(4, 3, activation=relu)",
        ),
    ),
    "a function that wraps Keras's": Notebook(
        "cnn",
        built(
            "import functools\n@functools.wraps(keras.activations.relu)\n"
            "def relu(x):\n    return x * 0\n",
            "layers.Conv2D(4, 3, activation=relu)",
        ),
    ),
}
"""An activation of the notebook's own, graded as the one of Keras's that has its name."""


@pytest.mark.parametrize("name", SHADOWS)
def test_a_file_is_no_module_for_anybody_else(name: str, world: World) -> None:
    assert world.gains(writes(SHADOWS[name])) == []


@pytest.mark.parametrize("name", PLACES)
def test_no_file_is_written_anywhere(name: str, world: World) -> None:
    assert world.gains(writes({PLACES[name]: LOUD}), follow_up=False) == []


@pytest.mark.parametrize("name", SIZES)
def test_many_and_large_files_cost_nobody_else(name: str, world: World) -> None:
    assert world.gains(SIZES[name], follow_up=False) == []
    assert world.last.seconds.total < TOO_MUCH_SECONDS


@pytest.mark.parametrize("name", FAILS)
def test_a_module_is_the_notebooks_own_code(name: str, world: World) -> None:
    assert world.gains(FAILS[name], follow_up=False) == []
    error = world.last.exercises[0].error
    assert error is not None
    assert "grader" not in error.message


@pytest.mark.parametrize("name", TAKEN_FOR_KERASS)
def test_a_function_of_the_notebooks_is_not_taken_for_kerass(name: str, world: World) -> None:
    assert world.gains(TAKEN_FOR_KERASS[name], follow_up=False) == []


def test_a_file_trains_nobody_else_inside(custom_world: World) -> None:
    cell = f"import numpy as np\n{RIGHT}{CLASS}{LEARN}\ndef build_cnn():\n"
    cell += textwrap.indent(SEEN + "training(lambda images, part: np.full(9, 1))\n", "    ")
    forged = {"grader/training/fit.py": FORGED, "grader/model/describe.py": FORGED}
    attack = writes(forged, f"{cell}    return Net()\n", worth=DESCRIBED)
    reviewed = Notebook("cnn", attack.source, worth=DESCRIBED, status="needs_review")
    assert custom_world.gains(reviewed) == []
