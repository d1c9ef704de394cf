"""What a name depends on, and that nothing else is taken."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from grader.errors import SubmissionError
from grader.records import Problem, Program, Submission
from grader.submission.slice import defined_names, slice_name
from tests.submission.cells import examples, submission
from tests.submission.test_statements import SOURCES

MARK = "#+"
"""Ends the first line of each statement that is expected in the program."""


def expected(cells: tuple[str, ...]) -> set[tuple[int, int]]:
    return {
        (cell, line)
        for cell, source in enumerate(cells, 1)
        for line, text in enumerate(source.split("\n"), 1)
        if text.endswith(MARK)
    }


def places(program: Program) -> list[tuple[int, int]]:
    return [(statement.cell or 0, statement.line) for statement in program.statements]


def problem(read: Submission, *names: str) -> Problem:
    with pytest.raises(SubmissionError) as caught:
        slice_name(read, names)
    return caught.value.problem


SLICES: dict[str, tuple[str, ...]] = {
    "last definition wins": ("model = 1", "model = 2", "model = 3 #+"),
    "what it uses, transitively": ("a = 1 #+\nb = a #+\nunused = 2", "model = b #+"),
    "a use sees the definition above it": (
        "a = 1 #+\nb = a + 1 #+\na = 5\nmodel = b #+",
        "a = 6",
    ),
    "add in other cells": (
        "model = Sequential() #+",
        "model.add(Conv2D(32)) #+\nother = 1\nmodel.summary()",
        "model.add(Dense(10)) #+",
    ),
    "changes of an older object are left out": (
        "model = Sequential()\nmodel.add(Dense(1))",
        "model = Sequential() #+\nmodel.add(Dense(2)) #+",
    ),
    "compile belongs to it, training and drawing do not": (
        "import matplotlib.pyplot as plt\nfrom keras import Sequential #+",
        "model = Sequential() #+\nmodel.compile(loss='mse') #+",
        "history = model.fit(x, y)\nmodel.evaluate(x, y)\nplt.plot(history.history)\nplt.show()",
        "model.save('model.keras')\nmodel.predict(x)\nprint(model.count_params())",
        "for epoch in range(3): #+\n    model.train_on_batch(x, y)\n    model.compile('sgd')",
    ),
    "a loop that adds layers": (
        "sizes = [32, 64] #+\nmodel = Sequential() #+",
        "for size in sizes: #+\n    model.add(Conv2D(size))",
    ),
    "another loop over the same variable": (
        "for size in images:\n    imshow(size)\nmodel = Sequential() #+",
        "for size in (1, 2): #+\n    model.add(Dense(size))",
    ),
    "a loop that freezes layers": (
        "base = VGG16() #+\nfor layer in base.layers: #+\n    layer.trainable = False",
        "for layer in base.layers:\n    print(layer.name)",
        "model = Sequential([base]) #+",
    ),
    "items and attributes": (
        "model = Sequential() #+\nmodel.layers[0].trainable = False #+\nmodel.name = 'x' #+",
        "del model.extra #+\ndel model",
    ),
    "with": (
        "strategy = Strategy() #+",
        "with strategy.scope(): #+\n    model = Sequential()\n    model.add(Dense(1))",
        "with open('f') as file:\n    text = file.read()",
    ),
    "with in which training is": (
        "model = Sequential() #+",
        "with tape() as t: #+\n    model.compile('adam')\n    model.fit(x)",
    ),
    "imports with a way out": (
        "try: #+\n    from keras.layers import Dense\nexcept ImportError:\n"
        "    from tensorflow.keras.layers import Dense",
        "try:\n    import cv2\nexcept ImportError as error:\n    print(error)",
        "model = Dense(1) #+",
    ),
    "both branches": (
        "size = 1\nkind = 1 #+",
        "if kind: #+\n    size = 2\nelse:\n    size = 3",
        "model = Dense(size) #+",
    ),
    "one branch leaves what was before": (
        "size = 1 #+\nif big: #+\n    size = 2\nmodel = Dense(size) #+",
    ),
    "elif": (
        "size = 0\nif a: #+\n    size = 2\nelif b:\n    size = 3\nelse:\n    size = 4\n"
        "model = Dense(size) #+",
    ),
    "a function's globals, from the end": (
        "units = 5",
        "def model(): #+\n    return Dense(units)",
        "units = 10 #+",
    ),
    "a function's globals, from where it is called": (
        "units = 5 #+",
        "def build(): #+\n    return Dense(units)",
        "model = build() #+",
        "units = 10",
    ),
    "a function in a branch": (
        "fast = True #+\nk = 1",
        "if fast: #+\n    def model():\n        return k",
        "k = 2 #+",
    ),
    "helpers": (
        "def unused():\n    pass",
        "def model(): #+\n    return block(1)",
        "def block(n): #+\n    return inner(n) * SCALE",
        "def inner(n): #+\n    return n\nSCALE = 2 #+",
    ),
    "functions that call each other": (
        "def even(n): #+\n    return n == 0 or odd(n - 1)",
        "def odd(n): #+\n    return n != 0 and even(n - 1)",
        "def model(n): #+\n    return even(n)",
    ),
    "a function that calls itself": (
        "def model(n): #+\n    return model(n - 1) if n else 0",
        "answer = model(3)",
    ),
    "functional": (
        "inputs = x = Input((28, 28, 1)) #+",
        "x = Conv2D(1)(x) #+\ny = Flatten()(x)\nx = Dense(2)(x) #+",
        "model = Model(inputs, x) #+\nx = None",
    ),
    "a class and its methods' globals": (
        "RATE = 0.5 #+\nK = 3 #+\nK2 = 4\nimport keras #+",
        "class Net(keras.Model): #+\n    k = K\n    K2 = k\n    n = K2\n"
        "    def call(self, x):\n        return dropout(x, RATE)",
        "def dropout(x, rate): #+\n    return x",
        "model = Net() #+",
    ),
    "a class's own names are not seen by its methods": (
        "size = 1 #+",
        "class Net: #+\n    size = 2\n    def call(self):\n        return size",
        "model = Net #+",
    ),
    "a class that reads a name before it shadows it": (
        "size = 1 #+",
        "class Net: #+\n    size = size",
        "model = Net #+",
    ),
    "a class attribute by the name of a global": (
        "size = 1",
        "class Net: #+\n    size = 2\n    other = size",
        "model = Net #+",
    ),
    "decorators": (
        "def twice(f): #+\n    return f",
        "@twice #+\ndef model():\n    pass\n    return 1",
    ),
    "default arguments are read at the definition": (
        "size = 1 #+",
        "def model(n=size, *, m=size): #+\n    return n",
        "size = 2",
    ),
    "annotations": (
        "import keras #+\nShape = tuple #+\nNever = int",
        "def model(shape: Shape) -> keras.Model: #+\n    return 1",
        "size: Never",
    ),
    "an annotated name": ("model: int", "model: int = 1 #+"),
    "lambda": (
        "n = 1\nbuild = lambda x, size=n: Dense(x)",
        "units = 2 #+\nmodel = lambda n: Dense(n + units) #+",
    ),
    "a lambda may be called at once or later": (
        "k = 2 #+\nx = list(map(lambda y: y * k, [1])) #+\nk = 5 #+",
        "model = x #+",
    ),
    "comprehensions have names of their own": (
        "n = 1\nrow = 2",
        "data = [1] #+\nmodel = [n * k for row in data for n in row if n for k in [n]] #+",
    ),
    "a comprehension's first iterable is read outside": (
        "n = [1] #+",
        "model = {n: n for n in n} #+",
    ),
    "generator and set": (
        "a = [1] #+\nb = 2 #+\nc = 3",
        "model = sum(c + b for c in a) + len({c for c in a}) #+",
    ),
    "walrus": ("if (size := 3) > 2: #+\n    print(size)", "model = Dense(size) #+"),
    "walrus in a comprehension": (
        "kept = [last := n for n in (1, 2)] #+",
        "model = last #+",
    ),
    "global": (
        "model = None #+\nunits = 3 #+",
        "def build(): #+\n    global model\n    model = Dense(units)",
        "build() #+\nprint(model)",
    ),
    "global, through a helper": (
        "def build(): #+\n    global model\n    model = 1",
        "def main(): #+\n    build()",
        "main() #+",
    ),
    "a function that changes a global": (
        "model = Sequential() #+",
        "def grow(): #+\n    model.add(Dense(1))",
        "grow() #+\nother()",
    ),
    "a function that changes its argument": (
        "def add_head(net, units): #+\n    net.add(Dense(units))\n    net.summary()",
        "def show(net):\n    net.summary()",
        "model = Sequential() #+\nadd_head(model, 10) #+\nshow(model)",
        "def twice(m): #+\n    add_head(units=1, net=m)",
        "done = twice(m=model) #+",
    ),
    "a function that trains its argument": (
        "def train(net): #+\n    net.compile('adam')\n    net.fit(x, y)",
        "def run(net):\n    train(net)",
        "model = Sequential() #+\ntrain(model) #+\nrun(model)",
    ),
    "a function that only returns another object": (
        "def wrap(x):\n    x = Dense(1)(x)\n    x.name = 'x'\n    return x",
        "model = Sequential() #+\nother = wrap(model)",
    ),
    "del": ("model = 1 #+", "del model", "rest = [1]\ndel rest[0]"),
    "augmented assignment": (
        "model = [1] #+\nmodel += [2] #+\ncount = 0\ncount += len(model)",
        "model[0] += 3 #+",
    ),
    "augmented assignment in a loop that trains": (
        "total = 0 #+",
        "for net in nets: #+\n    total += net.evaluate(x)",
        "model = total #+",
    ),
    "tuple targets": (
        "(x_train, y_train), (x_test, y_test) = load_data() #+",
        "model = Dense(y_test) #+",
    ),
    "a starred target": ("first, *rest = sizes() #+", "model = Dense(rest) #+"),
    "a chain of targets": ("a = b = [1] #+", "model = b #+"),
    "star import": (
        "from keras.layers import * #+\nfrom keras import Sequential #+\nimport os",
        "model = Sequential([Conv2D(1)]) #+",
    ),
    "no star import where all names are known": (
        "from keras.layers import *\nfrom keras import Sequential #+",
        "model = Sequential([print]) #+",
    ),
    "import as": ("import a.b.c as d #+\nimport a.b.c", "model = d.f() #+"),
    "import of a submodule binds the package": (
        "import keras.layers #+\nimport keras.models as km",
        "model = keras.layers.Dense(1) #+",
    ),
    "several statements on a line": (
        "a = 1; b = 2 #+",
        "model = a #+",
    ),
    "the main guard": (
        "def build():\n    return 1",
        'if __name__ == "__main__":\n    model = build()\n    model.fit()',
        'if "__main__" == __name__:\n    x = 3\n    model = 2 #+',
    ),
    "future": ("from __future__ import annotations #+\nmodel = 1 #+",),
    "match": (
        "size = 1 #+\nkind = 2 #+\nBIG = 3\nimport enum #+\nrest = 5",
        "match kind: #+\n    case enum.BIG if size:\n        units = 1\n"
        "    case {'a': first, **rest}:\n        units = first\n"
        "    case [first, *rest] | (first as rest):\n        units = rest",
        "model = Dense(units) #+",
    ),
    "seeds and settings belong to a module": (
        "import numpy as np #+\nimport tensorflow as tf #+\nimport os",
        "np.random.seed(1) #+\ntf.random.set_seed(2) #+\nos.environ['A'] = '1'",
        "tf.config.set_memory_growth(tf.config.list_physical_devices('GPU')[0], True)",
        "tf.reset_default_graph()\nwith tf.Session() as s:\n    tf.random.set_seed(1)",
        "def train():\n    tf.random.set_seed(3)\ntrain()",
        "model = tf.keras.Sequential(np.zeros(1)) #+",
    ),
    "downloads and mounts": (
        "from google.colab import drive\nimport urllib.request\nimport keras #+",
        "drive.mount('/content/drive')\nurllib.request.urlretrieve('http://x', 'y')",
        "model = keras.Sequential() #+",
    ),
    "f-string": ("size = 1 #+\nname = f'{size:>{size}}' #+", "model = name #+"),
    "a type comment is no use": ("size = 1\nmodel = []  # type: list[size] #+",),
    "the exception's name goes away": (
        "error = 1 #+",
        "try:\n    risky()\nexcept ValueError as error:\n    print(error)",
        "model = error #+",
    ),
    "nonlocal and nested functions": (
        "count = 1\nouter = 2 #+",
        "def model(): #+\n    count = 0\n    def step():\n        nonlocal count\n"
        "        count += outer\n    step()\n    return count",
    ),
    "a name that a function deletes is its own": (
        "x = 1",
        "def model(x): #+\n    del x",
    ),
    "async": (
        "import aio #+",
        "async def model(): #+\n    async with aio.x() as y:\n        async for z in y:\n"
        "            await z",
    ),
    "try with finally": (
        "try: #+\n    size = 1\nfinally:\n    done = 2",
        "model = size + done #+",
    ),
    "a name that the handler may bind": (
        "size = 0 #+\ntry: #+\n    size = load()\nexcept OSError:\n    pass",
        "model = size #+",
    ),
    "while": (
        "n = 0 #+\nmodel = [] #+\nwhile n < 2: #+\n    n += 1\n    model.append(n)",
        "while True:\n    break",
    ),
    "data that a builder uses is taken": (
        "import mnist #+\n(x_train, y_train), _ = mnist.load_data() #+",
        "def model(): #+\n    return Dense(x_train.shape[1])",
    ),
}


@pytest.mark.parametrize("cells", SLICES.values(), ids=SLICES.keys())
def test_the_program_is_exactly_what_the_name_depends_on(cells: tuple[str, ...]) -> None:
    program = slice_name(submission(*cells), ["model"])
    found = places(program)
    assert set(found) == expected(cells)
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (("model = build()", "def build():\n    return 1"), [(2, 1), (1, 1)]),
        (
            ("model = build(size)", "size = base + 1\nbase = 2", "def build(n):\n    return n"),
            [(2, 2), (2, 1), (3, 1), (1, 1)],
        ),
        (
            ("model.add(1)", "import stack\nmodel = stack.new()\nmodel.name = 2"),
            [(2, 1), (2, 2), (2, 3)],
        ),
        (
            ("outputs = model.outputs", "model = []\nmodel.append(1)", "head = outputs"),
            [(2, 1), (2, 2), (1, 1), (3, 1)],
        ),
        (("a = b\nb = a\nhead = a",), [(1, 2), (1, 1), (1, 3)]),
        (("a = b\nb = 1\nb = 2\nhead = a",), [(1, 2), (1, 1), (1, 4)]),
    ],
    ids=[
        "a builder below its call",
        "a chain",
        "a change above the definition is not of this object",
        "changes come along",
        "a circle",
        "the first definition below",
    ],
)
def test_cells_in_the_wrong_order_run_in_the_right_one(
    cells: tuple[str, ...], order: list[tuple[int, int]]
) -> None:
    read = submission(*cells)
    name = "head" if "head" in defined_names(read) else "model"
    assert places(slice_name(read, [name])) == order


def test_an_unsure_first_binding_does_not_pull_in_later_ones() -> None:
    read = submission("if big:\n    size = 2", "model = [size]", "size = load()")
    assert places(slice_name(read, ["model"])) == [(1, 1), (2, 1)]


def test_a_very_long_chain_below_its_use_needs_no_deep_recursion() -> None:
    count = 5000
    source = "\n".join(f"a{i} = a{i + 1}" for i in range(count)) + f"\na{count} = 1"
    program = slice_name(submission(source), ["a0"])
    assert [line for _, line in places(program)] == list(range(count + 1, 0, -1))


def test_thousands_of_changes_are_taken_in_their_order() -> None:
    source = "model = []\n" + "model.append(len(model))\n" * 5000
    assert len(slice_name(submission(source), ["model"]).statements) == 5001


def test_a_statement_too_deep_to_be_analysed_binds_nothing() -> None:
    deep = "if a:\n    b = 1\n" + "elif a:\n    b = 1\n" * 900
    assert problem(submission(deep), "b").kind == "missing"


# --- the program computes what the notebook computes --------------------------------------


PRELUDE = """\
from contextlib import contextmanager
class Sequential:
    def __init__(self, layers=()):
        self.layers = list(layers)
    def add(self, layer):
        self.layers.append(layer)
    def __eq__(self, other):
        return self.layers == other.layers
class Dense:
    def __init__(self, units):
        self.units = units
        self.trainable = True
    def __call__(self, x):
        return [*x, self.units]
    def __eq__(self, other):
        return vars(self) == vars(other)
"""

PROGRAMS: dict[str, str] = {
    "sequential": "model = Sequential()\nfor n in (1, 2):\n    model.add(Dense(n))",
    "list of layers": "model = Sequential([Dense(1)])\nmodel.layers[0].units = 5",
    "functional": "x = [0]\nx = Dense(1)(x)\nx = Dense(2)(x)\nmodel = x\nx = []",
    "frozen": (
        "model = Sequential([Dense(1), Dense(2)])\n"
        "for layer in model.layers[:1]:\n    layer.trainable = False"
    ),
    "helper": (
        "def block(net, *, units=3):\n    net.add(Dense(units))\n    return net\n"
        "model = Sequential()\nblock(model)\nother = block(net=model, units=4)"
    ),
    "builder with globals": "n = 1\ndef model():\n    return [Dense(n), k]\nn = 2\nk = 3",
    "builder called early": "n = 1\ndef build():\n    return n\nmodel = build()\nn = 2",
    "class": (
        "SIZE = 2\nclass Net:\n    size = SIZE\n    def get(self):\n"
        "        return self.size + SIZE\n"
        "net = Net()\nmodel = net.get()"
    ),
    "swap": "a, b = 1, 2\na, b = b, a\nmodel = (a, b)",
    "starred": "a, *b = 1, 2, 3\nmodel = b",
    "walrus": "model = [y := 1, y ** 2]\nz = y",
    "comprehension": "n = 3\nmodel = [n for n in range(n)]",
    "nested comprehension": (
        "rows = [[1, 2], [3]]\nmodel = [n * m for r in rows for n in r for m in r]"
    ),
    "default": "n = 1\ndef model(k=n):\n    return k\nn = 2",
    "decorator": (
        "def plus(f):\n    return lambda: f() + bonus\nbonus = 4\n@plus\ndef model():\n    return 1"
    ),
    "global": "def set_it():\n    global model\n    model = 5\nmodel = 1\nset_it()",
    "match": (
        "model = 0\nmatch [1, 2, 3]:\n    case [a, *b] if a:\n        model = (a, b)\n"
        "    case _:\n        model = None"
    ),
    "while": "n = 0\nmodel = []\nwhile n < 3:\n    n += 1\n    model.append(n)",
    "try": "try:\n    model = 1\n    raise ValueError\nexcept ValueError:\n    model = 2",
    "augmented": "model = [1]\nmodel += [2]\nn = 3\nn += 1\nmodel *= n",
    "redefined helper": (
        "def f():\n    return 1\nmodel = [f()]\ndef f():\n    return 2\nmodel.append(f())"
    ),
    "mutual recursion": (
        "def even(n):\n    return n == 0 or odd(n - 1)\n"
        "def odd(n):\n    return n > 0 and even(n - 1)\n"
        "model = [even(4), odd(4)]"
    ),
    "closure": (
        "def make():\n    n = 0\n    def step():\n        nonlocal n\n"
        "        n += K\n        return n\n"
        "    return step\nK = 2\nstep = make()\nmodel = [step(), step()]"
    ),
}


@pytest.mark.parametrize("source", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_the_program_computes_what_the_notebook_computes(source: str) -> None:
    unused = "\nunused = undefined_thing if False else 0\nprint_nothing = str()"
    whole = run(PRELUDE + source)
    program = slice_name(submission(PRELUDE, source + unused), ["model"])
    assert value(run(text_of(program)), "model") == value(whole, "model")
    assert "unused" not in text_of(program)


def text_of(program: Program) -> str:
    return "\n".join(statement.source for statement in program.statements)


def run(source: str) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    exec(compile(source, "<notebook>", "exec", dont_inherit=True), scope)
    return scope


def value(scope: dict[str, Any], name: str) -> Any:
    held = scope[name]
    return held() if callable(held) else held


NUMBERS = st.sampled_from("abc")
LISTS = st.sampled_from("mn")
START = """\
from contextlib import nullcontext
a = 1
b = 2
c = 3
m = []
n = [1]
def f():
    return a
def g():
    return 2
def add(x):
    x.append(7)
    return 1
def put(y, into):
    into.append(y)
def grow():
    m.append(b)
"""


def form(template: str, *parts: SearchStrategy[str]) -> SearchStrategy[str]:
    """``form("{} = {}", names, values)``: the template, filled in."""
    return st.tuples(*parts).map(lambda found: template.format(*found))


def indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.split("\n"))


def block(inner: SearchStrategy[str]) -> SearchStrategy[str]:
    return st.lists(inner, min_size=1, max_size=3).map("\n".join).map(indented)


VALUES = st.one_of(
    st.sampled_from("0123"),
    NUMBERS,
    form("({} + {})", NUMBERS, NUMBERS),
    st.sampled_from(["f()", "g()", "len(m)", "len(n)"]),
    form("sum({0} + {1} for {0} in range(3))", NUMBERS, NUMBERS),
    form("(lambda {0}=1: {0} + {1})()", NUMBERS, NUMBERS),
)
SIMPLE = st.one_of(
    form("{} = {}", NUMBERS, VALUES),
    form("{} = ({} := {})", NUMBERS, NUMBERS, VALUES),
    form("{} += {}", NUMBERS, VALUES),
    form("{}, {} = {}, 1", NUMBERS, NUMBERS, VALUES),
    form("{}, *_ = 1, 2, {}", NUMBERS, VALUES),
    form("{} = [{}]", LISTS, VALUES),
    form("{}.append({})", LISTS, VALUES),
    form("{} += [{}]", LISTS, VALUES),
    form("{}[:1] = [{}]", LISTS, VALUES),
    form("{} = add({})", NUMBERS, LISTS),
    form("put({}, into={})", VALUES, LISTS),
    st.sampled_from(["grow()", "f()", "g()", "add(m)"]),
)
FUNCTIONS = st.one_of(
    form("def f():\n    return {}", NUMBERS),
    form("def g(x={}):\n    return {} + x", VALUES, NUMBERS),
    form("def f():\n    global {0}\n    {0} = {1}\n    return {0}", NUMBERS, VALUES),
    form(
        "def g():\n    {0} = 1\n    def h():\n        nonlocal {0}\n        {0} += 1\n"
        "        return {0} + b\n    return h() + {1}",
        NUMBERS,
        NUMBERS,
    ),
    st.just("def g():\n    return f() + 1"),
    st.just("def g():\n    add(m)\n    return 1"),
    form("def add(x):\n    x.append({})\n    return 4", VALUES),
    st.just("def add(x):\n    put(b, x)\n    return 4"),
    st.just("def put(y, into):\n    into += [y]\n    into.append(c)"),
    form("def grow():\n    {}.append({})", LISTS, VALUES),
)


def compounds(inner: SearchStrategy[str]) -> SearchStrategy[str]:
    body = block(inner)
    return st.one_of(
        form("if {} > 2:\n{}", VALUES, body),
        form("if {} > 2:\n{}\nelse:\n{}", VALUES, body, body),
        form("for {} in range(2):\n{}", NUMBERS, body),
        form("try:\n{}\n    raise KeyError\nexcept KeyError:\n{}", body, body),
        form("try:\n{}\nexcept KeyError:\n{}\nelse:\n{}\nfinally:\n    pass", body, body, body),
        form("match {}:\n    case 1:\n        b = 3\n    case c:\n        m = [c]", VALUES),
        form("with nullcontext({}) as {}:\n{}", VALUES, NUMBERS, body),
        form("class K:\n    {0} = {1}\n    z = {0} + c\n    add(m)", NUMBERS, VALUES),
    )


STATEMENTS = st.one_of(
    SIMPLE, SIMPLE, FUNCTIONS, compounds(st.one_of(SIMPLE, SIMPLE, compounds(SIMPLE)))
)


@examples(150)
@given(st.lists(STATEMENTS, min_size=1, max_size=8).map("\n".join))
def test_any_program_cut_down_gives_each_name_its_value(source: str) -> None:
    source = START + source
    whole = attempt(lambda: run(source))
    if whole is None:
        return  # f and g call each other for ever
    read = submission(source)
    assert read.broken == ()
    for name in "abcmn":
        program = slice_name(read, [name])
        assert run(text_of(program))[name] == whole[name], text_of(program)


def attempt(work: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
    limit = sys.getrecursionlimit()
    depth = len_of_stack() + 150
    try:
        sys.setrecursionlimit(depth)
        return work()
    except RecursionError:
        return None
    finally:
        sys.setrecursionlimit(limit)


def len_of_stack() -> int:
    frame, depth = sys._getframe(), 0
    while frame is not None:
        frame, depth = frame.f_back, depth + 1
    return depth


# --- verdicts ------------------------------------------------------------------------------


def test_the_program_says_where_the_name_is_last_defined() -> None:
    read = submission("x = 1", "model = x", "\nmodel.y = 2\nmodel = x\nmodel.z = 3")
    program = slice_name(read, ["model"])
    assert (program.name, program.cell, program.line) == ("model", 3, 3)
    assert program.assumptions == ()


def test_a_script_has_no_cells() -> None:
    program = slice_name(submission("x = 1\nmodel = x", kind="script"), ["model"])
    assert [(s.cell, s.line) for s in program.statements] == [(None, 1), (None, 2)]
    assert (program.cell, program.line) == (None, 2)


def test_a_name_that_is_only_imported_is_taken() -> None:
    program = slice_name(submission("from helpers import build_cnn"), ["build_cnn"])
    assert [s.source for s in program.statements] == ["from helpers import build_cnn"]


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (("cnn = 1\nbuild_cnn = 2\nmodel = 3",), "build_cnn"),
        (("model = 3\ncnn = 1",), "cnn"),
        (("model = 3",), "model"),
    ],
    ids=["the asked-for name first", "then the others in their order", "down to the last"],
)
def test_names_are_tried_in_their_order(cells: tuple[str, ...], found: str) -> None:
    assert slice_name(submission(*cells), ["build_cnn", "cnn", "model"]).name == found


def test_an_unsolved_asked_for_name_is_not_replaced_by_another() -> None:
    read = submission("def build_cnn():\n    pass", "model = Sequential([Dense(1)])")
    assert problem(read, "build_cnn", "model").kind == "unsolved"


def test_a_broken_asked_for_name_is_not_replaced_by_another() -> None:
    read = submission("def build_cnn(:\n    pass", "model = Sequential([Dense(1)])")
    assert problem(read, "build_cnn", "model").kind == "syntax"


def test_a_good_definition_counts_though_a_later_one_is_broken() -> None:
    read = submission("def build_cnn():\n    return 1", "def build_cnn(:\n    return 2")
    assert slice_name(read, ["build_cnn"]).cell == 1


def test_a_stub_that_was_filled_in_further_down_is_solved() -> None:
    read = submission("def build_cnn():\n    pass", "def build_cnn():\n    return 1")
    assert slice_name(read, ["build_cnn"]).cell == 2


def test_unsolved_says_where_and_what_to_do() -> None:
    read = submission("x = 1", "\n@decorated\ndef build_cnn():\n    pass  # TODO")
    assert problem(read, "build_cnn") == Problem(
        "unsolved",
        "build_cnn is still the stub that was handed out. Fill it in, save, and check again.",
        2,
        2,
    )


def test_missing_names_what_is_near_and_what_is_there() -> None:
    read = submission("def build_ccn():\n    return 1\ndef helper():\n    return 2\nx = 3")
    assert problem(read, "build_cnn", "cnn", "model") == Problem(
        "missing",
        'build_cnn is not defined (nor cnn or model). Did you mean "build_ccn"? '
        "Functions that are: build_ccn, helper.",
    )


@pytest.mark.parametrize("kind", ["notebook", "script"])
def test_missing_in_a_submission_without_functions(kind: Any) -> None:
    read = submission("x = 1", kind=kind)
    message = f"build_cnn is not defined. The {kind} defines no function."
    assert problem(read, "build_cnn") == Problem("missing", message)


def test_missing_in_an_empty_submission() -> None:
    assert problem(submission(), "model").kind == "missing"


def test_what_is_behind_the_main_guard_is_at_the_top_level() -> None:
    guard = (
        'if __name__ == "__main__":\n    model = [\n        1]\n    model.fit(9)\n'
        "else:\n    model = 2"
    )
    program = slice_name(submission("import keras", guard), ["model"])
    (statement,) = program.statements
    assert (statement.source, statement.cell, statement.line) == ("model = [\n    1]", 2, 2)


def test_syntax_gives_the_line_the_source_and_pythons_words() -> None:
    read = submission(
        "import keras",
        "def build_cnn():\n    model = keras.Sequential(\n    return model\n\nx = 1",
    )
    assert problem(read, "build_cnn") == Problem(
        "syntax",
        "Python cannot read the statement that defines build_cnn: '(' was never closed.",
        2,
        2,
        "model = keras.Sequential(",
    )


def test_syntax_in_a_helper_that_is_needed() -> None:
    read = submission("def build_cnn():\n    return head()", "def head()\n    return 1")
    assert problem(read, "build_cnn") == Problem(
        "syntax",
        "Python cannot read the statement that defines head: expected ':'.",
        2,
        1,
        "def head()",
    )


def test_syntax_in_what_is_not_needed_costs_nothing() -> None:
    read = submission("def other(:\n    pass", "x = = 1\nimport keras\nbuild_cnn = keras.x")
    assert [s.line for s in slice_name(read, ["build_cnn"]).statements] == [2, 3]


@pytest.mark.parametrize(
    ("cells", "line"),
    [
        (("model = []\nmodel.append(1", "x = 2"), (1, 2)),
        (("model = []", "x = 2", "\nmodel.layers[0].units = = 3"), (3, 2)),
        (("model = []", "for i in range(3)\n    model.append(i)"), (2, 1)),
    ],
    ids=["an unclosed bracket", "an attribute", "in a loop"],
)
def test_a_broken_line_that_would_have_changed_the_object_is_named(
    cells: tuple[str, ...], line: tuple[int, int]
) -> None:
    found = problem(submission(*cells), "model")
    assert (found.kind, found.cell, found.line) == ("syntax", *line)
    assert found.message.startswith("Python cannot read the statement that changes model: ")


@pytest.mark.parametrize(
    "cells",
    [
        ("model = []", "model.fit(x, y", "print(model.x"),
        ("model = 1\nmodel.add(2", "model = 3"),
        ("model = 1", "def f(:\n    model.add(1)"),
        ("import numpy as np\nnp.random.seed(", "model = np.zeros(1)"),
        ("stack = []\nmodel = len(stack)\nstack.append(1",),
    ],
    ids=["training", "an older object", "in a function", "a module", "after it was used"],
)
def test_a_broken_line_that_changes_nothing_needed_costs_nothing(cells: tuple[str, ...]) -> None:
    assert slice_name(submission(*cells), ["model"]).name == "model"


def test_of_several_broken_statements_the_first_is_named() -> None:
    read = submission("a = = 1", "b = = 2", "c = = 3", "model = c + b + a")
    assert problem(read, "model").cell == 1


def test_a_star_import_may_bring_what_a_broken_statement_defines() -> None:
    read = submission("from layers import *", "Conv = = 1", "model = Conv(1)")
    assert [s.cell for s in slice_name(read, ["model"]).statements] == [1, 3]


def test_defined_names_are_all_that_the_submission_binds() -> None:
    read = submission(
        "import keras.layers as kl, os.path\na, (b, *c) = 1, (2,)",
        "def f(x):\n    local = 1\nfor i in a:\n    j = i",
        "def broken(:\n    pass",
        "def g():\n    global h\n    h = 1\ng()",
    )
    assert defined_names(read) == {*"abcfghij", "kl", "os", "broken"}


@examples(200)
@given(st.lists(SOURCES, max_size=3))
def test_whatever_was_read_a_name_has_a_program_or_a_verdict(cells: list[str]) -> None:
    read = submission(*cells)
    for name in sorted(defined_names(read) | {"absent"}):
        try:
            program = slice_name(read, [name])
        except SubmissionError as error:
            assert error.problem.kind in ("missing", "unsolved", "syntax")
        else:
            assert len(set(program.statements)) == len(program.statements)
            assert set(program.statements) <= set(read.statements)
