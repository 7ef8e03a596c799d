"""Which video file is written how: container, codec and their options, chosen by the name's ending."""

from dataclasses import dataclass, field, replace
from fractions import Fraction

from figureground.errors import OptionError
from figureground.writers.plan import Plan


@dataclass(frozen=True)
class Format:
    """One way to write a video.

    Attributes:
        container: FFmpeg's name of the muxer.
        codec: FFmpeg's name of the video encoder.
        pixels: FFmpeg's name of the pixel format.
        options: for the encoder.
        header: for the muxer.
        sound: codecs of sound that are copied as they are; none for .avi, which keeps no times of sound,
            so that its sound has to start with the pictures exactly.
        sound_codec: FFmpeg's name of the encoder for any other sound.
        tick: times are multiples of it, in seconds; None = of the source's time base, so exact.
    """

    container: str
    codec: str
    pixels: str
    options: dict[str, str]
    header: dict[str, str] = field(default_factory=dict)
    sound: tuple[str, ...] = ()
    sound_codec: str = ""
    tick: Fraction | None = None

    @property
    def block(self) -> int:
        """The sides of pictures given to the encoder must be multiples of this.

        4:2:0 needs even sides, which players then show. ProRes takes any, but prores_ks gives other
        bytes each time where its 16 x 16 blocks are incomplete, so it gets whole ones, and players are
        told the true size.
        """
        return 16 if self.codec == "prores_ks" else 2 if "420" in self.pixels else 1


_H264 = {"preset": "veryfast", "crf": "18", "bf": "0", "g": "128"}  # no B-frames: see spool.py
_VP9 = {"deadline": "realtime", "cpu-used": "8", "crf": "24", "b": "0", "row-mt": "1"}
_VP9 |= {"auto-alt-ref": "0", "lag-in-frames": "0", "g": "128"}
_PRORES = {"profile": "4444", "vendor": "apl0"}
_MJPEG = {"flags": "+qscale", "global_quality": str(2 * 118)}  # 118 = FF_QP2LAMBDA; 2 = nearly lossless
_FFV1 = {"level": "3", "slices": "4", "slicecrc": "1", "g": "1"}

_MP4_SOUND = ("aac", "mp3", "ac3", "eac3", "alac")
_MOV_SOUND = (*_MP4_SOUND, "pcm_s16le", "pcm_s24le", "pcm_s16be", "pcm_s24be")
_MKV_SOUND = (*_MOV_SOUND, "opus", "vorbis", "flac", "mp2", "dts", "pcm_u8", "pcm_f32le")
_FASTSTART = {"movflags": "+faststart"}
_SAME_BYTES = {"fflags": "+bitexact"}  # Matroska files else carry a random number
_MILLISECOND = Fraction(1, 1000)

_MP4 = Format("mp4", "libx264", "yuv420p", _H264, _FASTSTART, _MP4_SOUND, "aac")
_VIDEO = {
    ".mp4": _MP4,
    ".m4v": _MP4,
    ".mov": Format("mov", "libx264", "yuv420p", _H264, _FASTSTART, _MOV_SOUND, "aac"),
    ".mkv": Format("matroska", "libx264", "yuv420p", _H264, _SAME_BYTES, _MKV_SOUND, "aac", _MILLISECOND),
    ".webm": Format(
        "webm", "libvpx-vp9", "yuv420p", _VP9, _SAME_BYTES, ("opus", "vorbis"), "libopus", _MILLISECOND
    ),
    ".avi": Format("avi", "mjpeg", "yuvj420p", _MJPEG, sound_codec="pcm_s16le"),
}
_TRANSPARENT = {
    ".mov": Format("mov", "prores_ks", "yuva444p10le", _PRORES, _FASTSTART, _MOV_SOUND, "aac"),
    ".webm": Format(
        "webm", "libvpx-vp9", "yuva420p", _VP9, _SAME_BYTES, ("opus", "vorbis"), "libopus", _MILLISECOND
    ),
}
_MASKS = {".mkv": Format("matroska", "ffv1", "gray", _FFV1, _SAME_BYTES, tick=_MILLISECOND)}

VIDEO_SUFFIXES = (*_VIDEO,)


def choose_format(plan: Plan) -> Format:
    """How `plan` is written, by the ending of its path.

    Raises:
        OptionError: such a file cannot hold it; the message lists those that can.
    """
    what, table = "video", _VIDEO
    if plan.kind == "masks":
        what, table = "a lossless mask video", _MASKS
    elif plan.transparent:
        what, table = "a transparent video", _TRANSPARENT
    suffix = plan.path.suffix.lower()
    if suffix not in table:
        choices = ", ".join(table)
        raise OptionError(
            f"{plan.path}: {what} cannot be written as {suffix}; choose {choices}, .png for a single picture,"
            " or a folder (a name without an ending, or with / at its end) for a picture a frame"
        )
    chosen = table[suffix]
    if plan.quality is None or "crf" not in chosen.options:
        return chosen
    if not 0 <= plan.quality <= 51:
        raise OptionError(f"quality must be 0 (best) to 51, got {plan.quality}")
    return replace(chosen, options={**chosen.options, "crf": str(plan.quality)})
