"""Ways from a video to a video, all encoded alike, that are timed against one another.

Each takes the input and the output and returns how many frames it wrote.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import cv2
import numpy as np
from av.container import InputContainer, OutputContainer
from av.video.stream import VideoStream

from benchmarks.report import COMMAND
from figureground import load_segmenter, open_source, open_writer, process

X264 = {"preset": "veryfast", "crf": "18", "bf": "0", "g": "128"}
"""What figureground's own .mp4 files are encoded with."""


def cut_in_python(clip: Path, out: Path) -> int:
    """The README's lines."""
    source = open_source(clip)
    segmenter = load_segmenter("background", source)
    writer = open_writer(out, source.info, audio_from=clip if source.info.audio else None, overwrite=True)
    return process(source, segmenter, [writer]).frames


def cut_by_command(clip: Path, out: Path) -> int:
    """`figureground cut`, with its start as a process of its own."""
    line = [str(COMMAND), "cut", str(clip), "-o", str(out), "--overwrite", "--quiet", "--json"]
    run = subprocess.run(line, capture_output=True, text=True, check=True)
    return int(json.loads(run.stdout)["inputs"][0]["frames"])


def copy(clip: Path, out: Path) -> int:
    """The floor: each frame is decoded to RGB, does nothing, and is encoded."""
    frames = 0
    with _reading(clip) as (container, source), _writing(out, source) as (output, stream):
        for frame in container.decode(source):
            picture = av.VideoFrame.from_ndarray(frame.to_ndarray(format="rgb24"), format="rgb24")
            output.mux(stream.encode(picture))
            frames += 1
    return frames


def cut_by_mog2(clip: Path, out: Path) -> int:
    """What one writes after reading OpenCV's tutorial, but read and written with PyAV.

    (cv2.VideoCapture ends the whole process on some damaged .avi files, and cv2.VideoWriter's H.264
    is not in OpenCV's wheels.)
    """
    subtractor, kernel = cv2.createBackgroundSubtractorMOG2(), np.ones((3, 3), np.uint8)
    frames = 0
    with _reading(clip) as (container, source), _writing(out, source) as (output, stream):
        for frame in container.decode(source):
            image = frame.to_ndarray(format="bgr24")
            mask = subtractor.apply(image)
            _, mask = cv2.threshold(mask, 200, 255, cv2.THRESH_BINARY)  # 127 is shadow
            mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel)
            cut = np.asarray(cv2.bitwise_and(image, image, mask=mask), np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(cut, format="bgr24")))
            frames += 1
    return frames


@contextmanager
def _reading(clip: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The file and its video stream, decoded with all processors."""
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        yield container, stream


@contextmanager
def _writing(out: Path, source: VideoStream) -> Iterator[tuple[OutputContainer, VideoStream]]:
    """A file of pictures of the source's size, less an odd row or column; it gets all the encoder holds."""
    with av.open(str(out), "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=source.average_rate)
        stream.height, stream.width = source.height // 2 * 2, source.width // 2 * 2
        stream.pix_fmt, stream.options = "yuv420p", dict(X264)
        stream.codec_context.thread_count = 0
        yield container, stream
        container.mux(stream.encode())
