"""Grades Keras notebooks on convolutional networks."""

__version__ = "0.1.0"
