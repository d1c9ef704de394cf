# -*- coding: latin-1 -*-
import keras

name = 'é'
model = keras.Sequential([keras.layers.Dense(10)])
model.add(None)
