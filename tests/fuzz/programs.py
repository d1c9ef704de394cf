"""Notebooks that run from start to end, drawn from a small grammar.

Every drawn program uses only what is bound where it is used, so that most of them raise nothing.
What slicing does not follow is left out: a second name for what a function gives or an attribute
holds, and what a method does to globals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.fuzz.running import WORKERS

PRELUDE = "import keras\nfrom keras.layers import Dense, Conv2D"
NUMBERS = tuple("abcd")
MODELS = ("m", "n", "model")
FUNCTIONS = tuple("fg")
"""Take a number and give a number."""
BUILDERS = ("build",)
CLASSES = tuple("KL")
NAMES = (*NUMBERS, *MODELS, *FUNCTIONS, *WORKERS, *BUILDERS, *CLASSES)


@dataclass
class _Writer:
    """Draws statements that use what is bound so far."""

    draw: DrawFn
    bound: set[str] = field(default_factory=set)
    in_block: bool = False
    in_method: bool = False
    """What a method calls is not followed to the globals that it sets."""

    def pick(self, names: Sequence[str]) -> str:
        return self.draw(st.sampled_from(list(names)))

    def have(self, names: Sequence[str]) -> list[str]:
        return [name for name in names if name in self.bound]

    def new(self, names: Sequence[str]) -> str:
        name = self.pick(names)
        self.bound.add(name)
        return name

    def number(self, depth: int = 2) -> str:
        simple = [*self.have(NUMBERS), *"123"]
        kind = self.draw(st.integers(0, 6 if depth else 0))
        if kind <= 1:
            return self.pick(simple)
        inner = self.number(depth - 1)
        if kind == 2:
            return f"({inner} {self.pick('+-%|')} {self.pick('357')})"
        if kind == 3 and self.have(FUNCTIONS) and not self.in_method:
            return f"{self.pick(self.have(FUNCTIONS))}({inner})"
        if kind == 4:
            name = self.pick(NUMBERS)
            return f"sum([{name} + {inner} for {name} in range(2) if {name} < {inner}])"
        if kind == 5 and self.have(MODELS):
            return f"len({self.pick(self.have(MODELS))}.layers)"
        if kind == 6 and self.have(CLASSES) and not self.in_method:
            return f"{self.pick(self.have(CLASSES))}({inner}).k"
        return f"({inner} if {inner} > 2 else {self.pick(simple)})"

    def layer(self) -> str:
        return f"{self.pick(['Dense', 'Conv2D', 'keras.layers.Dense'])}({self.number()})"

    def model(self) -> str:
        kinds = ["keras.Sequential()", f"keras.Sequential([{self.layer()}, {self.layer()}])"]
        kinds += [f"{name}({self.number()})" for name in self.have(BUILDERS)]
        kinds += [f"{name}.build({self.number()})" for name in self.have(CLASSES)]
        return self.pick(kinds)

    def simple(self) -> str:
        kinds: list[Callable[[], str]] = [self._assign, self._assign, self._pair, self._new_model]
        if self.have(NUMBERS):
            kinds += [self._augment]
        if self.have(MODELS):
            kinds += [self._add, self._add, self._set, self._alias, self._train, self._freeze]
            kinds += [self._work] if self.have(WORKERS) else []
        return self.draw(st.sampled_from(kinds))()

    def _assign(self) -> str:
        value = self.number()
        form = self.pick(["{0} = {1}", "{0}: int = {1}", "{0} = {2} = {1}", "print({0} := {1})"])
        return form.format(self.new(NUMBERS), value, self.new(NUMBERS) if "{2}" in form else "")

    def _pair(self) -> str:
        first, second, third = self.number(), self.number(), self.number()
        targets = f"{self.new(NUMBERS)}, ({self.new(NUMBERS)}, *_)"
        return f"{targets} = {first}, ({second}, {third})"

    def _augment(self) -> str:
        return f"{self.pick(self.have(NUMBERS))} {self.pick('+-|')}= {self.number()}"

    def _new_model(self) -> str:
        value = self.model()
        return f"{self.new(MODELS)} = {value}"

    def _add(self) -> str:
        return f"{self.pick(self.have(MODELS))}.add({self.layer()})"

    def _set(self) -> str:
        form = self.pick(["{}.trainable = {}", "{}.compile({})", "{}.layers[:0] = [Dense({})]"])
        return form.format(self.pick(self.have(MODELS)), self.number())

    def _alias(self) -> str:
        value = self.pick(self.have(MODELS))
        return f"{self.new([name for name in MODELS if name != value])} = {value}"

    def _train(self) -> str:
        forms = ["{}.summary()", "print({})", "print({}.fit)"]
        # A block that trains is not run, whatever else is in it.
        forms += [] if self.in_block else ["{}.fit({})", "history = {}.fit({})"]
        form = self.pick(forms)
        return form.format(self.pick(self.have(MODELS)), self.number())

    def _freeze(self) -> str:
        model = self.pick(self.have(MODELS))
        return f"for layer in {model}.layers:\n    layer.trainable = {self.number()}"

    def _work(self) -> str:
        return f"{self.pick(self.have(WORKERS))}({self.pick(self.have(MODELS))})"

    def block(self, depth: int) -> str:
        """Indented statements. What they bind may not be bound behind them."""
        before, self.in_block, outer = set(self.bound), True, self.in_block
        count = self.draw(st.integers(1, 2))
        lines = [self.compound(depth - 1) if depth else self.simple() for _ in range(count)]
        self.bound, self.in_block = before, outer
        return "\n".join("    " + line for text in lines for line in text.split("\n"))

    def compound(self, depth: int) -> str:
        kind = self.draw(st.integers(0, 9))
        if kind == 0:
            return f"if {self.number()} > 2:\n{self.block(depth)}"
        if kind == 1:
            return f"if {self.number()} > 2:\n{self.block(depth)}\nelse:\n{self.block(depth)}"
        if kind == 2:
            name = self.pick(NUMBERS)
            return f"for {name} in range({self.pick('123')}):\n{self.block(depth)}"
        if kind == 3:
            tried, caught = self.block(depth), self.block(depth)
            return f"try:\n{tried}\n    raise KeyError\nexcept KeyError as error:\n{caught}"
        if kind == 4:
            tried, last = self.block(depth), self.block(depth)
            return f"try:\n{tried}\nexcept KeyError:\n    pass\nelse:\n{last}"
        if kind == 5:
            value = self.number()
            given = f"with keras.Given({value}) as {self.new(NUMBERS)}:"
            return f"{given}\n{self.block(depth)}"
        if kind == 6:
            subject = f"match [{self.number()}, {self.number()}]:"
            case = f"    case [{self.pick(NUMBERS)}, 3]:\n        pass"
            return f"{subject}\n{case}\n    case [{self.new(NUMBERS)}, *_]:\n        pass"
        return self.simple()

    def definition(self) -> str:
        kind = self.draw(st.integers(0, 5))
        parameter = self.pick([*NUMBERS, "p"])
        inside = _Writer(self.draw, self.bound | {parameter} & set(NUMBERS))
        value = inside.number()
        if kind == 0:
            default = self.number()
            return f"def {self.new(FUNCTIONS)}({parameter}, q={default}):\n    return {value} + q"
        outside = [name for name in self.have(NUMBERS) if name != parameter]
        if kind == 1 and outside:
            bound = self.pick(outside)
            body = f"    global {bound}\n    {bound} = {value}\n    return {bound}"
            return f"def {self.new(FUNCTIONS)}({parameter}):\n{body}"
        if kind == 2:
            name = self.new(WORKERS)
            return f"def {name}(net):\n    net.add(Dense({self.number()}))\n    return {value}"
        if kind == 3:
            layers = f"[Dense({value}), {inside.layer()}]"
            body = f"    made = keras.Sequential({layers})\n    made.add({inside.layer()})"
            return f"def {self.new(BUILDERS)}({parameter}):\n{body}\n    return made"
        if kind == 4:
            inside.in_method = True
            method = _Writer(self.draw, set(self.bound), in_method=True)
            size = self.number()
            made = f"    @staticmethod\n    def build({parameter}):\n"
            made += f"        return keras.Sequential([Dense({inside.number()})])"
            own = f"    k = {size}\n    def __init__(self, k):\n"
            own += f"        self.k = k + {method.number()}"
            return f"class {self.new(CLASSES)}:\n{own}\n{made}"
        return f"{self.new(FUNCTIONS)} = lambda {parameter}, q={self.number()}: {value} + q"

    def statement(self) -> str:
        kind = self.draw(st.integers(0, 9))
        if kind <= 4:
            return self.simple()
        if kind <= 6:
            return self.compound(1)
        return self.definition()


@st.composite
def programs(draw: DrawFn) -> list[str]:
    """Top-level statements, the prelude first."""
    writer = _Writer(draw)
    return [PRELUDE, *(writer.statement() for _ in range(draw(st.integers(2, 9))))]


@st.composite
def cells(draw: DrawFn) -> list[str]:
    """The same as the cells of a notebook."""
    found: list[list[str]] = [[]]
    for statement in draw(programs()):
        if draw(st.booleans()):
            found.append([])
        found[-1].append(statement)
    return ["\n".join(statements) for statements in found]


def renamed(text: str, new: Callable[[str], str]) -> str:
    """The text with every one of the grammar's names replaced."""
    return re.sub(rf"(?<![.\w])(?:{'|'.join(NAMES)})\b(?!=\w)", lambda found: new(found[0]), text)
