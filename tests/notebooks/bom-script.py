# Aufgabe 2 - gespeichert mit dem Windows-Editor
import numpy as np
from keras.datasets import mnist
from keras.layers import Conv2D, Dense, Flatten, Input, MaxPooling2D
from keras.models import Model

(x_train, y_train), (x_test, y_test) = mnist.load_data()
anzahl_klassen = len(np.unique(y_train))


def build_cnn():
    eingang = Input(shape=(28, 28, 1))
    h = Conv2D(13, (3, 3), activation="relu")(eingang)
    h = MaxPooling2D((2, 2))(h)
    h = Conv2D(26, (3, 3), activation="relu")(h)
    h = MaxPooling2D((2, 2))(h)
    h = Flatten()(h)
    ausgang = Dense(anzahl_klassen, activation="softmax")(h)
    return Model(eingang, ausgang)


if __name__ == "__main__":
    netz = build_cnn()
    netz.compile(optimizer="rmsprop", loss="sparse_categorical_crossentropy")
    netz.fit(x_train[..., np.newaxis] / 255, y_train, epochs=3)
    netz.save("netz.keras")
