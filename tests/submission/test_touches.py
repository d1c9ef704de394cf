"""What may change a model by another name, or in another way, is run with it."""

from __future__ import annotations

import time

import pytest

from grader.submission.slice import slice_name, without_optional
from tests.submission.cells import submission
from tests.submission.test_slice import expected, places

TOUCHED: dict[str, tuple[str, ...]] = {
    "a part that is frozen afterwards": (
        "base = VGG16() #+\nmodel = Sequential([base, Dense(1)]) #+",
        "base.trainable = False #+",
    ),
    "the layers of a part, in a loop": (
        "base = VGG16() #+\nmodel = Model(base.input, Dense(1)(base.output)) #+",
        "for layer in base.layers[:-2]: #+\n    layer.trainable = False",
    ),
    "layers that a comprehension picked": (
        "model = build() #+",
        "late = [l for l in model.layers if l.name] #+\nfor l in late: #+\n    l.trainable = False",
    ),
    "a part under a name of its own": (
        "model = build() #+",
        "vgg = model.get_layer('vgg16') #+\nvgg.trainable = False #+",
    ),
    "an item of a dict": (
        "model = build() #+\nnets = {'a': model} #+",
        "nets['a'].add(Dense(10)) #+",
    ),
    "a change whose result is kept": ("model = build() #+", "last = model.pop() #+"),
    "changes in a tuple and in a comprehension": (
        "model = Sequential() #+",
        "model.add(Dense(1)), model.add(Dense(2)) #+",
        "[model.add(Dense(n)) for n in (8, 16)] #+",
    ),
    "a bound method": ("model = Sequential() #+\nadd = model.add #+", "add(Dense(1)) #+"),
    "a lambda": ("model = Sequential() #+", "put = lambda n: model.add(Dense(n)) #+\nput(3) #+"),
    "a function of a module that nobody has read": (
        "from heads import add_head #+\nmodel = build() #+",
        "add_head(model, 10) #+",
    ),
    "setattr": ("model = build() #+", "for l in model.layers: #+\n    setattr(l, 'trainable', 0)"),
    "a function that changes and trains": (
        "def tune(net): #+\n    net.trainable = False\n    net.fit(x)",
        "model = build() #+\ntune(model) #+",
    ),
    "a block that changes and trains": (
        "model = Sequential() #+",
        "with device(): #+\n    model.add(Dense(1))\n    model.fit(x)",
    ),
}
UNTOUCHED: dict[str, tuple[str, ...]] = {
    "training, looking and drawing": (
        "import matplotlib.pyplot as plt\nmodel = build() #+",
        "history = model.fit(x, y)\nplt.plot(history.history['loss'])\nmodel.summary()",
        "print(model.layers[0].get_weights())\nlen(model.layers)",
        "predicted = model.predict(x)\npredicted[0] = 1",
    ),
    "another model": ("model = build() #+\nother = Sequential()", "other.add(Dense(1))"),
    "a name that is bound anew": (
        "model = build()\nmodel.trainable = False",
        "model = Sequential() #+",
    ),
    "numbers of the data": (
        "x = load() #+\nmodel = Sequential([Input(x.shape[1:]), Dense(len(x))]) #+",
        "x.sort()",
    ),
}


@pytest.mark.parametrize("cells", TOUCHED.values(), ids=TOUCHED)
def test_what_may_change_the_model_is_run(cells: tuple[str, ...]) -> None:
    program = slice_name(submission(*cells, "def build():\n    return 1"), ["model"])
    found = {place for place in places(program) if place[0] <= len(cells)}
    assert found == expected(cells)


@pytest.mark.parametrize("cells", UNTOUCHED.values(), ids=UNTOUCHED)
def test_what_does_not_change_it_is_left_out(cells: tuple[str, ...]) -> None:
    program = slice_name(submission(*cells, "def build():\n    return 1"), ["model"])
    found = {place for place in places(program) if place[0] <= len(cells)}
    assert found == expected(cells)


def test_what_only_may_change_it_can_be_left_out_again() -> None:
    read = submission("import heads\nmodel = Sequential()", "heads.add(model)\nmodel.add(1)")
    program = slice_name(read, ["model"])
    assert places(program) == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert places(without_optional(program)) == [(1, 2), (2, 2)]


def test_a_long_chain_of_names_is_followed_in_no_time() -> None:
    chain = "\n".join(f"x{i} = f(x{i - 1})" for i in range(1, 4000))
    read = submission(f"x0 = 1\n{chain}\nmodel = x3999")
    started = time.perf_counter()
    slice_name(read, ["model"])
    assert time.perf_counter() - started < 5
