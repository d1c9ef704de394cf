"""Understanding older Keras as a whole, and what it leaves as it was."""

from __future__ import annotations

import subprocess
import sys

from tests.sandbox.old_keras.speaking import Speaker


def test_it_imports_neither_keras_nor_tensorflow_by_itself() -> None:
    source = (
        "import sys, grader.sandbox.old_keras\n"
        "print([name for name in ('keras', 'tensorflow', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


MNIST_OF_KERAS_1 = """
from keras.models import Sequential
from keras.layers.core import Dense, Dropout, Activation, Flatten
from keras.layers.convolutional import Convolution2D, MaxPooling2D
from keras.utils import np_utils
from keras.optimizers import SGD
from keras.regularizers import l2
from keras import backend as K
K.set_image_dim_ordering('tf')
it = Sequential()
it.add(Convolution2D(32, nb_row=3, nb_col=3, border_mode='same',
                     batch_input_shape=(None, 28, 28, 1)))
it.add(Activation('relu'))
it.add(MaxPooling2D(pool_size=(2, 2), border_mode='valid', dim_ordering='tf'))
it.add(Dropout(p=0.25))
it.add(Flatten())
it.add(Dense(output_dim=10, init='normal', W_regularizer=l2(l=0.01), activation='softmax'))
it.compile(SGD(lr=0.01, momentum=0.9, decay=1e-6, nesterov=True), 'mse', metrics=['acc'])
"""
MNIST_OF_TODAY = """
it = keras.Sequential()
it.add(layers.Conv2D(32, (3, 3), padding='same', input_shape=(28, 28, 1)))
it.add(layers.Activation('relu'))
it.add(layers.MaxPooling2D((2, 2), padding='valid', data_format='channels_last'))
it.add(layers.Dropout(0.25))
it.add(layers.Flatten())
it.add(layers.Dense(10, kernel_initializer='normal', kernel_regularizer=regularizers.L2(0.01),
                    activation='softmax'))
it.compile(optimizers.SGD(0.01, momentum=0.9, nesterov=True), 'mse', metrics=['acc'])
"""


def test_a_network_of_keras_1_is_todays_byte_for_byte(speaker: Speaker) -> None:
    answer = speaker.ask(MNIST_OF_KERAS_1, MNIST_OF_TODAY)
    assert answer["error"] is None
    assert answer["old"] == answer["today"]
    assert answer["notes"] == [
        "keras.layers.core was read as keras.layers.",
        "keras.layers.convolutional was read as keras.layers.",
        'keras.backend.set_image_dim_ordering("tf") was read as '
        'keras.backend.set_image_data_format("channels_last").',
        'Convolution2D(nb_row=3, nb_col=3, border_mode="same", '
        "batch_input_shape=(None, 28, 28, 1)) was read as "
        'Conv2D(kernel_size=(3, 3), padding="same", input_shape=(28, 28, 1)).',
        'MaxPooling2D(border_mode="valid", dim_ordering="tf") was read as '
        'MaxPooling2D(padding="valid", data_format="channels_last").',
        "Dropout(p=0.25) was read as Dropout(rate=0.25).",
        "L2(l=0.01) was read as L2(l2=0.01).",
        'Dense(output_dim=10, init="normal", W_regularizer=…) was read as '
        'Dense(units=10, kernel_initializer="normal", kernel_regularizer=…).',
        "SGD(decay=1e-06) was read without decay, which Keras 3 ignores: "
        "the learning rate does not fall.",
        "SGD(lr=0.01) was read as SGD(learning_rate=0.01).",
    ]


def test_a_network_in_todays_words_is_nothing_to_say(speaker: Speaker) -> None:
    answer = speaker.ask(MNIST_OF_TODAY, MNIST_OF_TODAY, translate=False)
    assert (answer["error"], answer["notes"]) == (None, [])
    assert answer["old"] == answer["today"]


def test_every_layer_of_keras_can_still_be_inspected_and_saved(speaker: Speaker) -> None:
    source = """
import inspect
it = str([(name, inspect.signature(cls), inspect.getfullargspec(cls.__init__))
          for name, cls in sorted(vars(layers).items())
          if isinstance(cls, type) and "Convolution" not in name])
"""
    answer = speaker.ask(source, source)
    assert answer["error"] is None
    assert answer["old"] == answer["today"]
