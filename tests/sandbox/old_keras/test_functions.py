"""Functions of older Keras, in today's words."""

from __future__ import annotations

import pytest

from grader.sandbox.old_keras.functions import MERGED
from tests.sandbox.old_keras.speaking import Speaker

JOIN = "a = keras.Input((4, 4, 3))\nb = layers.Conv2D(3, 1)(a)\nit = keras.Model([a], {}([a, b]{}))"


@pytest.mark.parametrize("home", ["keras.layers", "tensorflow.keras.layers", "keras.layers.merge"])
@pytest.mark.parametrize("mode", MERGED)
def test_merge_is_the_function_of_its_mode(speaker: Speaker, mode: str, home: str) -> None:
    now = MERGED[mode]
    answer = speaker.ask(
        f"from {home} import merge\n{JOIN.format('merge', f', mode={mode!r}')}",
        JOIN.format(f"layers.{now}", ""),
    )
    assert (answer["error"], answer["old"]) == (None, answer["today"])
    axis = ", axis=-1" if now == "concatenate" else ""
    assert (
        f'merge([…], mode="{mode}") was read as keras.layers.{now}([…]{axis}).' in answer["notes"]
    )


@pytest.mark.parametrize(
    ("old", "today"),
    [
        (", 'concat', 1", "layers.concatenate:, axis=1"),
        (", mode='concat', concat_axis=2, name='join'", "layers.concatenate:, axis=2, name='join'"),
        ("", "layers.add:"),
        (", mode='sum', name='join'", "layers.add:, name='join'"),
    ],
)
def test_merge_keeps_axis_and_name(speaker: Speaker, old: str, today: str) -> None:
    function, _, rest = today.partition(":")
    answer = speaker.ask(JOIN.format("layers.merge", old), JOIN.format(function, rest))
    assert (answer["error"], answer["old"]) == (None, answer["today"])


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("mode='dot', dot_axes=1", 'mode="dot"'),
        ("mode='cos'", 'mode="cos"'),
        ("mode=lambda x: x[0], output_shape=(3,)", "mode=…"),
        ("mode='sum', output_mask=3", 'mode="sum"'),
    ],
)
def test_other_merges_are_refused(speaker: Speaker, given: str, shown: str) -> None:
    assert speaker.refusal(JOIN.format("layers.merge", f", {given}")) == (
        f"merge([…], {shown}) belongs to an older Keras. "
        "Write keras.layers.dot([…], axes=…) or a layer that computes the same."
    )


def test_merge_is_refused_when_nothing_is_translated(speaker: Speaker) -> None:
    assert speaker.refusal(JOIN.format("layers.merge", ", mode='sum'"), translate=False) == (
        'merge([…], mode="sum") belongs to an older Keras. Write keras.layers.add([…]).'
    )


@pytest.mark.parametrize("backend", ["keras.backend", "tf.keras.backend"])
def test_the_order_of_axes_has_another_name(speaker: Speaker, backend: str) -> None:
    answer = speaker.ask(
        f"K = {backend}\nit = [K.image_dim_ordering()]\nK.set_image_dim_ordering('th')\n"
        "it += [K.image_dim_ordering(), K.image_data_format()]"
    )
    assert (answer["error"], answer["old"]) == (None, '["tf", "th", "channels_first"]')
    assert answer["notes"] == [
        "keras.backend.image_dim_ordering() was read as keras.backend.image_data_format().",
        'keras.backend.set_image_dim_ordering("th") was read as '
        'keras.backend.set_image_data_format("channels_first").',
    ]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("keras.backend.set_image_dim_ordering('x')", 'dim_ordering was "tf" or "th" in Keras 1.'),
        (
            "keras.backend.get_session()",
            "keras.backend.get_session belongs to an older Keras. Keras 3 has no sessions.",
        ),
        (
            "keras.backend.set_learning_phase(1)",
            "keras.backend.learning_phase belongs to an older Keras. "
            "Write model(x, training=True) or training=False where it matters.",
        ),
    ],
)
def test_what_the_backend_cannot_do_is_refused(speaker: Speaker, source: str, text: str) -> None:
    assert speaker.refusal(source) == text


def test_a_session_is_left_out(speaker: Speaker) -> None:
    source = "from keras.backend.tensorflow_backend import set_session\nset_session(None)"
    assert speaker.notes(source) == [
        "keras.backend.tensorflow_backend was read as keras.backend.",
        "keras.backend.set_session was left out: Keras 3 has no sessions.",
    ]
    assert speaker.refusal("keras.backend.set_session(None)", translate=False) == (
        "keras.backend.set_session belongs to an older Keras. "
        "Leave it out: Keras 3 has no sessions."
    )


@pytest.mark.parametrize("home", ["keras.utils", "keras.utils.np_utils", "tensorflow.keras.utils"])
def test_classes_are_counted_by_another_name(speaker: Speaker, home: str) -> None:
    answer = speaker.ask(
        f"from {home} import to_categorical\n"
        "it = to_categorical([0, 1], nb_classes=3).tolist() + to_categorical([0, 1], 3).tolist()"
    )
    assert answer["error"] is None
    assert answer["old"] == "[" + ", ".join(["[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]"] * 2) + "]"
    told = "to_categorical(nb_classes=3) was read as to_categorical(num_classes=3)."
    assert answer["notes"][-1] == told
    assert speaker.refusal("keras.utils.to_categorical([1], nb_classes=3)", translate=False) == (
        "to_categorical(nb_classes=3) belongs to an older Keras. "
        "Write to_categorical(num_classes=3)."
    )
