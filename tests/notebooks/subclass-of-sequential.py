import keras
from keras import layers


class SmallNet(keras.Sequential):
    """A Sequential that adds its own layers."""

    def __init__(self, n=21):
        super().__init__(name="small_net")
        self.add(keras.Input((28, 28, 1)))
        self.add(layers.Conv2D(n, 5, activation="relu"))
        self.add(layers.MaxPooling2D())
        self.add_end(n // 3)

    def add_end(self, n):
        self.add(layers.Conv2D(n, 3, activation="relu"))
        self.add(layers.Flatten())
        self.add(layers.Dense(10, activation="softmax"))


model = SmallNet()

if __name__ == "__main__":
    model.summary()
