#!/usr/bin/python3
# -*- coding: euc-kr -*-
# 인공지능 기초 과제 2 (합성곱 신경망)
from tensorflow.keras.layers import Conv2D, Dense, Flatten, MaxPool2D
from tensorflow.keras.models import Sequential

제목 = "숫자 분류기"


def build_cnn():
    model = Sequential()
    model.add(Conv2D(17, 3, activation="relu", input_shape=(28, 28, 1)))
    model.add(MaxPool2D())  # 크기를 반으로
    model.add(Conv2D(34, 3, activation="relu"))
    model.add(Flatten())
    model.add(Dense(10, activation="softmax"))
    print(제목, model.count_params())
    return model
