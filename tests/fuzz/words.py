"""What student notebooks are made of, for inputs that are built rather than guessed."""

from __future__ import annotations

from typing import Any

NAMES = "model base build_cnn LeNet x y n layer net history np keras layers Dense f g self".split()

TOKENS = [
    *NAMES,
    *"def class return lambda if elif else for while in with as try except finally match".split(),
    *"case global nonlocal del import from pass break continue async await yield assert".split(),
    *"raise not and or is None True False print exec __name__ _ ... ____".split(),
    *"( ) [ ] { } : ; , . = == := += -= ** * / // @ -> ~ \\ ` $ ? ?? ! !! % %%".split(),
    *("'", '"', "'''", '"""', "f'", 'f"{', 'rb"', "#", "# TODO", "#+", "0", "1_0", "0x", "1e999"),
    *("\n", "\n\n", "\n    ", "\n\t", "\r", "\r\n", "\f", "\v", " ", "\t", "\\\n", "\n@", "\n#"),
    *("\x00", "\ufeff", "\u2028", "\u00a0", "\x1a", "é", "한", "𝒙", "ﬁ", "\ud800", "\udfff", "़"),
    *("*args", "**kwargs", "print 'x'", "<fill in>", "???", "None,", "YOUR CODE HERE"),
]

LINES = """\
import numpy as np
import keras
import keras.layers as layers, os
from keras.layers import *
from keras import (Sequential,
    Model as M)
from __future__ import annotations
from . import x
model = keras.Sequential()
model = Sequential([Dense(10), None, ...])
model.add(Dense(10, activation='relu'))
model.add(Conv2D(____, 3))
model.layers[-1].trainable = False
model = m = base
model += [1]
model.fit(x, y); model.summary()
model: keras.Model = None
model = build_cnn(base, 10)
model = load_model('model.h5')
x = layers.Dense(1)(x)
x, (y, *n) = 1, (2, 3)
x[0], y.z = n = 3
del x, y[0], model.z
n = lambda x=n: [x := y for y in x if y]
{k: v for k, v in x.items() if (n := k)}
def build_cnn():
def build_cnn(x, /, y=n, *args, z: int = 1, **kwargs) -> None:
async def f():
class LeNet(keras.Model, metaclass=f):
@staticmethod
@f(x)
    global model
    nonlocal n
    return model
    return None  # TODO
    raise NotImplementedError
    pass
    ...
    model.add(Dense(n))
    def build(self, x):
        return x
        # YOUR CODE HERE
if n:
if __name__ == "__main__":
if '__main__' == __name__ != x:
elif y:
else:
for layer in base.layers:
    layer.trainable = False
for x[0], *y in enumerate(n):
while True:
with strategy.scope() as s, open(x):
try:
except (ValueError, TypeError) as error:
except* OSError:
finally:
match x:
    case [1, *rest] | {"a": LeNet(y=n), **x} if n:
    case _:
%matplotlib inline
%%time
%%writefile nets/blocks.py
%%writefile -a "nets/blocks.py"
%%bash
%time model = build_cnn()
!pip install keras
x = !ls
files = %sx ls
?model
model.fit??
cd data
    !ls {x}
get_ipython().run_line_magic('time', '')
print "hello"
exec "x = 1"
raise ValueError, "x"
x = = 1
model = (
)
model = [Dense(1),
'''
\"\"\"
return 1
await f()
yield x
break
# TODO: your code
# START CODE HERE
x = "YOUR CODE HERE"
<<<<<<< HEAD
||||||| base
=======
>>>>>>> theirs
# -*- coding: latin-1 -*-
x = 1 if n else \\
    2; y = 3
a = 1; b = '''
f(**x, *y)(z)[n:=1].w = 2
""".splitlines()

VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    3,
    4,
    1e308,
    10**30,
    "",
    "code",
    "markdown",
    "python",
    "R",
    "\ud800",
    "x = 1",
    [],
    {},
    [[]],
    [None],
    ["x = 1\n", 2, "y = x"],
    {"name": "python"},
    {"grader": {"assignment": "03-cnn-structure"}},
    {"vscode": {"languageId": "python"}},
]
"""JSON values to put where another was."""

KEYS = """\
cells worksheets metadata nbformat nbformat_minor cell_type source input code outputs language_info
kernelspec language name grader assignment vscode languageId orig_nbformat level prompt_number
collapsed attachments id""".split()
