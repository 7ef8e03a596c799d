"""`figureground doctor`: what one pastes into a bug report."""

import importlib.metadata
import importlib.util
import os
import platform
import shutil

from figureground.apps.cli import options
from figureground.apps.cli.show import put, put_json

PACKAGES = (
    "numpy",
    "opencv-python-headless",
    "opencv-contrib-python-headless",
    "av",
    "pillow",
    "msgspec",
    "pycocotools",
)
OPTIONAL = ("onnxruntime", "torch", "torchvision", "pyarrow", "scipy", "sleap-io")
CODECS = ("libx264", "libvpx-vp9", "prores_ks", "ffv1", "mjpeg", "png", "aac", "libopus")


def doctor(as_json: options.Json = False) -> int:
    """Show versions, codecs and devices: paste this into a bug report."""
    facts = examine()
    if as_json:
        put_json(facts)
    else:
        width = max(map(len, facts))
        for name, value in facts.items():
            put(f"{name:<{width}}  {', '.join(value) if isinstance(value, list) else value}")
    return 1 if facts["codecs_missing"] else 0


def examine() -> dict[str, str | list[str]]:
    """What this machine has, by name."""
    from figureground import __version__

    facts: dict[str, str | list[str]] = {
        "figureground": __version__,
        "python": f"{platform.python_version()} ({platform.python_implementation()})",
        "system": platform.platform(),
        "cpus": str(os.cpu_count()),
    }
    for name in (*PACKAGES, *OPTIONAL):
        version = _version(name)
        if version or name in PACKAGES[:2]:
            facts[name] = version or "missing"
    facts["opencv"] = _opencv()
    facts["ffmpeg"], facts["codecs"], facts["codecs_missing"] = _ffmpeg()
    facts["gpu"] = _gpu()
    free = shutil.disk_usage(".").free / 2**30
    facts["free_disk_here"] = f"{free:.1f} GiB"
    return facts


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _opencv() -> str:
    try:
        import cv2
    except ImportError as error:
        return f"cannot be loaded: {error}"
    return f"{cv2.__version__}, {cv2.getNumThreads()} threads"


def _ffmpeg() -> tuple[str, list[str], list[str]]:
    """Versions of FFmpeg's libraries, the encoders that are there, and those that are not."""
    try:
        import av
    except ImportError as error:
        return f"cannot be loaded: {error}", [], list(CODECS)
    versions = (f"{name} {'.'.join(map(str, number))}" for name, number in av.library_versions.items())
    there = [name for name in CODECS if _encoder(name)]
    return ", ".join(versions), there, [name for name in CODECS if name not in there]


def _encoder(name: str) -> bool:
    import av

    try:
        av.Codec(name, "w")
    except ValueError:
        return False
    return True


def _gpu() -> str:
    if importlib.util.find_spec("torch") is None:
        return "not looked for (torch is not installed; nothing here needs it)"
    try:
        torch = importlib.import_module("torch")
    except (ImportError, OSError) as error:
        return f"torch cannot be loaded: {error}"
    if not torch.cuda.is_available():
        return "none that torch can use"
    return str(torch.cuda.get_device_name())
