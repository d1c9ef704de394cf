"""LeNet, written as a class method with settings for colour images by default."""
import os

import keras
from keras import layers


class Network:
    activation = "tanh"


class LeNet(Network):
    first = 12

    @classmethod
    def build(cls, input_shape=(32, 32, 3), classes=10):
        second = 2 * cls.first
        return keras.Sequential(
            [
                layers.Input(input_shape),
                layers.Conv2D(cls.first, 5, padding="same", activation=cls.activation),
                layers.MaxPooling2D(),
                layers.Conv2D(second, 5, activation=cls.activation),
                layers.MaxPooling2D(),
                layers.Flatten(),
                layers.Dense(10 * second, activation=cls.activation),
                layers.Dense(classes, activation="softmax"),
            ]
        )


if __name__ == "__main__":
    os.makedirs("/results/lenet", exist_ok=True)
    net = LeNet.build((28, 28, 1))
    net.save("/results/lenet/net.keras")
