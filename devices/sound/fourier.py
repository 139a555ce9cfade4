"""Fourier transforms of real sound, in single precision where the sound is.

numpy's, whose types know only double precision. scipy's would do, too, but their import takes a
quarter of a second, and a sound process that starts again is waited for.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def rfft(sound: NDArray[np.floating], size: int | None = None) -> NDArray[Any]:
    """Of the last axis; filled with zeros, or cut, to `size`."""
    return np.fft.rfft(sound, size)


def irfft(spectrum: NDArray[Any], size: int | None = None) -> NDArray[Any]:
    """Of the last axis; `size` samples, an even number where it is not said."""
    return np.fft.irfft(spectrum, size)
