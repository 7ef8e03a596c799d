"""What importing costs and loads: each is tried in a fresh process."""

import re
import subprocess
import sys
import time

import pytest

import figureground

HEAVY = "torch", "av", "cv2", "PIL", "numpy", "scipy", "rich", "msgspec", "pycocotools"


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    "code",
    [
        "import figureground",
        "from figureground.apps.cli.main import main; main(['--help'])",
        "from figureground.apps.cli.main import main; main(['--version'])",
        "from figureground.apps.cli.main import main; main(['cut', '--help'])",
        "from figureground.apps.cli.main import main; main(['dataset', '--help'])",
        "from figureground.apps.cli.main import main; main(['dataset', 'convert', '--help'])",
    ],
)
def test_nothing_heavy_is_loaded(code: str) -> None:
    out = python(f"{code}\nimport sys; print('loaded:', *(name for name in {HEAVY} if name in sys.modules))")
    assert out.splitlines()[-1] == "loaded:"


@pytest.mark.parametrize(
    ("code", "limit"),
    [
        ("import figureground", 0.5),
        ("from figureground.apps.cli.main import main; main(['--help'])", 0.8),
    ],
)
def test_it_is_quick(code: str, limit: float) -> None:
    times = []
    for _ in range(5):
        began = time.perf_counter()
        python(code)
        times.append(time.perf_counter() - began)
    assert min(times) < limit  # the least of a few: a busy machine is not what is measured


def test_torch_is_never_needed() -> None:
    code = "import figureground, sys\nfor name in figureground.__all__: getattr(figureground, name)\n"
    assert python(code + "print('torch' in sys.modules)") == "False\n"


def test_public_names() -> None:
    for name in figureground.__all__:
        assert getattr(figureground, name).__name__ == name
    assert set(figureground.__all__) <= set(dir(figureground))
    with pytest.raises(AttributeError, match="module 'figureground' has no attribute 'nosuch'"):
        figureground.nosuch  # noqa: B018


def test_version() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", figureground.__version__)
    from importlib.metadata import version

    assert version("figureground") == figureground.__version__
