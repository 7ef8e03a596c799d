"""The five lines that do what `figureground cut` does.

python examples/cut_video.py VIDEO OUT
"""

import sys

from figureground import load_segmenter, open_source, open_writer, process


def cut(video: str, out: str) -> None:
    """Write only the figures of `video` to `out`, with its sound."""
    source = open_source(video)
    segmenter = load_segmenter("background", source)
    writer = open_writer(out, source.info, audio_from=video if source.info.audio else None)
    summary = process(source, segmenter, [writer])
    print(f"{summary.frames} frames, {summary.figures / summary.frames:.1f} figures each, {out}")


if __name__ == "__main__":
    cut(*sys.argv[1:])
