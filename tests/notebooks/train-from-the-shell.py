# USAGE
# python train-from-the-shell.py --dataset digits --model output/lenet.keras

# import the necessary packages
import argparse
import pickle

import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from imutils import paths
from sklearn.preprocessing import LabelBinarizer
from tensorflow.keras.layers import Activation, Conv2D, Dense, Flatten, MaxPooling2D
from tensorflow.keras.models import Sequential
from tensorflow.keras.optimizers import SGD


class LeNet:
    @staticmethod
    def build_cnn(width, height, depth, classes):
        model = Sequential()
        model.add(Conv2D(20, (5, 5), padding="same", activation="relu",
                         input_shape=(height, width, depth)))
        model.add(MaxPooling2D(pool_size=(2, 2), strides=(2, 2)))
        model.add(Conv2D(50, (5, 5), padding="same", activation="relu"))
        model.add(MaxPooling2D(pool_size=(2, 2), strides=(2, 2)))
        model.add(Flatten())
        model.add(Dense(500, activation="relu"))
        model.add(Dense(classes, activation="softmax"))
        return model


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("-d", "--dataset", required=True, help="path to the folder of images")
    ap.add_argument("-m", "--model", required=True, help="path to the output model")
    ap.add_argument("-p", "--plot", default="plot.png")
    args = vars(ap.parse_args())

    labels = [path.split("/")[-2] for path in paths.list_images(args["dataset"])]
    lb = LabelBinarizer()
    labels = lb.fit_transform(labels)
    model = LeNet.build_cnn(width=28, height=28, depth=1, classes=len(lb.classes_))
    model.compile(loss="categorical_crossentropy", optimizer=SGD(0.01), metrics=["accuracy"])
    history = model.fit(np.load("x.npy"), labels, epochs=75)
    plt.plot(history.history["loss"])
    plt.savefig(args["plot"])
    pickle.dump(lb, open("lb.pickle", "wb"))
