"""Trains the network of a configuration file, or of the defaults below."""
import json

import keras
import yaml_config
from keras import layers

DEFAULTS = {"filters": 47, "pad": "same", "labels": list("0123456789")}


def build_cnn(cfg):
    return keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(cfg["filters"], 3, padding=cfg["pad"], activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(len(cfg["labels"]), activation="softmax"),
        ]
    )


def main():
    print(json.dumps(DEFAULTS))


if __name__ == "__main__":
    main()
    network = build_cnn(DEFAULTS)
    network.compile("adam", "sparse_categorical_crossentropy")
