"""Small clips with known pixels and times, and ways to read results back that share no code with writers."""

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from figureground.frames import Frame, SourceInfo
from figureground.instances import Instances

Clip = list[tuple[Frame, Instances]]


def made_clip(size=(38, 46), count=20, times=None, start=0) -> Clip:
    """A bright square of 12 x 10 pixels that moves over a grey slope; frames at 25 a second or at `times`."""
    height, width = size
    slope = np.broadcast_to(np.linspace(60, 120, width), size)
    clip = []
    for i in range(count):
        index = start + i
        image = np.stack([slope, slope * 0.8, slope * 0.6], 2).astype(np.uint8)
        y, x = index * 3 % (height - 12), index * 5 % (width - 10)
        mask = np.zeros(size, bool)
        mask[y : y + 12, x : x + 10] = True
        image[mask] = (220, 150, (7 * index) % 200)
        time = Fraction(index, 25) if times is None else times[i]
        clip.append((Frame(image, index, time), Instances.from_dense([mask], ids=[4])))
    return clip


def info_of(clip: Clip, **changed) -> SourceInfo:
    known = {
        "name": "clip",
        "kind": "video",
        "size": clip[0][0].size,
        "rate": Fraction(25),
        "count": len(clip),
        "duration": None,
        "time_base": Fraction(1, 25),
    }
    return SourceInfo(**{**known, **changed})


def write_all(writer, clip: Clip):
    with writer:
        for frame, found in clip[writer.done :]:
            writer.write(frame, found)
    return writer


def read_times(path: Path) -> list[Fraction]:
    with av.open(str(path)) as file:
        return [frame.pts * frame.time_base for frame in file.decode(video=0)]


def read_frames(path: Path, format="rgb24", decoder=None) -> list[np.ndarray]:
    with av.open(str(path)) as file:
        if decoder is None:
            return [frame.to_ndarray(format=format) for frame in file.decode(video=0)]
        context = av.CodecContext.create(decoder, "r")
        packets = [packet for packet in file.demux(video=0) if packet.size]
        return [f.to_ndarray(format=format) for packet in (*packets, None) for f in context.decode(packet)]


def read_atoms(path: Path) -> list[str]:
    """The names of an MP4's outermost boxes, in their order."""
    data, at, names = path.read_bytes(), 0, []
    while at < len(data):
        size, name = struct.unpack(">I4s", data[at : at + 8])
        names.append(name.decode())
        at += size if size != 1 else struct.unpack(">Q", data[at + 8 : at + 16])[0]
    return names
