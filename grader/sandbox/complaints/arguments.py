"""Complaints about what a layer, an optimizer or a function is given, and about names."""

from __future__ import annotations

import re

from grader.model import keras_names
from grader.sandbox.complaints.reading import Sentence, says
from grader.words import did_you_mean, join_words

RENAMED = {
    "lr": "learning_rate",
    "nb_filter": "filters",
    "border_mode": "padding",
    "subsample": "strides",
    "init": "kernel_initializer",
    "output_dim": "units",
    "p": "rate",
}
"""Arguments of Keras 1 and 2 by the names that they have now."""

CALLEES: tuple[keras_names.Kind, ...] = (
    "layers",
    "optimizers",
    "initializers",
    "regularizers",
)
WORDS: dict[str, keras_names.Kind] = {
    "optimizer": "optimizers",
    "initializer": "initializers",
    "regularizer": "regularizers",
    "constraint": "constraints",
}


def _no_such_argument(match: re.Match[str], _: str) -> str:
    callee, argument = match["callee"], match["argument"]
    found = (keras_names.class_arguments(kind, callee) for kind in CALLEES)
    known = next((arguments for arguments in found if arguments is not None), {})
    now = RENAMED.get(argument)
    hint = f' It is called "{now}" now.' if now in known else did_you_mean(argument, known)
    return f'{callee} has no argument "{argument}".{hint}'


def _no_such_setting(match: re.Match[str], _: str) -> str:
    argument = match["argument"]
    now = RENAMED.get(argument)
    hint = f' It is called "{now}" now.' if now else ""
    return f'The optimizer has no argument "{argument}".{hint}'


def _missing_argument(match: re.Match[str], expression: str) -> str | None:
    """Keras takes a misspelt argument without a word, and then misses the right one."""
    callee = match["callee"]
    if keras_names.class_arguments("layers", callee) is None:
        return None
    missing = re.findall(r"'(\w+)'", match["missing"])
    given = re.findall(r"\b(\w+)\s*=(?!=)", expression)
    meant = [
        name
        for name in given
        if name not in missing and (RENAMED.get(name) in missing or did_you_mean(name, missing))
    ]
    hint = f'; "{meant[0]}" is not one of its arguments' if meant else ""
    return f"{callee} needs {join_words(missing)}{hint}."


def _not_positive(match: re.Match[str], _: str) -> str:
    return f"{match['argument']} is a whole number above 0; here it is {_shown(match['value'])}."


def _not_sizes(match: re.Match[str], _: str) -> str:
    axes = match["axes"]
    either = "" if axes == "1" else f", or {axes} of them"
    return (
        f"{match['argument']} is one whole number above 0{either}; here it is "
        f"{_shown(match['value'])}."
    )


def _shown(value: str) -> str:
    """Keras writes a text without its quotation marks, so that a number looks right."""
    return f'the text "{value}"' if re.fullmatch(r"[1-9]\d*", value) else value


def _unknown_word(match: re.Match[str], _: str) -> str:
    kind, word = match["kind"], match["word"]
    if kind == "activation":
        known: tuple[str, ...] = tuple(sorted(keras_names.activation_names()))
    else:
        known = keras_names.class_names(WORDS[kind])
    article = "an" if kind[0] in "aeiou" else "a"
    return f'"{word}" is not {article} {kind} of Keras.{did_you_mean(word, known)}'


def _number_for_padding(_: re.Match[str], expression: str) -> str | None:
    if "padding" not in expression:
        return None
    return 'padding is "valid" or "same" in Keras, not a number.'


def _no_such_layer(match: re.Match[str], _: str) -> str:
    """Of Keras's many layers for one or three axes none is meant unless the word says so."""
    word = match["word"]
    flat = [name for name in keras_names.layer_words() if not re.search("[13]D", name)]
    known = keras_names.layer_words() if re.search("[13]", word) else flat
    return f'Keras has no layer "{word}".{did_you_mean(word, known)}'


def _no_such_module(match: re.Match[str], _: str) -> str:
    name = match["name"]
    if re.match(r"keras\.|tensorflow\.(?:\w+\.)*keras\b", name):
        return f"Keras 3 has no module {name}: layers come from keras.layers, the rest from keras."
    return f"{name} is not installed where the notebook is graded."


ARGUMENTS: tuple[tuple[str, Sentence], ...] = (
    (
        r"^Could not interpret (?P<kind>activation) function identifier: (?P<word>[\w ]{1,60})$",
        _unknown_word,
    ),
    (
        r"^Could not interpret (?P<kind>optimizer|initializer|regularizer|constraint) "
        r"identifier: (?P<word>[\w ]{1,60})$",
        _unknown_word,
    ),
    (
        r"^The padding argument must be .* Received: (?P<value>.{1,60})$",
        says('padding is "valid" or "same"; here it is "{value}".'),
    ),
    (r"^'(?:int|tuple)' object has no attribute 'lower'$", _number_for_padding),
    (
        r"^The data_format argument must be one of .* Received: data_format=(?P<value>.{1,60})$",
        says('data_format is "channels_last" or "channels_first"; here it is {value}.'),
    ),
    (
        r"^Unrecognized keyword arguments passed to (?P<callee>\w+): \{'(?P<argument>\w+)'",
        _no_such_argument,
    ),
    (r"^Argument\(s\) not recognized: \{'(?P<argument>\w+)'", _no_such_setting),
    (
        r"^(?:Trainer\.)?(?P<callee>\w+)(?:\.__init__)?\(\) got an unexpected keyword argument "
        r"'(?P<argument>\w+)'",
        _no_such_argument,
    ),
    (
        r"^(?P<callee>\w+)\.__init__\(\) missing \d+ required positional arguments?: "
        r"(?P<missing>.*)$",
        _missing_argument,
    ),
    (
        r"^The number of (?P<argument>filters) must be evenly divisible .* filters=(?P<value>\S+)"
        r"\.$",
        _not_positive,
    ),
    (
        r"^Invalid value for argument (?P<argument>\w+)\. Expected a strictly positive value\. "
        r"Received \w+=(?P<value>.{1,60})\.$",
        _not_positive,
    ),
    (
        r"^Received an invalid value for (?P<argument>\w+), expected a positive integer\. "
        r"Received: \w+=(?P<value>.{1,60})$",
        _not_positive,
    ),
    (
        r"^The (?P<argument>\w+) argument must be a tuple of (?P<axes>\d) integers?\. "
        r"Received \w+=(?P<value>.{1,60}?)(?:, including values .*)?$",
        _not_sizes,
    ),
    (
        r"^strides > 1 not supported in conjunction with dilation_rate > 1",
        says("strides above 1 and a dilation_rate above 1 cannot be combined."),
    ),
    (
        r"^Invalid value received for argument rate\. Expected a float value between 0 and 1\. "
        r"Received: rate=(?P<value>.{1,60})$",
        says("rate lies between 0 and 1; here it is {value}."),
    ),
    (r"^module '(?:\w+\.)*layers' has no attribute '(?P<word>\w+)'", _no_such_layer),
    (r"^cannot import name '(?P<word>\w+)' from '(?:\w+\.)*layers'", _no_such_layer),
    (r"^No module named '(?P<name>[\w.]{1,80})'", _no_such_module),
)
