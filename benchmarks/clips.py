"""Videos to measure with: made scenes rendered once, looped or shortened without being coded anew."""

from fractions import Fraction
from pathlib import Path

import av

from figureground.testing import made_scene

RATE = 30
ANIMALS = 8
SEED = 1
RENDERED = 5
"""Seconds that are rendered; a longer clip repeats them, as rendering a 1080p frame takes half a second."""


def make_clip(path: Path, size: tuple[int, int], seconds: float, rendered: float = RENDERED) -> Path:
    """`path`, a video of a made scene: `size` (h, w), animals on a textured, noisy ground.

    H.264 as cameras write it: a key frame a second, no B-frames. It lasts `seconds`, up to whole
    repetitions of the `rendered` first ones.
    """
    part = path.with_suffix(".part.mp4")
    times = max(1, round(seconds / rendered))
    frames = max(1, round(min(seconds, rendered) * RATE))
    scene = made_scene(size, frames=frames, animals=ANIMALS, seed=SEED, rate=Fraction(RATE))
    with av.open(str(part), "w") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.height, stream.width = size
        stream.pix_fmt = "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "22", "bf": "0", "g": str(RATE)}
        for frame in scene:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame.image, format="rgb24")))
        container.mux(stream.encode())
    loop_clip(part, path, times)
    part.unlink()
    return path


def loop_clip(clip: Path, path: Path, times: int) -> Path:
    """`path`, `clip` played `times` times: its packets copied, with their times moved on."""
    with av.open(str(path), "w") as output:
        stream, shift = None, 0
        for _ in range(times):
            with av.open(str(clip)) as source:
                video = source.streams.video[0]
                stream = stream or output.add_stream_from_template(video)
                end = shift
                for packet in source.demux(video):
                    if packet.dts is None or packet.pts is None:
                        continue  # the demuxer's last, empty one
                    packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, stream
                    end = max(end, packet.pts + (packet.duration or 0))
                    output.mux(packet)
                shift = end
    return path


def shorten_clip(clip: Path, path: Path, seconds: float) -> Path:
    """`path`, the packets of the first `seconds` of `clip`; its sound is left out."""
    with av.open(str(clip)) as source, av.open(str(path), "w") as output:
        video = source.streams.video[0]
        stream = output.add_stream_from_template(video)
        for packet in source.demux(video):
            if packet.dts is None:
                continue
            if packet.dts * packet.time_base >= seconds:
                break
            packet.stream = stream
            output.mux(packet)
    return path
