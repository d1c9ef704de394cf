"""Typed answers, files outside, processors: what a program has around it in a notebook."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.forks import Forks

GPU_NOTE = "No GPU or TPU was looked for; the model is built all the same."


def run(forks: Forks, source: str, **settings: Any) -> tuple[dict[str, Any], list[str]]:
    answer = forks.run(source, **settings)
    assert answer["error"] is None, answer["error"]
    return answer["facts"], answer["notes"]


@pytest.mark.parametrize("data", [True, False])
def test_nobody_is_waited_for(forks: Forks, data: bool) -> None:
    facts, notes = run(
        forks,
        """
        import getpass, time
        from time import sleep
        facts["typed"] = repr(input("name? "))
        facts["key"] = repr(getpass.getpass())
        started = time.monotonic()
        sleep(1000)
        time.sleep(1000)
        facts["waited"] = time.monotonic() - started > 5
        """,
        data=data,
    )
    assert facts == {
        "typed": "<input(), which is not here>",
        "key": "<input(), which is not here>",
        "waited": False,
    }
    assert notes == [
        "input was not asked for: nobody is there to type.",
        "time.sleep was not waited for.",
    ]


def test_a_model_that_needs_a_typed_number_is_told_so(forks: Forks) -> None:
    answer = forks.run("int(input())")
    assert answer["error"] == [
        "AbsentValue",
        "The model needs the value of input(), but nobody is there to type. Write the value, or "
        "the function, into the notebook.",
    ]


def test_the_kernel_and_its_display_are_there(forks: Forks) -> None:
    facts, notes = run(
        forks,
        """
        facts["display"] = display(1, 2, raw=True)
        facts["lines"] = get_ipython().getoutput("ls")
        facts["magic"] = repr(get_ipython().run_line_magic("matplotlib", "inline"))
        facts["colab"] = "google.colab" in str(get_ipython())
        """,
    )
    assert facts == {
        "display": None,
        "lines": [],
        "magic": "<get_ipython().run_line_magic(…), which is not here>",
        "colab": False,
    }
    assert notes == []


def test_a_file_outside_is_as_good_as_written(forks: Forks) -> None:
    facts, notes = run(
        forks,
        """
        import os
        with open("/proc/nowhere/log.txt", "w") as file:
            facts["text"] = file.write("abc")
        with open("/proc/nowhere/log.bin", mode="ab") as file:
            facts["bytes"] = file.write(b"abcd")
        with open("/proc/nowhere/new", "x", encoding="utf-8") as file:
            facts["new"] = file.write("a")
        os.makedirs("/proc/nowhere/a/b", exist_ok=True)
        os.mkdir("/proc/nowhere/c", 0o700)
        """,
        data=False,
    )
    assert facts == {"text": 3, "bytes": 4, "new": 1}
    assert notes == [
        "Files outside the scratch folder were not written.",
        "Folders outside the scratch folder were not made.",
    ]


def test_files_that_can_be_written_are(forks: Forks, tmp_path: Any) -> None:
    facts, notes = run(
        forks,
        f"""
        import os
        os.makedirs({str(tmp_path)!r} + "/a/b")
        path = {str(tmp_path)!r} + "/a/b/c.txt"
        with open(path, "w") as file:
            file.write("abc")
        facts["read"] = open(path).read()
        """,
    )
    assert (facts, notes) == ({"read": "abc"}, [])
    assert (tmp_path / "a/b/c.txt").read_text() == "abc"


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("open('/proc/nowhere')", "FileNotFoundError"),
        ("open('/proc/nowhere', 'r+')", "FileNotFoundError"),
        ("open('/proc/nowhere', 'q')", "ValueError"),
        ("open('/proc/nowhere', 3)", "TypeError"),
        ("open(None, 'w')", "TypeError"),
        ("import os\nos.mkdir('/tmp')", "FileExistsError"),
        ("import os\nos.makedirs('/tmp')", "FileExistsError"),
    ],
)
def test_what_is_read_or_is_there_already_fails_as_it_would(
    forks: Forks, source: str, error: str
) -> None:
    answer = forks.run(source)
    assert answer["error"][0] == error
    assert answer["notes"] == []


def test_one_gpu_is_there_for_whoever_asks(forks: Forks) -> None:
    facts, notes = run(
        forks,
        """
        import tensorflow as tf
        gpus = tf.config.list_physical_devices("GPU")
        facts["gpus"] = [gpu.name for gpu in gpus]
        facts["named"] = len(tf.config.list_physical_devices(device_type="GPU"))
        facts["old"] = len(tf.config.experimental.list_physical_devices("GPU"))
        facts["logical"] = len(tf.config.list_logical_devices("GPU"))
        facts["tpus"] = tf.config.list_physical_devices("TPU")
        assert gpus, "no GPU"
        for gpu in gpus:
            tf.config.experimental.set_memory_growth(gpu, True)
        tf.config.set_visible_devices(gpus[0], "GPU")
        facts["test"] = [tf.test.is_gpu_available(cuda_only=True), tf.test.gpu_device_name()]
        """,
    )
    assert facts == {
        "gpus": ["/physical_device:GPU:0"],
        "named": 1,
        "old": 1,
        "logical": 1,
        "tpus": [],
        "test": [True, "/device:GPU:0"],
    }
    assert notes == [GPU_NOTE]


def test_keras_itself_sees_no_gpu_and_nothing_is_noted(forks: Forks) -> None:
    facts, notes = run(
        forks,
        """
        import keras
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
        facts["output"] = list(model(keras.ops.ones((1, 4))).shape)
        """,
    )
    assert (facts, notes) == ({"output": [1, 2]}, [])


@pytest.mark.parametrize("name", ["MirroredStrategy", "TPUStrategy", "OneDeviceStrategy"])
def test_a_strategy_is_a_place_to_make_a_model_in(forks: Forks, name: str) -> None:
    facts, notes = run(
        forks,
        f"""
        import tensorflow as tf
        tpu = tf.distribute.cluster_resolver.TPUClusterResolver()
        text = "on " + str(tpu.cluster_spec().as_dict()["worker"]) + str(tpu.master())
        tf.config.experimental_connect_to_cluster(tpu)
        tf.tpu.experimental.initialize_tpu_system(tpu)
        strategy = tf.distribute.{name}(tpu)
        with strategy.scope():
            facts["batch"] = 16 * strategy.num_replicas_in_sync
        """,
    )
    assert (facts, notes) == ({"batch": 16}, [])


def test_sessions_of_tensorflow_1_are_forgotten(forks: Forks) -> None:
    facts, _ = run(
        forks,
        """
        import keras
        import tensorflow as tf
        config = tf.ConfigProto(gpu_options=tf.GPUOptions(allow_growth=True))
        config.gpu_options.per_process_gpu_memory_fraction = 0.3
        with tf.Session(config=config) as session:
            keras.backend.set_session(session)
        keras.backend.tf.Session
        facts["done"] = True
        """,
    )
    assert facts == {"done": True}
