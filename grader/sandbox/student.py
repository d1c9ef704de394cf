"""The only room where student code runs.

Each function here is a job: it executes the statements of a program in a fresh ``__main__``,
asks the asked-for name for data, and gives plain values back. It knows no expected value, no
check, no data set. Whatever the student's code does to this process, it can only change this
answer, which the other side treats as a claim about an architecture and nothing more.
"""

from __future__ import annotations

import contextlib
import random
import sys
import types
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from grader.model.weightless import weightless
from grader.sandbox.arguments import unpack_arguments, was_changed
from grader.sandbox.builders import give_model
from grader.sandbox.follow import follow, is_kerass
from grader.sandbox.plain import Budget, as_plain
from grader.sandbox.raised import as_fact, remember_source
from grader.sandbox.so_far import keep_frames
from grader.sandbox.standins import Declared, Notes, stand_in
from grader.sandbox.standins.absent import must_be_here
from grader.sandbox.standins.rescue import Rescue, is_missing
from grader.sandbox.statements import run_statements
from grader.sandbox.stop import Stop, type_name

Request = dict[str, Any]
Answer = dict[str, Any]

MAX_WEIGHTS = 128
"""Arrays of weights that are looked at; with the images, a message holds them."""
WRITTEN = ("<cell ", "<script>")
"""How the file names of a notebook's code begin."""
MAX_ARCHITECTURE = {"values": 500_000, "characters": 5_000_000}


def build(request: Request) -> Answer:
    """Give the architecture of the model that ``name`` holds or returns, and how it is compiled.

    With ``weightless`` the layers are built without making their weights: two hundred million
    parameters cost nothing. A builder that needs weights fails then, and is asked again without.
    """
    declared = _declared(request)
    notes = stand_in(request, declared)
    keep_frames()

    def work() -> Answer:
        model, own = _find_model(request, declared, notes)
        return {
            "architecture": _architecture(model),
            "custom": _custom_parts(model),
            "compiled": _compile_settings(own),
            "doubtful": declared.doubtful,
            "weights": _weights(model) if request.get("weights") else None,
        }

    return _judge(work, notes, without_weights=request["weightless"])


def _declared(request: Request) -> Declared:
    return Declared(tuple(request["input_shape"]), request["classes"])


def _weights(model: Any) -> dict[str, Any]:
    """The weights of each layer, by its name."""
    import keras

    budget = Budget(arrays=MAX_WEIGHTS)
    return {
        layer.name: as_plain(layer.get_weights(), budget)
        for layer in model._flatten_layers(include_self=False)
        if not isinstance(layer, keras.Model)
    }


def call(request: Request) -> Answer:
    """Call the function ``name`` once for each case; a case that raises does not end the rest."""
    notes = stand_in(request, None)

    def work() -> Answer:
        function = _run(request, None, notes)
        if not callable(function):
            raise Stop("not_callable", type=type_name(function))
        budget = Budget()
        calls = [partial(_call, function, case, budget) for case in request["cases"]]
        return {"returned": [_judge(one, Notes()) for one in calls]}

    return _judge(work, notes)


def read(request: Request) -> Answer:
    """Give the value of ``name``, a dict, as plain data."""
    notes = stand_in(request, None)

    def work() -> Answer:
        value = _run(request, None, notes)
        if not isinstance(value, dict):
            raise Stop("not_a_dict", type=type_name(value))
        budget = Budget()
        return {"value": {str(key)[:200]: _entry(item, budget) for key, item in value.items()}}

    return _judge(work, notes)


def learn(request: Request) -> Answer:
    """Describe and train a model that cannot be rebuilt outside, and give its predictions."""
    declared = _declared(request)
    notes = stand_in(request, declared)

    def work() -> Answer:
        from grader.model.describe import describe_model
        from grader.model.rebuild import SAMPLE_SEED, sample_outputs
        from grader.model.seed import seed_everything
        from grader.training.fit import train_model

        recipe = request.get("recipe")
        if recipe:
            seed_everything(recipe["seed"])
        model, own = _find_model(request, declared, notes)
        answer: Answer = {
            "model": describe_model(model),
            "compiled": _compile_settings(own),
            "sample": sample_outputs(model, request["input_shape"], SAMPLE_SEED),
        }
        if recipe:
            answer["training"] = train_model(model, recipe, request["images"])
        return answer

    return _judge(work, notes)


def _judge(work: Callable[[], Answer], notes: Notes, without_weights: bool = False) -> Answer:
    """Do the work; turn whatever the student's code raises into data. The notes go with it."""
    answer: Answer
    try:
        with weightless() if without_weights else contextlib.nullcontext():
            answer = work()
    except Stop as stop:
        answer = stop.answer
    except BaseException as error:
        answer = {"error": as_fact(error)}
    return {**answer, "assumptions": notes.texts}


def _call(function: Callable[..., Any], case: dict[str, Any], budget: Budget) -> Answer:
    given = unpack_arguments(case)
    value = function(*given["args"], **given["kwargs"])
    # Compared only now: a function may give back the very array that it was given.
    return {"value": as_plain(value, budget), "changed": was_changed(case, given)}


def _entry(value: Any, budget: Budget) -> Any:
    """One of several answers; one that is not plain must not cost the others."""
    try:
        return as_plain(value, budget)
    except Stop as stop:
        if stop.kind != "not_plain":
            raise
    except Exception:
        # A value that is not here, or one of a class that refuses to be an array.
        pass
    return f"a value of type {type_name(value)}"


def _run(request: Request, declared: Declared | None, notes: Notes, forgiving: bool = False) -> Any:
    """Execute the program's statements, in order, in a module of their own; the asked-for value."""
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    sys.argv = ["notebook"]
    # A notebook that draws numbers without a seed gives the same ones each time.
    random.seed(0)
    np.random.seed(0)
    remember_source(request["statements"])
    rescue = Rescue(declared, notes)
    rescue.begin(request["unbound"], module.__dict__)
    run_statements(request["statements"], module.__dict__, rescue, forgiving)
    root, *_ = request["name"].split(".")
    if root not in module.__dict__:
        raise Stop("missing")
    return must_be_here(module.__dict__[root])


def _find_model(request: Request, declared: Declared, notes: Notes) -> tuple[Any, Any]:
    """The model that the asked-for name holds, or gives when it is called; built.

    With it the student's own object: another one, where a class of the notebook's was followed.
    A program that fails for want of a file goes on without it; one that fails with made-up data
    is run again with the data in other forms.
    """
    from keras.src.utils import naming

    try:
        return _model_of(request, declared, notes)
    except Exception as error:
        failed, forgiving = error, is_missing(error)
    for way in _other_ways(declared, forgiving):
        naming.reset_uids()
        with contextlib.suppress(Exception):
            return _model_of(request, way, notes, forgiving)
    raise failed


def _other_ways(declared: Declared, forgiving: bool) -> Iterator[Declared]:
    """Whether there is made-up data in it may show only when the first way has been gone."""
    if forgiving:
        yield declared
    if declared.used:
        yield from declared.ways()


def _model_of(
    request: Request, declared: Declared, notes: Notes, forgiving: bool = False
) -> tuple[Any, Any]:
    own = _own_model(request, declared, notes, forgiving)
    if not is_kerass(own):
        followed = follow(own, declared.shape)
        if followed is not None:
            notes.add(
                f"{type_name(own)} is a class of the notebook's; the layers that its call "
                "applies to an image were followed and are graded."
            )
            return followed, own
        own = _own_model(request, declared, notes, forgiving)
    if not own.built:
        own.build((None, *declared.shape))
        notes.add(f"The model names no input shape; it was built for {declared.shape}.")
    return own, own


def _own_model(request: Request, declared: Declared, notes: Notes, forgiving: bool) -> Any:
    """The student's model as their program makes it."""
    import keras

    value = _run(request, declared, notes, forgiving)
    called = not isinstance(value, keras.Layer) and callable(value)
    value = give_model(value, request["name"], declared, notes)
    if not isinstance(value, keras.Model):
        raise Stop("not_a_model", called=called, **_describe_value(value))
    if isinstance(value, keras.Sequential) and not value.layers:
        raise Stop("empty")
    return value


def _describe_value(value: Any) -> Answer:
    """What stands where a model was asked for, so that the report can say what to do about it."""
    import keras

    facts: Answer = {"type": type_name(value)}
    listed = (type(value) is list or type(value) is tuple) and len(value) > 0
    kinds = {
        "layers": listed
        and all(
            isinstance(item, keras.Layer) and not isinstance(item, keras.Model) for item in value
        ),
        "class": isinstance(value, type),
        "layer": isinstance(value, keras.Layer),
        "tensor": isinstance(value, keras.KerasTensor),
        "history": isinstance(value, keras.callbacks.History),
        "function": isinstance(value, types.FunctionType | types.MethodType),
    }
    facts["is"] = next((kind for kind, fits in kinds.items() if fits), None)
    if facts["is"] in ("class", "function"):
        facts["name"] = str(value.__name__)[:100]
    return facts


def _architecture(model: Any) -> Any:
    """What Keras would write into a ``.keras`` file, or None where it cannot."""
    import keras

    try:
        config = keras.saving.serialize_keras_object(model)
    except Exception:
        # A class without get_config; its name is among the custom ones.
        return None
    config.pop("compile_config", None)
    try:
        return as_plain(config, Budget(**MAX_ARCHITECTURE))
    except Stop as stop:
        # Something in it that Keras would not write either.
        if stop.kind == "not_plain":
            return None
        raise


def _custom_parts(model: Any) -> list[str]:
    """Names of the classes and activations in the model that are not Keras's own.

    Keras saves a function by its bare name, so a ``relu`` of the student's would be taken for
    Keras's.
    """
    found = set()
    for layer in model._flatten_layers():
        if not is_kerass(layer):
            found.add(type(layer).__name__)
        for key in ("activation", "recurrent_activation"):
            function = must_be_here(getattr(layer, key, None))
            home = getattr(function, "__module__", None) or ""
            keras_has_it = str(home).startswith(("keras.", "tensorflow."))
            if callable(function) and (_is_written(function) or not keras_has_it):
                found.add(getattr(function, "__name__", type(function).__name__))
    return sorted(found)[:20]


def _is_written(function: Any) -> bool:
    """Whether a function's code is the notebook's, whatever it says of its module."""
    code = getattr(function, "__code__", None)
    return isinstance(code, types.CodeType) and code.co_filename.startswith(WRITTEN)


def _compile_settings(model: Any) -> dict[str, Any] | None:
    import keras

    if not getattr(model, "compiled", False):
        return None
    optimizer = model.optimizer
    loss = getattr(model, "loss", None)
    metrics = model._compile_metrics._user_metrics if model._compile_metrics else None
    return {
        "optimizer": None if optimizer is None else type(optimizer).__name__,
        "optimizer_config": _config(optimizer),
        "loss": _name_of(loss),
        "loss_config": _config(loss) if isinstance(loss, keras.losses.Loss) else {},
        "metrics": [_name_of(metric) for metric in metrics or [] if isinstance(metrics, list)],
    }


def _config(part: Any) -> Any:
    """The settings of an optimizer or loss; none where a class of the student's gives none."""
    try:
        return {} if part is None else as_plain(part.get_config())
    except Exception:
        return {}


def _name_of(value: Any) -> str | None:
    """A loss or metric by the name that a person would use for it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, type) or (callable(value) and hasattr(value, "__name__")):
        return str(value.__name__)
    return type(value).__name__
