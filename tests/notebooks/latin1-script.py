# -*- coding: latin-1 -*-
# Autor: Íñigo Peña - Visión por Computador - año 2019
from keras.models import Sequential
from keras.layers import Conv2D, Flatten, Dense, InputLayer

DESCRIPCIÓN = "pequeña red convolucional"
tamaño = 5


def build_cnn(input_shape, num_classes):
    """Construye la red según el tamaño de las imágenes."""
    modelo = Sequential(name="peque")
    modelo.add(InputLayer(shape=input_shape))
    modelo.add(Conv2D(15, tamaño, strides=2, activation="relu"))
    modelo.add(Conv2D(30, 3, activation="relu"))
    modelo.add(Flatten())
    modelo.add(Dense(num_classes, activation="softmax"))
    return modelo
