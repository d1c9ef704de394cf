"""Forging: a score, an answer, a secret made up or looked up in the process that is asked.

A student's process may say what it likes of an architecture; it is then graded for that
architecture, as if it had been written down. What it cannot do is be graded for anything else.
"""

from __future__ import annotations

import textwrap
from typing import Literal

import pytest

from tests.attacks.attack import MAXIMUM, Attack, Exercise, World
from tests.attacks.without_walls import NOT_STOPPED_WITHOUT_WALLS

RIGHT = """
def right():
    return keras.Sequential([
        keras.Input((8, 8, 1)), keras.layers.Conv2D(4, 3, activation="relu"),
        keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax"),
    ])
"""
ANSWER_PIPE = """
import fcntl, os, stat
def pipes():
    found = []
    for number in range(3, 64):
        try:
            mode, flags = os.fstat(number).st_mode, fcntl.fcntl(number, fcntl.F_GETFL)
        except OSError:
            continue
        if stat.S_ISFIFO(mode) and flags & os.O_ACCMODE == os.O_WRONLY:
            found.append(number)
    return found
"""
"""The descriptors on which the process could write an answer of its own."""

LOOK = r"""
import gc, re, sys
def interesting(value):
    if type(value) is float:
        return 7e5 < value < 8e5
    return type(value) in (str, bytes) and re.search("7381[9]3|va[u]lt", str(value))
def look(value, depth=4):
    if interesting(value):
        print("found", repr(value)[:200])
    elif depth and type(value) in (list, tuple, set):
        for item in list(value)[:2000]:
            look(item, depth - 1)
    elif depth and type(value) is dict:
        for key, item in list(value.items())[:2000]:
            look(key, 0), look(item, depth - 1)
"""
"""Prints what looks like a secret among Python's objects."""

EVERYTHING = """
import numpy as np
class Everything(np.ndarray):
    __eq__ = lambda s, o: True
    __array_ufunc__ = lambda s, *a, **k: np.True_
    __array_function__ = lambda s, *a, **k: True
    shape = property(lambda s: ())
    tolist = lambda s: 3
"""
EQUAL = "__eq__ = lambda s, o: True\n    __ne__ = lambda s, o: False\n    __hash__ = {0}.__hash__"

ATTACKS = {
    # --- Keras itself -------------------------------------------------------------------------
    "to_json gives another model": Attack(
        "cnn",
        "import json\n"
        'keras.Model.to_json = lambda self, **_: json.dumps({"class_name": "Sequential"})\n',
    ),
    "count_params gives the number that is asked for": Attack(
        "cnn",
        "keras.Model.count_params = keras.Layer.count_params = lambda self: 1490\n"
        "keras.Layer.weights = property(lambda self: [])\n",
    ),
    "fit, evaluate and predict report full accuracy": Attack(
        "cnn",
        "keras.Model.fit = lambda self, *a, **k: {'accuracy': [1.0]}\n"
        "keras.Model.evaluate = lambda self, *a, **k: [0.0, 1.0]\n"
        "keras.Model.predict = lambda self, x, **k: keras.utils.to_categorical([0] * len(x), 10)\n",
    ),
    "output_shape and compute_output_shape lie": Attack(
        "cnn",
        "keras.Model.output_shape = property(lambda self: (None, 10))\n"
        "keras.layers.Dense.compute_output_shape = lambda self, shape: (None, 10)\n",
    ),
    "a model whose class pretends to be Sequential": Attack(
        "cnn",
        """\
class Fake:
    layers = [1, 2, 3]
    built = compiled = True
    input_shape, output_shape, name = (None, 8, 8, 1), (None, 10), "fake"
    __class__ = property(lambda self: keras.Sequential)
    count_params = lambda self: 1490
    get_config = lambda self: {"layers": []}
    _flatten_layers = lambda self, **_: []

def build_cnn():
    return Fake()
""",
    ),
    "a class whose get_config tells of other layers than it has": Attack(
        "cnn",
        RIGHT
        + """
class Liar(keras.layers.Dense):
    def get_config(self):
        return {**super().get_config(), "units": 10, "activation": "softmax"}

def build_cnn():
    model = poor()
    return keras.Sequential([*model.layers[:-1], Liar(3)])
""",
    ),
    "a stock class's get_config is patched on the instance": Attack(
        "cnn",
        """\
def build_cnn():
    model = poor()
    honest = model.layers[-1].get_config
    model.layers[-1].get_config = lambda: {**honest(), "count": 1490, "score": 70}
    return model
""",
    ),
    "the description claims a result beside the layers": Attack(
        "cnn",
        """\
from grader.sandbox import student
honest = student._architecture
student._architecture = lambda model: {
    **honest(model), "score": 70, "max_score": 70, "rebuilt": True, "total_params": 1490,
    "training": {"accuracy": 1.0}, "checks": [{"status": "passed", "score": 70}],
}
""",
    ),
    "the whole answer is a report with full marks": Attack(
        "cnn",
        """\
from grader.sandbox import student
student._find_model = lambda *_: (_ for _ in ()).throw(student.Stop("passed", score=70))
""",
    ),
    "a builder that gives the right model to whoever is no grader": Attack(
        "cnn",
        RIGHT
        + """
def build_cnn():
    import sys
    return poor() if "grader" in sys.modules else right()
""",
    ),
    "a builder that gives the right model from its second call on": Attack(
        "cnn",
        RIGHT
        + """
calls = []
def build_cnn():
    calls.append(1)
    return poor() if len(calls) == 1 else right()
""",
    ),
    "a builder that gives a tensor back, and the right one only in training": Attack(
        "cnn",
        """\
def build_cnn(inputs, training=False):
    x = keras.layers.GlobalAveragePooling2D()(inputs)
    return keras.layers.Dense(10 if training else 3)(x)
""",
    ),
    "a class that shows one graph and computes another": Attack(
        "cnn",
        """\
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.mean, self.head = keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(3)
        self.conv, self.wide = keras.layers.Conv2D(4, 3), keras.layers.Dense(10)
        self.asked = 0
    def call(self, x):
        self.asked += 1
        if self.asked > 3:
            return self.wide(keras.layers.Flatten()(self.conv(x)))
        return self.head(self.mean(x))

def build_cnn():
    return Net()
""",
    ),
    "the follower of classes is told that the right graph was followed": Attack(
        "cnn",
        """\
from grader.sandbox import follow
class Net(keras.Model):
    def call(self, x, training=False):
        return keras.ops.mean(x, axis=(1, 2)) * (738.0 if training else 1.0)
def build_cnn():
    follow._applied = lambda graph: []
    follow._is_kerass = lambda layer: True
    return Net()
""",
    ),
    "the stand-ins are taken out, and a fit of its own trains": Attack(
        "cnn",
        """\
import importlib, sys
from grader.sandbox.standins import training
training._calling = False
for name in [name for name in sys.modules if name.startswith("grader.sandbox.standins")]:
    del sys.modules[name]
keras.Model.fit = lambda self, *a, **k: self
def learn(model):
    return model.fit([1])
learn(poor())
""",
    ),
    "training ends the call with another model": Attack(
        "cnn",
        """\
def build_cnn():
    model = poor()
    try:
        model.fit([1])
    except BaseException as ended:
        ended.score, ended.checks = 70, "passed"
        raise
""",
    ),
    # --- the interpreter ------------------------------------------------------------------------
    "json writes a report instead of the answer": Attack(
        "cnn",
        "import json\n"
        'json.dumps = lambda *_, **__: \'{"score": 70, "max_score": 70, "status": "graded"}\'\n',
    ),
    "print of a finished report": Attack(
        "cnn",
        "print('walls  Walls  70 / 70')\n"
        'print(\'{"schema": 1, "status": "graded", "score": 70, "max_score": 70}\')\n',
    ),
    "a report is written on every descriptor": Attack(
        "cnn",
        "import os\n"
        "for number in range(64):\n"
        "    try:\n"
        '        os.write(number, b\'{"score": 70, "max_score": 70}\\n\')\n'
        "    except OSError:\n"
        "        pass\n",
    ),
    "sys.exit with success": Attack("cnn", "import sys\nsys.exit(0)\n"),
    "os._exit with success": Attack("cnn", "import os\nos._exit(0)\n"),
    "an exit handler that reports": Attack(
        "cnn",
        ANSWER_PIPE + "import atexit\n"
        "def late():\n"
        "    for pipe in pipes():\n"
        "        os.write(pipe, b'{\"score\": 70}')\n"
        "atexit.register(late)\n",
    ),
    "a signal handler that answers for it": Attack(
        "cnn",
        "import os, signal\n"
        "def answer(*_):\n"
        "    os._exit(0)\n"
        "for number in (1, 2, 10, 12, 14, 15):\n"
        "    signal.signal(number, answer)\n"
        "os.kill(os.getpid(), signal.SIGTERM)\n",
    ),
    "a trace function that changes what the grader's code returns": Attack(
        "shrink",
        """\
import sys
def trace(frame, event, value):
    if event == "return" and frame.f_code.co_name in ("_plain", "as_plain", "_call"):
        frame.f_locals["value"] = frame.f_locals["answer"] = {"score": 20, "right": True}
    return trace
sys.settrace(trace)
for frame in (sys._getframe(i) for i in range(1, 8)):
    frame.f_trace = trace
""",
    ),
    "IPython's input transformers": Attack(
        "cnn",
        """\
try:
    get_ipython().input_transformers_cleanup.append(lambda lines: ["score = 70\\n"])
    get_ipython().ast_transformers.append(None)
except NameError:
    pass
""",
    ),
    "an import hook gives modules of its own": Attack(
        "cnn",
        """\
import sys, types
class Hook:
    def find_spec(self, name, path=None, target=None):
        module = types.ModuleType(name)
        module.describe_model = lambda model: {"total_params": 1490}
        sys.modules[name] = module
        return None
sys.meta_path.insert(0, Hook())
for name in list(sys.modules):
    if name.startswith("grader.model"):
        del sys.modules[name]
""",
    ),
    "every module of the grader's is replaced": Attack(
        "cnn",
        """\
import sys, types
for name in list(sys.modules):
    if name.startswith("grader"):
        sys.modules[name] = types.ModuleType(name)
""",
    ),
    "builtins lie: sum, zip, all, isinstance": Attack(
        "shrink",
        """\
import builtins
builtins.all = builtins.any = lambda *_: True
builtins.isinstance = lambda *_: True
builtins.zip = lambda *_, **__: iter(())
""",
    ),
    "math and numpy find everything close": Attack(
        "shrink",
        "import math\nimport numpy as np\n"
        "math.isclose = np.isclose = np.allclose = np.array_equal = lambda *_, **__: True\n"
        "np.testing.assert_allclose = np.testing.assert_equal = lambda *_, **__: None\n",
    ),
    # --- values that lie ------------------------------------------------------------------------
    "a whole number that equals everything": Attack(
        "shrink",
        f"class One(int):\n    {EQUAL.format('int')}\n\ndef shrink(n, k):\n    return One(-1)\n",
    ),
    "a float that equals everything": Attack(
        "shrink",
        f"class One(float):\n    {EQUAL.format('float')}\n"
        "    __sub__ = __rsub__ = lambda s, o: 0.0\n    __abs__ = lambda s: 0.0\n\n"
        "def shrink(n, k):\n    return One(-1)\n",
    ),
    "a float that is another each time it is asked": Attack(
        "shrink",
        "class Turning(float):\n"
        "    asked = 0\n"
        "    def __float__(self):\n"
        "        Turning.asked += 1\n"
        "        return [3.0, 4.5][Turning.asked % 2]\n"
        "    __index__ = __int__ = __round__ = __trunc__ = __float__\n\n"
        "def shrink(n, k):\n    return Turning(-1)\n",
    ),
    "an array that equals everything": Attack(
        "shrink",
        EVERYTHING + "def shrink(n, k):\n    return np.full((), -1.0).view(Everything)\n",
    ),
    "an array that answers differently each time": Attack(
        "shrink",
        "import numpy as np\n"
        "class Chameleon:\n"
        "    def __array__(self, *_, **__):\n"
        "        return np.array([3, 4.5, 26])\n\n"
        "def shrink(n, k):\n    return Chameleon()\n",
    ),
    "an object whose class is float": Attack(
        "shrink",
        "class Fake:\n"
        "    __class__ = property(lambda s: float)\n"
        "    __float__ = lambda s: 3.0\n"
        "    __eq__ = lambda s, o: True\n\n"
        "def shrink(n, k):\n    return Fake()\n",
    ),
    "an object that runs code when it is unpickled": Attack(
        "shrink",
        "class Bomb:\n"
        '    __reduce__ = lambda s: (open, ("/tmp/@MARK@", "w"))\n'
        "    __reduce_ex__ = lambda s, version: s.__reduce__()\n\n"
        "def shrink(n, k):\n    return Bomb()\n",
    ),
    "an array of objects that run code when unpickled": Attack(
        "shrink",
        "import numpy as np\n"
        "class Bomb:\n"
        '    __reduce__ = lambda s: (open, ("/tmp/@MARK@", "w"))\n\n'
        "def shrink(n, k):\n    return np.array([Bomb()], dtype=object)\n",
    ),
    "not a number, which compares with nothing": Attack(
        "shrink", 'def shrink(n, k):\n    return float("nan")\n'
    ),
    "infinity": Attack("shrink", 'def shrink(n, k):\n    return float("inf")\n'),
    "true instead of a number": Attack("shrink", "def shrink(n, k):\n    return True\n"),
    "every answer at once": Attack(
        "shrink", "def shrink(n, k):\n    return [3, 4.5, range(1000000)]\n"
    ),
    "a number of four thousand bits": Attack("shrink", "def shrink(n, k):\n    return 2 ** 4000\n"),
    "a wire reference to somebody else's array": Attack(
        "shrink", 'def shrink(n, k):\n    return {"$array": 0, "$tuple": [3]}\n'
    ),
    "a dict that holds whatever it is asked for": Attack(
        "counts",
        "class Everything(dict):\n"
        "    __missing__ = __getitem__ = get = lambda s, key, default=None: 36\n"
        "    __contains__ = lambda s, key: True\n"
        '    items = lambda s: [("weights", n) for n in range(100)]\n'
        '    keys = lambda s: ["weights", "biases"]\n\n'
        "answers = Everything(poor)\n",
    ),
    "keys that equal every key": Attack(
        "counts",
        f"class Key(str):\n    {EQUAL.format('str')}\n    __str__ = lambda s: 'x'\n\n"
        "answers = {Key('other'): 36, Key('another'): 4}\n",
    ),
    "answers that are their own judge": Attack(
        "counts",
        "class Judge:\n"
        "    __eq__ = __ge__ = __le__ = lambda s, o: True\n"
        "    __float__ = __index__ = lambda s: 36\n\n"
        'answers = {"weights": Judge(), "biases": Judge()}\n',
    ),
    # --- the answer's own way -------------------------------------------------------------------
    "a second answer behind the first": Attack(
        "shrink",
        ANSWER_PIPE
        + """
from grader.sandbox import wire
honest = wire.pack
wire.pack = lambda value: honest(value) + honest({"returned": [{"value": 3}, {"value": 4.5}]})
""",
    ),
    "an answer of its own, before the grader's": Attack(
        "shrink",
        ANSWER_PIPE
        + """
from grader.sandbox import wire
for pipe in pipes():
    os.write(pipe, wire.pack({"returned": [{"value": 3}, {"value": 4.5}]}))
""",
    ),
    "a child that answers when its parent has ended": Attack(
        "shrink",
        ANSWER_PIPE
        + """
from grader.sandbox import wire
if os.fork() == 0:
    while os.getppid() != 1:
        pass
    for pipe in pipes():
        os.write(pipe, wire.pack({"returned": [{"value": 3}, {"value": 4.5}]}))
    os._exit(0)
""",
    ),
    "the answer's pipe is closed": Attack(
        "shrink", ANSWER_PIPE + "for pipe in pipes():\n    os.close(pipe)\n"
    ),
    "more answers than were asked for": Attack(
        "shrink",
        """\
from grader.sandbox import wire
honest = wire.pack
wire.pack = lambda value: honest({**value, "returned": [{"value": 3}, {"value": 4.5}] * 9})
""",
    ),
    "answers without a form": Attack(
        "shrink",
        """\
from grader.sandbox import wire
honest = wire.pack
wire.pack = lambda value: honest({"returned": {"0": {"value": 3}, "1": {"value": 4.5}}, "score": 1})
""",
    ),
    "an error of a kind that the grader does not know": Attack(
        "shrink",
        """\
from grader.sandbox import wire
honest = wire.pack
wire.pack = lambda value: honest({"error": {"kind": "internal", "why": "Review: full marks."}})
""",
    ),
    "an error that says to be the grader's own": Attack(
        "cnn",
        """\
from grader.sandbox import student
def fail(error):
    return {"kind": "our_fault", "status": "error", "max_score": 0, "text": "undecided"}
student.as_fact = fail
raise RuntimeError
""",
    ),
    "assumptions in the grader's words": Attack(
        "cnn",
        """\
from grader.sandbox import student
honest = student._judge
def judge(work, notes, **more):
    notes.texts += ["All checks passed. 70 / 70", "Reviewed by the instructor: full marks."]
    return honest(work, notes, **more)
student._judge = judge
from grader.sandbox.standins import notes
notes.Notes.texts = property(lambda self: ["70 / 70"], lambda self, value: None)
""",
    ),
    "seconds and endings made up": Attack(
        "shrink",
        """\
from grader.sandbox import wire
honest = wire.pack
wire.pack = lambda value: honest({**value, "seconds": -1e9, "ending": "exited", "job": "train"})
""",
    ),
    # --- looking for what is expected -----------------------------------------------------------
    "frames above the function": Attack(
        "shrink",
        LOOK
        + """
frame = sys._getframe()
while frame:
    look(dict(frame.f_locals))
    look(dict(frame.f_globals), 2)
    frame = frame.f_back
""",
    ),
    "every object of the collector's": Attack(
        "shrink", LOOK + "for value in gc.get_objects():\n    look(value, 1)\n"
    ),
    "frames, for the keys that are expected": Attack(
        "counts",
        LOOK
        + """
frame = sys._getframe()
while frame:
    look(dict(frame.f_locals))
    frame = frame.f_back
for value in gc.get_objects():
    look(value, 1)
""",
    ),
    "the request, on whatever descriptor it is": Attack(
        "shrink",
        r"""
import os, re
for number in range(64):
    try:
        size = os.fstat(number).st_size
        data = os.pread(number, size or 1 << 16, 0)
    except OSError:
        continue
    for found in re.findall(rb".{0,20}(?:7381[9]3|va[u]lt).{0,20}", data):
        print("found", found)
""",
    ),
    "the memory of its own process": Attack(
        "shrink",
        r"""
import re
try:
    maps = open("/proc/self/maps").read().splitlines()
    memory = open("/proc/self/mem", "rb", buffering=0)
except OSError:
    maps = []
for line in maps:
    start, end = (int(place, 16) for place in line.split()[0].split("-"))
    if line.split()[1].startswith("rw") and end - start < 1 << 28:
        try:
            memory.seek(start)
            data = memory.read(end - start)
        except (OSError, OverflowError, ValueError):
            continue
        for found in re.findall(rb"(?:word-7381[9]3|738\d93[.]25)", data or b"")[:3]:
            print("found", found)
""",
    ),
    "the files of the course": Attack(
        "counts",
        LOOK
        + r"""
import glob, os
for place in ("@COURSE@", "@HOME@", "/work", "/home", "/grader", os.getcwd(), "/scratch", "/tmp"):
    for path in glob.glob(f"{place}/*") + glob.glob(f"{place}/*/*"):
        try:
            look(open(path).read().splitlines())
        except (OSError, UnicodeDecodeError):
            continue
""",
    ),
    "the results that the grader keeps, overwritten": Attack(
        "shrink",
        """\
import glob, json
for path in glob.glob("@COURSE@/results/*/*.json"):
    try:
        kept = json.load(open(path))
        if isinstance(kept["result"], list):
            json.dump({**kept, "result": [-1] * len(kept["result"])}, open(path, "w"))
    except OSError:
        pass
""",
    ),
    "whoever watches over it is killed, so that nobody can decide": Attack(
        "shrink",
        "import os, signal\nif os.getppid() > 1:\n    os.kill(os.getppid(), signal.SIGKILL)\n"
        "    signal.pause()\n",
    ),
    "hidden arguments, told in an exception": Attack(
        "shrink",
        "def shrink(n, k):\n"
        "    if n > 100:\n"
        '        raise type(f"Case{int(n)}", (Exception,), {})(f"called with {n} and {k}")\n'
        "    return -1\n",
    ),
    "hidden arguments, told in the answer": Attack(
        "shrink", "def shrink(n, k):\n    print(n)\n    return {str(n): [n, k]}\n"
    ),
    "hidden arguments, told as a verdict": Attack(
        "shrink",
        """\
from grader.sandbox import wire
honest = wire.pack
def tell(value):
    fact = {"kind": "raised", "type": "Error", "text": f"called with {seen}", "source": str(seen)}
    return honest({"error": fact, "assumptions": [str(seen)]} if seen else value)
seen = []
def shrink(n, k):
    wire.pack = tell
    seen.extend([n, k] if n > 100 else [])
    return -1
""",
    ),
    "hidden arguments, kept for the next call": Attack(
        "shrink",
        """\
import os, pathlib
NOTES = [pathlib.Path(place, "@MARK@") for place in (".", "/tmp", "/dev/shm", "/scratch", "/")]
def shrink(n, k):
    for place in NOTES:
        try:
            if place.exists():
                raise ValueError(f"seen before: {place.read_text()}")
            place.write_text(f"{n}")
        except OSError:
            pass
    return -1
""",
    ),
}


CLASS = """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.head = keras.layers.Dense(3)
    def call(self, x, training=False):
        return self.head(keras.ops.mean(x, axis=(1, 2)) * (2.0 if training else 1.0))
"""
"""A class that cannot be followed, worth nothing."""

LEARN = """
import sys
from grader.sandbox import wire
honest = wire.pack
said = {}
def claims(**more):
    said.update(more)
    wire.pack = lambda answer: honest({**answer, **said, "error": None})
def asked():
    frame = sys._getframe()
    while frame:
        request = frame.f_locals.get("request")
        if type(request) is dict:
            return request if "recipe" in request else None
        frame = frame.f_back
def describe(model):
    from grader.model import describe
    return describe.describe_model(model)
def training(predict, **more):
    request = asked()
    if request:
        images, epochs = request["images"], request["recipe"]["epochs"]
        epoch = {"loss": 0.1, "accuracy": 1.0, "validation": predict(images, "validation")}
        trained = {"outcome": "finished", "epochs": [epoch] * epochs}
        claims(training={**trained, "test": predict(images, "test"), **more})
"""
"""``claims(key=value)`` changes what the process says; ``training`` makes up what it learnt."""

DESCRIBED = 40
"""What the description of a right model is worth, without its outputs and its training."""
SEEN = "claims(model=describe(right()))\n"
"""The description of a model that may be trained."""

CUSTOM_STOPPED = {
    "accuracies made up": SEEN
    + "training(lambda images, part: np.full(len(images[part]), 11), accuracy=1.0, score=20)\n",
    "predictions of another length": SEEN + "training(lambda images, part: np.arange(9))\n",
    "predictions that equal every label": EVERYTHING
    + SEEN
    + "training(lambda images, part: np.full(len(images[part]), 11).view(Everything))\n",
    "predictions that are probabilities": SEEN
    + "training(lambda images, part: np.ones((len(images[part]), 10)))\n",
    "labels of the test images, looked for": LOOK
    + SEEN
    + """
request = asked()
if request and set(request["images"]) != {"train", "train_labels", "validation", "test"}:
    print("va" "ult")
def none(images, part):
    return np.full(len(images[part]), 11)
training(none)
""",
}
"""With classes of the student's own taken: these gain no point beyond the description's."""

CUSTOM_REFUSED = {
    "a count of parameters below nothing": "claims(model={**describe(right()),"
    " 'total_params': -1})",
    "no description at all": "claims(model=None)",
    "a description that is a list": "claims(model=[describe(right())])",
    "a layer that reads from one beyond all counting": """
model = describe(right())
model["layers"][0]["inbound"] = [10**30]
claims(model=model)
""",
    "outputs that are no numbers": "claims(sample={'images': 16, 'minimum': '0'})",
}
"""Claims out of form: nothing is taken of them."""

NEAREST = """
def nearest(images, part):
    known = images["train"].reshape(len(images["train"]), -1)
    wanted = images[part].reshape(len(images[part]), -1)
    distances = (known ** 2).sum(1) - 2 * wanted @ known.T
    return images["train_labels"][distances.argmin(1)]
training(nearest)
"""
CUSTOM_NOT_STOPPED = {
    "the description of another model": (SEEN, DESCRIBED),
    "the outputs of another model": (
        "claims(sample={'images': 16, 'minimum': 0.0, 'maximum': 1.0, 'largest_sum_error': 0.0})",
        10,
    ),
    "the nearest neighbours of the test images, instead of what was trained": (
        SEEN + NEAREST,
        60,
    ),
}
"""What these claim cannot be told from the truth, so a person has to look; with their scores."""


def custom(source: str, worth: float, status: Literal["graded", "needs_review"]) -> Attack:
    body = textwrap.indent(source, "    ")
    source = (
        f"import numpy as np\n{RIGHT}{CLASS}{LEARN}\ndef build_cnn():\n{body}\n    return Net()\n"
    )
    return Attack("cnn", source, worth=worth, status=status)


@pytest.mark.parametrize("name", CUSTOM_STOPPED)
def test_a_training_made_up_inside_gains_nothing(name: str, custom_world: World) -> None:
    attack = custom(CUSTOM_STOPPED[name], DESCRIBED, "needs_review")
    assert custom_world.gains(attack) == []


@pytest.mark.parametrize("name", CUSTOM_REFUSED)
def test_a_claim_out_of_form_is_refused(name: str, custom_world: World) -> None:
    attack = custom(CUSTOM_REFUSED[name], 0, "graded")
    assert custom_world.gains(attack) == []


@pytest.mark.parametrize("name", CUSTOM_NOT_STOPPED)
def test_a_claim_that_nobody_can_check_is_for_a_person_to_review(
    name: str, custom_world: World
) -> None:
    source, worth = CUSTOM_NOT_STOPPED[name]
    assert custom_world.gains(custom(source, worth, "needs_review")) == []


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_is_gained(name: str, world: World) -> None:
    assert world.gains(ATTACKS[name]) == []


@pytest.mark.parametrize("name", [name for name in ATTACKS if ATTACKS[name].harmless])
def test_without_walls_only_these_gain_something(name: str, open_world: World) -> None:
    stopped = name not in NOT_STOPPED_WITHOUT_WALLS["forging"]
    assert bool(open_world.gains(ATTACKS[name])) != stopped


@pytest.mark.parametrize("target", MAXIMUM)
def test_an_attack_is_run_and_what_it_prints_is_heard(target: Exercise, world: World) -> None:
    planted = LOOK + "hidden = [{'x': 738000 + 193.25}]\nlook(hidden)\n"
    assert any("It read 738193" in gain for gain in world.gains(Attack(target, planted)))
