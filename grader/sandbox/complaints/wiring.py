"""Complaints about how layers are put together into a model."""

from __future__ import annotations

import re

from grader.sandbox.complaints.reading import Sentence, layer, says


def _not_a_layer(match: re.Match[str], _: str) -> str:
    value, kind = match["value"], match["kind"].rpartition(".")[2]
    named = re.fullmatch(r"<class '(?:\w+\.)*(\w+)'>", value)
    if named:
        why = f"{named[1]} is a class: write {named[1]}(…) with its arguments"
    elif kind == "KerasTensor":
        why = "a layer that was applied, layer(x), is a tensor: leave out the (x)"
    elif kind == "str":
        why = f'"{value[:60]}" is a text'
    elif kind == "NoneType":
        why = "here is None"
    else:
        why = f"here is a value of type {kind}"
    return f"A Sequential model is made of layers; {why}."


def _twice_named(match: re.Match[str], _: str) -> str:
    return f'Two layers are named "{match["name"]}"; each name may be given once.'


def _not_outputs(match: re.Match[str], _: str) -> str:
    return (
        "keras.Model takes tensors, which a layer gives when it is applied; here it gets "
        f"{_given(match['value'])}."
    )


def _not_applied(match: re.Match[str], _: str) -> str:
    return (
        "A layer is applied to a tensor, which keras.Input or another layer gives; here it gets "
        f"{_given(match['value'])}."
    )


def _given(value: str) -> str:
    named = re.match(r"<(\w+) name=", value)
    return f"the layer {named[1]} itself" if named else value[:60]


def _no_tensor(match: re.Match[str], _: str) -> str:
    return f"{layer(match['layer'])} is applied to {match['value'][:60]}, which is not a tensor."


def _too_many_inputs(match: re.Match[str], _: str) -> str:
    wanted = match["wanted"]
    return (
        f"{layer(match['layer'])} takes {wanted} input{'' if wanted == '1' else 's'}; here it "
        f"gets {match['given']}."
    )


def _never_called(match: re.Match[str], _: str) -> str:
    return (
        f"{layer(match['layer'])} has no {match['what']} yet, because it was not applied to "
        "anything: begin the model with keras.Input(…)."
    )


def _not_counted(match: re.Match[str], _: str) -> str:
    return (
        f"{layer(match['layer'])} has no weights to count yet, because it does not know its "
        "input: begin the model with keras.Input(…)."
    )


WIRING: tuple[tuple[str, Sentence], ...] = (
    (
        r"^Only instances of keras\.Layer can be added to a Sequential model\. Received: "
        r"(?P<value>.*) \(of type <class '(?P<kind>[\w.]+)'>\)$",
        _not_a_layer,
    ),
    (
        r"^Expected trainable to be a boolean\. Received: trainable=<\w+ name=",
        says("Sequential takes its layers as one list: Sequential([…])."),
    ),
    (
        r"^'Functional' object has no attribute 'add'$",
        says(
            "Only a Sequential model has add; for a model of keras.Model(inputs, outputs), apply "
            "the layer to a tensor before the model is made."
        ),
    ),
    (
        r"^'\w+' object has no attribute '(?:in|out)put_shape'",
        says(
            "Keras 3 has no input_shape or output_shape; layer.output.shape is what a layer gives."
        ),
    ),
    (
        r"^All layers added to a Sequential model should have unique names\. "
        r"Name '(?P<name>.{1,60}?)' is already",
        _twice_named,
    ),
    (r"^The name \"(?P<name>.{1,60}?)\" is used \d+ times in the model", _twice_named),
    (
        r"^Sequential model '[^']*' has already been configured to use input shape",
        says("The model has two Input layers; a Sequential model takes one, at its beginning."),
    ),
    (
        r"^Output with path .*is not connected to inputs",
        says(
            "The model's output does not come from its inputs: somewhere on the way a layer is "
            "applied to another variable."
        ),
    ),
    (
        r"^All (?:out|in)puts values must be KerasTensors\. .* including invalid value "
        r"(?P<value>.*) of type ",
        _not_outputs,
    ),
    (
        r"^Layer\.__init__\(\) takes 1 positional argument but \d+ were given$",
        says("keras.Model takes inputs and outputs: keras.Model(inputs, outputs)."),
    ),
    (
        r"^Only input tensors may be passed as positional arguments\. .* keyword argument: "
        r"(?P<value>.*) \(of type ",
        _not_applied,
    ),
    (
        r"^Inputs to a layer should be tensors\. Got '(?P<value>.*)' \(of type .*\) as input for "
        r"layer '(?P<layer>[^']*)'",
        _no_tensor,
    ),
    (
        r"^Layer \"(?P<layer>[^\"]*)\" expects (?P<wanted>\d+) input\(s\), but it received "
        r"(?P<given>\d+) input tensors",
        _too_many_inputs,
    ),
    (
        r"^missing a required argument: 'inputs'$",
        says("A layer is applied to a tensor, layer(x); here the brackets are empty."),
    ),
    (
        r"^The layer (?P<layer>\S+) has never been called and thus has no defined "
        r"(?P<what>input|output)",
        _never_called,
    ),
    (r"^You tried to call count_params on layer '(?P<layer>[^']*)'", _not_counted),
    (
        r"^Cannot convert '(?P<value>\d{1,12})' to a shape",
        says("A shape is a tuple: ({value},) instead of {value}."),
    ),
    (
        r"^You must pass a shape argument",
        says("keras.Input needs a shape, such as keras.Input((28, 28, 1))."),
    ),
    (
        r"^A KerasTensor cannot be used as input to a TensorFlow function",
        says(
            "A function of TensorFlow cannot be applied to a layer's output: take a layer, or the "
            "function of keras.ops that does the same."
        ),
    ),
    (
        r"^A KerasTensor is symbolic",
        says("A layer's output has a shape and no values yet, so NumPy cannot take it."),
    ),
    (
        r"^A symbolic KerasTensor cannot be used as a boolean",
        says("A layer's output has a shape and no values yet, so it cannot be tested."),
    ),
)
