"""Makes ``digits.npz`` from scikit-learn's copy of the UCI digits.

scikit-learn is needed for this only: ``pip install scikit-learn``, then run this file.
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

if __name__ == "__main__":
    digits = load_digits()
    np.savez_compressed(
        Path(__file__).with_name("digits.npz"),
        images=digits.images.astype(np.uint8),
        labels=digits.target.astype(np.uint8),
    )
