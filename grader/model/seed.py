"""Randomness as a function of one number. Runs where Keras is: in a fork."""

from __future__ import annotations

import keras
import tensorflow as tf


def seed_everything(seed: int) -> None:
    """Make all that follows in this process a function of ``seed``: weights, order, dropout.

    One thread within an operation, and deterministic operations: then the same sums are added
    in the same order, and the weights come out bit for bit the same.
    """
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
