"""Deserialising: descriptions of models that run code, read files or lead Keras elsewhere.

Each is claimed by the student's process in place of an honest model's. The payloads end the
process that loads them, so that a description that is loaded shows: the grader is left without an
answer, and the points leave the maximum.
"""

from __future__ import annotations

import pytest

from tests.attacks.attack import MAXIMUM, Attack, World
from tests.attacks.claims import claiming, inserting
from tests.attacks.without_walls import NOT_STOPPED_WITHOUT_WALLS

ALL = MAXIMUM["cnn"]

CODE = """\
import base64, marshal
def payload(x):
    import os
    open("/tmp/@MARK@", "w").close()
    os._exit(77)
code = base64.b64encode(marshal.dumps(payload.__code__)).decode()
older = [code, None, None]
newer = {"class_name": "__lambda__", "config": {"code": code, "defaults": None, "closure": None}}
"""
"""Python's bytecode, in both forms in which Keras has saved it."""

HOLES = {
    "CVE-2024-3660: bytecode in a Lambda": Attack(
        "cnn", claiming(CODE + 'layers.insert(-1, layer("Lambda", function=newer, arguments={}))')
    ),
    "CVE-2024-3660: bytecode in the older form": Attack(
        "cnn",
        claiming(
            CODE
            + 'layers.insert(-1, layer("Lambda", function=older, function_type="lambda",'
            + ' module="__main__"))'
        ),
    ),
    "CVE-2025-9905: an HDF5 file's Lambda, without a module": Attack(
        "cnn",
        claiming(
            CODE + 'layers.insert(-1, {"class_name": "Lambda", "config": {"function": older}})'
        ),
    ),
    "CVE-2025-1550: any class of any module": Attack(
        "cnn", inserting('layer("Popen", "subprocess", args=["touch", "/tmp/@MARK@"])')
    ),
    "CVE-2025-1550: any function of any module, called by a Lambda": Attack(
        "cnn",
        inserting(
            'layer("Lambda", function=function("os", "system"),'
            ' arguments={"command": "touch /tmp/@MARK@"})'
        ),
    ),
    "CVE-2025-1550: a function of any module as an activation": Attack(
        "cnn", claiming('layers[-1]["config"]["activation"] = function("os", "system")')
    ),
    "CVE-2025-1550: a function of any module as a compiled loss": Attack(
        "cnn",
        claiming('saved["compile_config"] = {"loss": function("os", "abort")}'),
        worth=ALL,
    ),
    "CVE-2025-8747: a function of Keras's own that downloads": Attack(
        "cnn",
        inserting(
            'layer("Lambda", function=function("keras.utils", "get_file"), arguments={'
            '"fname": "x", "origin": "http://127.0.0.1:@PORT@/x", "cache_dir": "/tmp/@MARK@"})'
        ),
    ),
    "CVE-2025-8747: the same function as an operation": Attack(
        "cnn",
        inserting(
            'layer("get_file", "keras.src.utils.file_utils", fname="x",'
            ' origin="http://127.0.0.1:@PORT@/x")'
        ),
    ),
    "CVE-2025-9906: safe mode switched off by a layer": Attack(
        "cnn",
        claiming(
            CODE
            + 'layers.insert(1, layer("enable_unsafe_deserialization", "keras.config"))\n'
            + 'layers.insert(-1, layer("Lambda", function=newer))'
        ),
    ),
    "CVE-2025-9906: safe mode switched off by a function": Attack(
        "cnn",
        claiming(
            'layers[-1]["config"]["kernel_initializer"] ='
            ' function("keras.src.config", "enable_unsafe_deserialization")'
        ),
    ),
    "CVE-2025-12058: a vocabulary that is a file": Attack(
        "cnn", inserting('layer("StringLookup", vocabulary="/etc/passwd", mask_token=None)')
    ),
    "CVE-2025-12058: a vocabulary at an address": Attack(
        "cnn", inserting('layer("TextVectorization", vocabulary="http://127.0.0.1:@PORT@/x")')
    ),
    "CVE-2025-12058: a vocabulary of whole numbers": Attack(
        "cnn", inserting('layer("IntegerLookup", vocabulary="@COURSE@/solutions/walls.ipynb")')
    ),
    "CVE-2025-12060: an archive that is unpacked where it likes": Attack(
        "cnn",
        inserting(
            'layer("get_file", "keras.utils", fname="x.tar", extract=True, cache_dir="/tmp",'
            ' cache_subdir="@MARK@", origin="file:///tmp/x.tar")'
        ),
    ),
    "CVE-2026-1462: a TensorFlow model in a folder": Attack(
        "cnn", inserting('layer("TFSMLayer", filepath="/tmp/@MARK@", call_endpoint="serve")')
    ),
    "CVE-2026-1462: the same without a module": Attack(
        "cnn",
        inserting('{"class_name": "TFSMLayer", "config": {"filepath": "@COURSE@/submitted"}}'),
    ),
}

MUTATIONS = {
    # --- who is it? -----------------------------------------------------------------------------
    "a Lambda in Keras's inner module": Attack(
        "cnn",
        claiming(
            CODE
            + 'layers.insert(-1, layer("Lambda", "keras.src.layers.core.lambda_layer",'
            + " function=newer))"
        ),
    ),
    "a Lambda under the name of another layer": Attack(
        "cnn",
        claiming(
            CODE
            + 'layers[-1].update(class_name="Dense", registered_name="Lambda")\n'
            + 'layers[-1]["config"]["function"] = newer'
        ),
    ),
    "a registered name that leads elsewhere": Attack(
        "cnn", claiming('layers[-1]["registered_name"] = "builtins>eval"')
    ),
    "a registered name of a package": Attack(
        "cnn", claiming('layers[-1]["registered_name"] = "keras>Lambda"')
    ),
    "a module that is a list": Attack(
        "cnn", claiming('layers[-1]["module"] = ["keras", "layers"]')
    ),
    "a class that is a number": Attack("cnn", claiming('layers[-1]["class_name"] = 5')),
    "a class with a path in its name": Attack(
        "cnn", claiming('layers[-1]["class_name"] = "../../os.system"')
    ),
    "a module with a trailing dot": Attack(
        "cnn", claiming('layers[-1]["module"] = "keras.layers."')
    ),
    "a module with a zero byte": Attack(
        "cnn", claiming('layers[-1]["module"] = "keras.layers\\0os"')
    ),
    "a layer of a module that only looks like Keras's": Attack(
        "cnn", claiming('layers[-1]["module"] = "kеras.layers"')
    ),
    "a model of another module": Attack(
        "cnn", claiming('saved.update(module="os", class_name="Sequential")')
    ),
    "a model that is a layer of Keras's": Attack(
        "cnn", claiming('saved.update(module="keras.layers", class_name="Lambda")')
    ),
    "a model without a class": Attack("cnn", claiming('del saved["class_name"]')),
    # --- what is inside? ------------------------------------------------------------------------
    "bytecode as an activation": Attack(
        "cnn", claiming(CODE + 'layers[-1]["config"]["activation"] = newer')
    ),
    "bytecode as an initialiser": Attack(
        "cnn", claiming(CODE + 'layers[-1]["config"]["bias_initializer"] = newer')
    ),
    "bytecode as a regulariser of the output": Attack(
        "cnn", claiming(CODE + 'layers[-1]["config"]["activity_regularizer"] = newer')
    ),
    "bytecode where a number should be": Attack(
        "cnn", claiming(CODE + 'layers[-1]["config"]["units"] = newer')
    ),
    "a Lambda inside TimeDistributed": Attack(
        "cnn",
        claiming(
            CODE
            + 'layers.insert(-1, layer("TimeDistributed", layer=layer("Lambda", function=newer)))'
        ),
    ),
    "a Lambda inside Bidirectional": Attack(
        "cnn",
        claiming(
            CODE
            + 'inner = layer("Lambda", function=newer)\n'
            + 'layers.insert(-1, layer("Bidirectional", layer=inner, backward_layer=inner))'
        ),
    ),
    "a Lambda as a cell": Attack(
        "cnn",
        claiming(CODE + 'layers.insert(-1, layer("RNN", cell=[layer("Lambda", function=newer)]))'),
    ),
    "a Lambda in a model in a model": Attack(
        "cnn",
        claiming(
            CODE
            + "import copy\n"
            + "inner = copy.deepcopy(saved)\n"
            + 'inner["config"]["layers"].insert(1, layer("Lambda", function=newer))\n'
            + "layers.insert(-1, inner)"
        ),
    ),
    "a Lambda in a list of a Pipeline": Attack(
        "cnn",
        claiming(
            CODE + 'layers.insert(-1, layer("Pipeline", layers=[layer("Lambda", function=newer)]))'
        ),
    ),
    "a Lambda among the arguments of a call": Attack(
        "cnn",
        claiming(
            CODE
            + 'layers[-1]["inbound_nodes"] = [{"args": [layer("Lambda", function=newer)],'
            + ' "kwargs": {}}]'
        ),
    ),
    "a serialised type specification": Attack(
        "cnn",
        claiming(
            'layers[-1]["config"]["units"] = {"class_name": "__typespec__", "spec_name":'
            ' "os.system", "module": "os", "config": None, "registered_name": None}'
        ),
    ),
    "serialised bytes": Attack(
        "cnn",
        claiming(
            'layers[-1]["config"]["units"] = {"class_name": "__bytes__", "config": "gASVHQ=="}'
        ),
    ),
    "a wrapped array that is a class": Attack(
        "cnn",
        claiming(
            'layers[-1]["config"]["units"] = {"class_name": "__numpy__", "config":'
            ' {"value": layer("Popen", "subprocess", args="id"), "dtype": "object"}}'
        ),
    ),
    "a wrapped array of objects": Attack(
        "cnn",
        claiming(
            'layers[-1]["config"]["units"] = {"class_name": "__numpy__", "config":'
            ' {"value": ["os"], "dtype": "O"}}'
        ),
    ),
    "a superclass's wrapper": Attack(
        "cnn",
        claiming(
            'layers[-1]["config"]["units"] = {"class_name": "__super__", "config":'
            ' {"object": "os", "type": "type"}}'
        ),
    ),
    "an optimiser as a layer": Attack(
        "cnn", inserting('layer("LossScaleOptimizer", "keras.optimizers", inner_optimizer="os")')
    ),
    "a metric that names a function": Attack(
        "cnn", inserting('layer("MeanMetricWrapper", "keras.metrics", fn=function("os", "abort"))')
    ),
    "an operation that takes a function": Attack(
        "cnn",
        inserting('layer("Map", "keras.src.ops.core", function=function("os", "system"))'),
    ),
    "a data type policy that is a class": Attack(
        "cnn",
        claiming('layers[-1]["config"]["dtype"] = layer("Popen", "subprocess", args="id")'),
        worth=ALL,
    ),
    "a distribution of the weights": Attack(
        "cnn",
        claiming('layers[-1]["config"]["layout"] = layer("TensorLayout", "keras.distribution")'),
    ),
    "a download as an application's weights": Attack(
        "cnn",
        inserting('layer("VGG16", "keras.applications", weights="http://127.0.0.1:@PORT@/x")'),
    ),
    "shared objects that point at each other": Attack(
        "cnn",
        claiming(
            'layers[-1]["shared_object_id"] = 1\n'
            'layers.insert(-1, {"class_name": "__shared_object__", "config": 1})'
        ),
    ),
    "a layer that reads from itself": Attack(
        "cnn",
        claiming(
            'name, first = layers[-1]["config"]["name"], layers[0]["config"]["name"]\n'
            'source = {"shape": [None, 9], "dtype": "float32", "keras_history": [name, 0, 0]}\n'
            'layers[-1]["inbound_nodes"] = [{"args": [{"class_name": "__keras_tensor__", "config":'
            ' source}], "kwargs": {}}]\n'
            'saved.update(module="keras.src.models.functional", class_name="Functional")\n'
            'saved["config"].update(input_layers=[first, 0, 0], output_layers=[name, 0, 0])'
        ),
    ),
    "inputs that are no names": Attack(
        "cnn",
        claiming(
            'saved.update(module="keras.src.models.functional", class_name="Functional")\n'
            'saved["config"].update(input_layers=[[{"os": 1}]], output_layers=7)'
        ),
    ),
    "a dict where the list of layers should be": Attack(
        "cnn", claiming('saved["config"]["layers"] = {"0": layers[0]}')
    ),
    "layers without a configuration": Attack("cnn", claiming('layers[-1]["config"] = None')),
    "nothing at all": Attack("cnn", claiming("saved.clear()")),
    "an input of a shape that no machine holds": Attack(
        "cnn", claiming('layers[0]["config"]["batch_shape"] = [None, 2**40, 2**40, 1]')
    ),
    "an input of a data type that runs code": Attack(
        "cnn", claiming('layers[0]["config"]["dtype"] = "os.system"')
    ),
    "a description of sixty-one levels": Attack(
        "cnn",
        claiming(
            "deep = []\nfor _ in range(61):\n    deep = [deep]\n"
            'layers[-1]["config"]["units"] = deep'
        ),
    ),
    "a description of a hundred thousand values": Attack(
        "cnn", claiming('layers[-1]["config"]["units"] = [[]] * 250_000')
    ),
}
"""Valid descriptions, changed in one place."""

ATTACKS = HOLES | MUTATIONS

BREAKING = {
    "a Fourier transform of nothing (aborts)": "ops.irfft((x, x), 0)",
    "patches at an enormous stride (segmentation fault)": "ops.image.extract_patches(image, 2,"
    " strides=2**31 - 1, padding='same')",
    "more than fits into memory (segmentation fault)": "ops.image.gaussian_blur(image,"
    " (10001, 10001), (1.0, 1.0))",
    "an index that the images give (raises in training only)": "ops.scatter_update(x,"
    " ops.cast(x * 1e9, 'int32')[:, :2], x[:, 0])",
    "a divisor that the graph does not know (raises in training only)": "ops.gcd("
    "ops.cast(x, 'int32'), ops.cast(x, 'int32'))",
}
"""Layers of Keras's own that break whatever process computes them, with what they do."""


def breaking(layer: str) -> Attack:
    """A model of the right output, which cannot be trained."""
    return Attack(
        "cnn",
        f"""\
import keras
from keras import layers, ops

def build_cnn():
    image = keras.Input((8, 8, 1))
    x = layers.Flatten()(image)
    y = ops.cast({layer}, "float32")
    x = ops.concatenate([x, layers.Flatten()(y)], axis=-1)
    return keras.Model(image, layers.Dense(10, activation="softmax")(x))
""",
    )


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_is_gained(name: str, world: World) -> None:
    attack = ATTACKS[name]
    assert world.gains(attack) == []
    exercise = world.last.exercises[0]
    if attack.worth == 0:
        assert exercise.error is not None
        assert exercise.error.kind in ("forbidden", "custom_layer", "unreadable")
        assert exercise.model is None, "it was loaded"


@pytest.mark.parametrize("name", BREAKING)
def test_what_breaks_the_process_that_trains_is_the_models_fault(name: str, world: World) -> None:
    report = world.grade(breaking(BREAKING[name]))
    assert (report.status, report.max_score) == ("graded", ALL)


@pytest.mark.parametrize("name", [name for name in ATTACKS if ATTACKS[name].harmless])
def test_without_walls_only_these_gain_something(name: str, open_world: World) -> None:
    stopped = name not in NOT_STOPPED_WITHOUT_WALLS["deserialising"]
    assert bool(open_world.gains(ATTACKS[name], follow_up=False)) != stopped
