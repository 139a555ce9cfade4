"""Cutting a part out of a picture and enlarging it, to a fraction of a pixel: steps of whole pixels
would be seen as a tremble where the cut moves slowly."""

import cv2
import numpy as np
from av.video.frame import VideoFrame

from devices.framing import Crop
from devices.transcode import lines


def cropped(frame: VideoFrame, crop: Crop, width: int, height: int) -> VideoFrame:
    """The part `crop` of a picture, `width` × `height` pixels (both even), in yuv420p."""
    planar = frame if frame.format.name == "yuv420p" else frame.reformat(format="yuv420p")
    part = VideoFrame(width, height, "yuv420p")
    for source, target, step in zip(planar.planes, part.planes, (1, 2, 2), strict=True):
        across, down = frame.width // step, frame.height // step
        size = (width // step, height // step)
        # the middle of a pixel is half a pixel behind its beginning
        wide, high = crop.size * across / size[0], crop.size * down / size[1]
        way = np.array(
            [
                [wide, 0, crop.left * across + wide / 2 - 0.5],
                [0, high, crop.top * down + high / 2 - 0.5],
            ]
        )
        lines(target)[: size[1], : size[0]] = cv2.warpAffine(
            lines(source)[:down, :across],
            way,
            size,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
    return part
