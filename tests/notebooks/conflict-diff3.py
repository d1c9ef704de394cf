"""LeNet-5 for the second exercise."""
from tensorflow import keras
from tensorflow.keras import layers


def build_cnn(input_shape=(28, 28, 1), classes=10):
    return keras.Sequential(
        [
            keras.Input(input_shape),
<<<<<<< ours
            layers.Conv2D(6, 5, padding="same", activation="tanh"),
||||||| base
            layers.Conv2D(6, 5, activation="sigmoid"),
=======
            layers.Conv2D(6, 3, padding="same", activation="relu"),
>>>>>>> theirs
            layers.MaxPooling2D(),
            layers.Conv2D(16, 5, activation="tanh"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(120, activation="tanh"),
            layers.Dense(84, activation="tanh"),
            layers.Dense(classes, activation="softmax"),
        ]
    )


if __name__ == "__main__":
    model = build_cnn()
    model.summary()
