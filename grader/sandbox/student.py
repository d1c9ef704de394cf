"""The only room where student code runs.

Each function here is a job: it executes the statements of a program in a fresh ``__main__``,
asks the asked-for name for data, and gives plain values back. It knows no expected value, no
check, no data set. Whatever the student's code does to this process, it can only change this
answer, which the other side treats as a claim about an architecture and nothing more.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import linecache
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from grader.model.weightless import weightless

Request = dict[str, Any]
Answer = dict[str, Any]

MAX_TEXT = 2000
MAX_ITEMS = 100_000
MAX_NESTING = 50
MAX_ARRAY_BYTES = 32 * 2**20


class Stop(Exception):
    """Ends a job with a verdict; ``answer`` is what goes back."""

    def __init__(self, kind: str, **facts: Any) -> None:
        super().__init__(kind)
        self.answer: Answer = {"error": {"kind": kind, **facts}}


def build(request: Request) -> Answer:
    """Give the architecture of the model that ``name`` holds or returns, and how it is compiled.

    With ``weightless`` the layers are built without making their weights: two hundred million
    parameters cost nothing. A builder that needs weights fails then, and is asked again without.
    """

    def work() -> Answer:
        model, assumptions = _find_model(request)
        return {
            "architecture": _architecture(model),
            "custom": _custom_parts(model),
            "compiled": _compile_settings(model),
            "assumptions": assumptions,
        }

    return _judge(work, without_weights=request["weightless"])


def call(request: Request) -> Answer:
    """Call the function ``name`` once for each case; a case that raises does not end the rest."""

    def work() -> Answer:
        function = _run(request)[request["name"]]
        if not callable(function):
            raise Stop("not_callable", type=type(function).__name__)
        return {"returned": [_call_once(function, case) for case in request["cases"]]}

    return _judge(work)


def read(request: Request) -> Answer:
    """Give the value of ``name`` as plain data."""

    def work() -> Answer:
        value = _run(request)[request["name"]]
        if not isinstance(value, dict):
            raise Stop("not_a_dict", type=type(value).__name__)
        return {"value": {str(key)[:MAX_TEXT]: as_plain(item) for key, item in value.items()}}

    return _judge(work)


def learn(request: Request) -> Answer:
    """Describe and train a model that cannot be rebuilt outside, and give its predictions."""

    def work() -> Answer:
        from grader.model.describe import describe_model
        from grader.model.rebuild import SAMPLE_SEED, sample_outputs
        from grader.model.seed import seed_everything
        from grader.training.fit import train_model

        recipe = request.get("recipe")
        if recipe:
            seed_everything(recipe["seed"])
        model, assumptions = _find_model(request)
        answer: Answer = {
            "model": describe_model(model),
            "compiled": _compile_settings(model),
            "assumptions": assumptions,
            "sample": sample_outputs(model, request["input_shape"], SAMPLE_SEED),
        }
        if recipe:
            answer["training"] = train_model(model, recipe, request["images"])
        return answer

    return _judge(work)


def _judge(work: Callable[[], Answer], without_weights: bool = False) -> Answer:
    """Do the work; turn whatever the student's code raises into data."""
    try:
        with weightless() if without_weights else contextlib.nullcontext():
            return work()
    except Stop as stop:
        return stop.answer
    except BaseException as error:
        return {"error": _as_fact(error)}


def _run(request: Request) -> dict[str, Any]:
    """Execute the program's statements, in order, in a module of their own."""
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    _remember_source(request["statements"])
    for statement in request["statements"]:
        tree = ast.parse(statement["source"])
        ast.increment_lineno(tree, statement["line"] - 1)
        code = compile(tree, file_name(statement["cell"]), "exec", dont_inherit=True)
        exec(code, module.__dict__)
    if request["name"] not in module.__dict__:
        raise Stop("missing")
    return module.__dict__


def file_name(cell: int | None) -> str:
    """The name under which a cell's code appears in tracebacks."""
    return "<script>" if cell is None else f"<cell {cell}>"


def _remember_source(statements: list[dict[str, Any]]) -> None:
    """Let ``inspect.getsource`` and tracebacks see the student's lines."""
    lines: dict[str, list[str]] = {}
    for statement in statements:
        source = lines.setdefault(file_name(statement["cell"]), [])
        start = statement["line"] - 1
        text = statement["source"].split("\n")
        source.extend([""] * (start + len(text) - len(source)))
        source[start : start + len(text)] = text
    for name, source in lines.items():
        linecache.cache[name] = (0, None, [line + "\n" for line in source], name)


def _find_model(request: Request) -> tuple[Any, list[str]]:
    """The model that the asked-for name holds, or returns when it is called; built."""
    import keras

    value = _run(request)[request["name"]]
    shape = tuple(request["input_shape"])
    assumptions: list[str] = []
    if not isinstance(value, keras.Layer) and callable(value):
        value = _call_builder(value, request["name"], shape, assumptions)
        if value is None:
            raise Stop("returned_none")
    if not isinstance(value, keras.Model):
        raise Stop("not_a_model", type=_type_name(value))
    if not value.built:
        value.build((None, *shape))
        assumptions.append(f"The model names no input shape; it was built for {shape}.")
    return value, assumptions


def _call_builder(
    builder: Callable[..., Any], name: str, shape: tuple[int, ...], assumptions: list[str]
) -> Any:
    """Call it without arguments, or with the input shape when it insists on one argument."""
    try:
        parameters = inspect.signature(builder).parameters.values()
    except (TypeError, ValueError):
        return builder()
    asked = [
        parameter.name
        for parameter in parameters
        if parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]
    if not asked:
        return builder()
    if len(asked) > 1:
        raise Stop("arguments", names=[argument[:100] for argument in asked[:10]])
    assumptions.append(f"{name} was called with {asked[0]}={shape}.")
    return builder(**{asked[0]: shape}) if asked[0].isidentifier() else builder(shape)


def _architecture(model: Any) -> Any:
    """What Keras would write into a ``.keras`` file, or None where it cannot."""
    import keras

    try:
        config = keras.saving.serialize_keras_object(model)
    except Exception:
        # A class without get_config; its name is among the custom ones.
        return None
    config.pop("compile_config", None)
    return config


def _custom_parts(model: Any) -> list[str]:
    """Names of the classes and activations in the model that are not Keras's own.

    Keras saves a function by its bare name, so a ``relu`` of the student's would be taken for
    Keras's.
    """
    found = set()
    for layer in model._flatten_layers():
        if not type(layer).__module__.startswith("keras."):
            found.add(type(layer).__name__)
        for key in ("activation", "recurrent_activation"):
            function = getattr(layer, key, None)
            home = getattr(function, "__module__", None) or ""
            if callable(function) and not str(home).startswith(("keras.", "tensorflow.")):
                found.add(getattr(function, "__name__", type(function).__name__))
    return sorted(found)[:20]


def _compile_settings(model: Any) -> dict[str, Any] | None:
    import keras

    if not getattr(model, "compiled", False):
        return None
    optimizer = model.optimizer
    loss = getattr(model, "loss", None)
    metrics = model._compile_metrics._user_metrics if model._compile_metrics else None
    return {
        "optimizer": None if optimizer is None else type(optimizer).__name__,
        "optimizer_config": {} if optimizer is None else as_plain(optimizer.get_config()),
        "loss": _name_of(loss),
        "loss_config": as_plain(loss.get_config()) if isinstance(loss, keras.losses.Loss) else {},
        "metrics": [_name_of(metric) for metric in metrics or [] if isinstance(metrics, list)],
    }


def _name_of(value: Any) -> str | None:
    """A loss or metric by the name that a person would use for it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, type) or (callable(value) and hasattr(value, "__name__")):
        return str(value.__name__)
    return type(value).__name__


def _call_once(function: Callable[..., Any], case: dict[str, Any]) -> Answer:
    try:
        return {"value": as_plain(function(*case["args"], **case["kwargs"]))}
    except Stop as stop:
        return stop.answer
    except BaseException as error:
        return {"error": _as_fact(error)}


def as_plain(value: Any) -> Any:
    """A value as JSON can hold it, with arrays of numbers left as arrays.

    A tuple becomes a list. Raises Stop for what is neither, or too much.
    """
    return _plain(value, MAX_NESTING, _Count(MAX_ITEMS))


class _Count:
    """Items that may still be converted."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, items: int) -> None:
        self.left -= items
        if self.left < 0:
            raise Stop("too_large")


def _plain(value: Any, depth: int, count: _Count) -> Any:
    count.take(1)
    if depth == 0:
        raise Stop("too_large")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)[: 10 * MAX_TEXT]
    if isinstance(value, int):
        if int.bit_length(value) > 4096:
            raise Stop("too_large")
        return int.__index__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, dict):
        return {str(key)[:MAX_TEXT]: _plain(item, depth - 1, count) for key, item in value.items()}
    if isinstance(value, list | tuple | set | range):
        return [_plain(item, depth - 1, count) for item in value]
    return _plain_array(value)


def _plain_array(value: Any) -> Any:
    import numpy as np

    if isinstance(value, np.generic):
        value = value.item()
        return value if isinstance(value, bool | int | float | str) else str(value)[:MAX_TEXT]
    if not isinstance(value, np.ndarray) and not hasattr(value, "__array__"):
        raise Stop("not_plain", type=_type_name(value))
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise Stop("not_plain", type=f"array of {array.dtype}"[:100])
    if array.nbytes > MAX_ARRAY_BYTES:
        raise Stop("too_large")
    return np.array(array, copy=True, subok=False)


def _type_name(value: Any) -> str:
    return type(value).__name__[:100]


def _as_fact(error: BaseException) -> dict[str, Any]:
    """An exception as data: its class, its words, and the last of the student's lines in it."""
    cell_line = None
    for frame, line in _frames(error):
        if frame.startswith("<cell ") or frame == "<script>":
            cell_line = (frame, line)
    fact: dict[str, Any] = {
        "kind": "raised",
        "type": _type_name(error),
        "text": str(error)[:MAX_TEXT],
        "memory": isinstance(error, MemoryError) or _type_name(error) == "ResourceExhaustedError",
        "stub": isinstance(error, NotImplementedError),
        "exit": isinstance(error, SystemExit),
    }
    if cell_line:
        frame, line = cell_line
        fact["file"], fact["line"] = frame, line
        fact["source"] = linecache.getline(frame, line).strip()[:MAX_TEXT]
    return fact


def _frames(error: BaseException) -> Iterator[tuple[str, int]]:
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
