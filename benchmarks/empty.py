"""How right the empty picture is, on clips composed over grounds that are known; and how right the shifts.

python -m benchmarks.empty [-o JSON] [--clips walking ...] [--ways ...] [--seeds 0 1 ...]

Figures are cut-outs with alpha (a picture with alpha, or a picture and its alpha as a .png of the same
name), grounds are crops of panoramas (.hdr). Each clip is 80 samples, or fewer, of a video of 2 minutes.
An error is that of the largest channel, over the pixels that a figure ever covered: their mean, and the
share of those off by more than 20 levels. The ways to find the empty picture:

    figureground  this project's estimate
    median        the median of the samples
    quiet         the median of those samples in which the pixel's surroundings keep still
    oracle        the median of the samples in which no figure covers the pixel, told by the truth, after
                  the true shift and light are taken back; a pixel that is always covered keeps the median
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.report import DATA, parser, save, table
from figureground import Frame
from figureground.background.estimate import SAMPLES, fit_background
from figureground.background.registration import fit_reference, fit_shift, unshift
from figureground.frames import Image

Bool: TypeAlias = npt.NDArray[np.bool_]
Float: TypeAlias = npt.NDArray[np.float32]

SIZE = 240, 320
MARGIN = 16  # pixels of the ground around the view, for a camera that shakes
OFF = 20  # grey levels
PATCH, CALM = 5, 8.0  # the quiet median: pixels of the surroundings, grey levels of their mean change


@dataclass(frozen=True)
class Plan:
    """What happens in a clip.

    Attributes:
        walkers: figures that cross the picture, again and again.
        sitters: figures that sit in one place for `sits` of the time, first or last, and walk else.
        sits: 0..1; 1 never leaves.
        creepers: figures that move by less than their length in the whole clip.
        samples: pictures in the clip.
        shake: pixels that the camera moves by, at most.
        flicker: the light changes from picture to picture by this factor, at most.
        waving: pixels that half of the ground moves by, to and fro.
        noise: standard deviation of the camera's noise, in grey levels.
        height: of a figure, as a share of the picture's.
        alike: whether all figures of the clip are the same one, as animals of one kind are.
    """

    walkers: int = 0
    sitters: int = 0
    sits: float = 0.5
    creepers: int = 0
    samples: int = SAMPLES
    shake: float = 0.0
    flicker: float = 0.0
    waving: float = 0.0
    noise: float = 2.0
    height: float = 0.3
    alike: bool = False


CLIPS = {
    "walking": Plan(walkers=3),
    "sits 50 %": Plan(walkers=1, sitters=2),
    "sits 75 %": Plan(walkers=1, sitters=2, sits=0.75),
    "sits always": Plan(walkers=3, sitters=1, sits=1.0, alike=True, height=0.2),
    "creeping": Plan(creepers=2),
    "crowd": Plan(walkers=12, sitters=2),
    "shaking": Plan(walkers=3, shake=5.0),
    "flicker": Plan(walkers=3, sitters=1, flicker=0.15),
    "waving": Plan(walkers=3, waving=3.0),
    "24 samples": Plan(walkers=2, sitters=1, samples=24),
    "9 samples": Plan(walkers=2, samples=9),
}


class Clip(NamedTuple):
    """A composed clip and its truth.

    Attributes:
        pictures: (n, h, w, 3) uint8 RGB.
        covered: (n, h, w) bool: where a figure is, also in part.
        ground: (h, w, 3) uint8: the empty scene as the middle picture would show it.
        shifts: (n, 2) float: dx, dy in pixels of each picture against the middle one.
        gains: (n,) float: its light against the middle one's.
    """

    pictures: npt.NDArray[np.uint8]
    covered: Bool
    ground: Image
    shifts: npt.NDArray[np.float64]
    gains: npt.NDArray[np.float64]


def read_figures(folder: Path, most: int = 40) -> list[Image]:
    """The cut-outs (h, w, 4) uint8 RGBA of `folder`, cropped to what is not clear."""
    found = []
    for path in sorted(folder.rglob("*.png"))[:most]:
        alpha = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        photo = cv2.imread(str(path.with_suffix(".jpg"))) if path.with_suffix(".jpg").exists() else None
        if photo is not None:
            alpha = np.dstack([photo, alpha if alpha.ndim == 2 else alpha[..., -1]])
        if alpha.ndim == 3 and alpha.shape[2] == 4:
            x, y, w, h = cv2.boundingRect((alpha[..., 3] > 127).astype(np.uint8))
            found.append(np.ascontiguousarray(alpha[y : y + h, x : x + w][..., [2, 1, 0, 3]]))
    return found


def read_ground(path: Path, rng: np.random.Generator) -> Image:
    """A crop (h, w, 3) uint8 RGB of a panorama, with a margin; below or at its horizon."""
    light = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)[..., ::-1]
    tone = light / (light + 0.8 * np.median(light))
    height, width = SIZE[0] + 2 * MARGIN, SIZE[1] + 2 * MARGIN
    top = rng.integers(80, tone.shape[0] - height - 20)
    left = rng.integers(0, tone.shape[1] - width)
    crop = tone[top : top + height, left : left + width]
    return np.ascontiguousarray((30 + 200 * crop).clip(0, 255).astype(np.uint8))


def make_clip(plan: Plan, figures: Sequence[Image], ground: Image, seed: int) -> Clip:
    """Compose the clip of `plan` over `ground`, which has a margin."""
    rng = np.random.default_rng((seed, 1))
    actors = _actors(plan, figures, rng)
    moments = np.linspace(0, 1, plan.samples)
    shifts = plan.shake * np.stack([np.sin(37 * moments), np.sin(53 * moments + 1)], 1)
    shifts -= shifts[plan.samples // 2]
    gains = 1 + plan.flicker * rng.uniform(-1, 1, plan.samples)
    gains[plan.samples // 2] = 1
    pictures, covered = [], []
    for number, moment in enumerate(moments.tolist()):
        scene = _waved(ground, plan.waving, rng.uniform(-1, 1)).astype(np.float32)
        cover = np.zeros(ground.shape[:2], np.float32)
        for actor, way in actors:
            _paste(scene, cover, actor, *way(moment))
        scene, cover = (_view(part, shifts[number]) for part in (scene, cover))
        scene = scene * gains[number] + rng.normal(0, plan.noise, scene.shape)
        pictures.append(scene.round().clip(0, 255).astype(np.uint8))
        covered.append(cover > 0.02)
    clear = ground[MARGIN:-MARGIN, MARGIN:-MARGIN]
    return Clip(np.stack(pictures), np.stack(covered), clear, shifts, gains)


Way: TypeAlias = Callable[[float], tuple[float, float]]


def _actors(plan: Plan, figures: Sequence[Image], rng: np.random.Generator) -> list[tuple[Image, Way]]:
    """Each figure at its size, and where its middle is at a moment 0..1 of the clip."""
    chosen = rng.integers(len(figures), size=plan.walkers + plan.sitters + plan.creepers)
    if plan.alike:
        chosen[:] = chosen[0]
    made = []
    for number, index in enumerate(chosen.tolist()):
        height = round(plan.height * SIZE[0] * rng.uniform(0.85, 1.15))
        width = max(3, round(figures[index].shape[1] * height / figures[index].shape[0]))
        actor = cv2.resize(figures[index], (width, height), interpolation=cv2.INTER_AREA)
        if rng.random() < 0.5:
            actor = np.ascontiguousarray(actor[:, ::-1])
        at = rng.uniform(0.2, 0.8, 2) * SIZE[::-1] + MARGIN
        walk = _crossing(rng, width)
        if number < plan.walkers:
            made.append((actor, walk))
        elif number < plan.walkers + plan.sitters:
            made.append((actor, _sitting(at, plan.sits, number % 2 == 0, walk)))
        else:
            made.append((actor, _creeping(at, rng.uniform(0, 2 * np.pi), 0.6 * min(width, height))))
    return made


def _crossing(rng: np.random.Generator, width: int) -> Way:
    times, start = rng.uniform(2, 5), rng.uniform(0, 1)
    height, reach = rng.uniform(0.25, 0.85) * SIZE[0] + MARGIN, SIZE[1] + 2 * MARGIN + width
    turn = rng.choice([-1, 1])
    return lambda t: (((turn * times * t + start) % 1) * reach - width / 2, height + 6 * np.sin(40 * t))


def _sitting(at: npt.NDArray[np.float64], share: float, first: bool, walk: Way) -> Way:
    def way(t: float) -> tuple[float, float]:
        sits = t <= share if first else t >= 1 - share
        return (at[0], at[1]) if sits else walk(t)

    return way


def _creeping(at: npt.NDArray[np.float64], angle: float, length: float) -> Way:
    """Rests, creeps on by a part of its length, and rests again."""
    return lambda t: (
        float(at[0] + length * np.cos(angle) * np.clip(3 * t - 1, 0, 1)),
        float(at[1] + length * np.sin(angle) * np.clip(3 * t - 1, 0, 1)),
    )


def _paste(scene: Float, cover: Float, actor: Image, x: float, y: float) -> None:
    """Put `actor` with its middle at (x, y) onto `scene` and mark it in `cover`, both changed in place."""
    height, width = actor.shape[:2]
    left, top = round(x - width / 2), round(y - height / 2)
    y0, y1 = max(0, top), min(scene.shape[0], top + height)
    x0, x1 = max(0, left), min(scene.shape[1], left + width)
    if y1 <= y0 or x1 <= x0:
        return
    part = actor[y0 - top : y1 - top, x0 - left : x1 - left].astype(np.float32)
    alpha = part[..., 3:] / 255
    scene[y0:y1, x0:x1] += alpha * (part[..., :3] - scene[y0:y1, x0:x1])
    cover[y0:y1, x0:x1] = np.maximum(cover[y0:y1, x0:x1], alpha[..., 0])


def _waved(ground: Image, pixels: float, phase: float) -> Image:
    """`ground` with its right half moved to and fro, more where it is higher, as a tree is."""
    if not pixels:
        return ground
    height, width = ground.shape[:2]
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    sway = pixels * np.clip((xs - 0.5 * width) / 20, 0, 1) * np.sin(6 * phase + ys / 15)
    return cv2.remap(
        ground, xs + sway.astype(np.float32), ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )


def _view(part: Float, shift: npt.NDArray[np.float64]) -> Float:
    """What a camera moved by `shift` sees of a picture with margin."""
    moved = np.array([[1, 0, shift[0] - MARGIN], [0, 1, shift[1] - MARGIN]], np.float32)
    return cv2.warpAffine(
        part, moved, SIZE[::-1], flags=cv2.INTER_CUBIC if part.ndim == 3 else cv2.INTER_LINEAR
    )


def fitted(clip: Clip) -> Image:
    """This project's estimate."""
    return fit_background(_frames(clip.pictures)).picture


def median(clip: Clip) -> Image:
    """The median of all samples."""
    return np.median(clip.pictures, axis=0).round().astype(np.uint8)


def quiet(clip: Clip) -> Image:
    """The median of the samples whose surroundings keep still; of all where there is none."""
    steps = [
        cv2.blur(cv2.absdiff(a, b).max(-1).astype(np.float32), (PATCH, PATCH)) > CALM
        for a, b in zip(clip.pictures[:-1], clip.pictures[1:], strict=True)
    ]
    moving = np.zeros(clip.covered.shape, bool)
    moving[:-1] |= steps
    moving[1:] |= steps
    return _median_of(clip.pictures, ~moving)


def oracle(clip: Clip) -> Image:
    """The median of the samples that show the ground, told by the truth."""
    back, free = [], []
    for picture, covered, shift, gain in zip(*clip[:2], clip.shifts, clip.gains, strict=True):
        level = unshift((picture / np.float32(gain)).astype(np.float32), tuple(shift))
        back.append(level.round().clip(0, 255).astype(np.uint8))
        free.append(unshift(covered.astype(np.float32), tuple(shift), outside=1) < 0.01)
    return _median_of(np.stack(back), np.stack(free))


def _median_of(pictures: npt.NDArray[np.uint8], use: Bool) -> Image:
    everywhere = use | ~use.any(0)
    picked = np.where(everywhere[..., None], pictures.astype(np.float32), np.nan)
    return np.nanmedian(picked, axis=0).round().astype(np.uint8)


WAYS: dict[str, Callable[[Clip], Image]] = {
    "figureground": fitted,
    "median": median,
    "quiet": quiet,
    "oracle": oracle,
}


def _frames(pictures: npt.NDArray[np.uint8]) -> Iterator[Frame]:
    return (Frame(picture, index, Fraction(index)) for index, picture in enumerate(pictures))


def judge(found: Image, clip: Clip) -> tuple[float, float]:
    """Mean error in grey levels, and the share off by more than OFF, where a figure ever was.

    Example:
        >>> ground = np.full((2, 2, 3), 90, np.uint8)
        >>> covered = np.array([[[True, True], [False, False]]])
        >>> clip = Clip(ground[None], covered, ground, np.zeros((1, 2)), np.ones(1))
        >>> found = ground.copy()
        >>> found[0, 0, 1] += 40
        >>> judge(found, clip)
        (20.0, 0.5)
    """
    edge = int(np.ceil(np.abs(clip.shifts).max())) if clip.shifts.any() else 0
    inside = slice(edge, SIZE[0] - edge), slice(edge, SIZE[1] - edge)
    ever = clip.covered.any(0)[inside]
    off = cv2.absdiff(found, clip.ground).max(-1)[inside][ever]
    return (float(off.mean()), float((off > OFF).mean())) if off.size else (0.0, 0.0)


def judge_shifts(clip: Clip) -> tuple[float, float]:
    """Mean and largest error, in pixels, of the shift of each picture against the middle one."""
    reference = fit_reference(clip.pictures[len(clip.pictures) // 2])
    found = np.array([fit_shift(picture, reference) for picture in clip.pictures])
    off = np.linalg.norm(found - clip.shifts, axis=1)
    return float(off.mean()), float(off.max())


def clip_of(name: str, seed: int, figures: Sequence[Image], grounds: Sequence[Path]) -> Clip:
    """The clip `name` that belongs to `seed`."""
    rng = np.random.default_rng((seed, 0))
    ground = read_ground(grounds[rng.integers(len(grounds))], rng)
    return make_clip(CLIPS[name], figures, ground, seed)


def measure(
    name: str, ways: Sequence[str], seeds: Sequence[int], figures: Sequence[Image], grounds: Sequence[Path]
) -> dict[str, Any]:
    """Some of the ways on the clips `name`, a clip a seed."""
    scores: dict[str, list[tuple[float, float, float]]] = {way: [] for way in ways}
    shifts = []
    for seed in seeds:
        clip = clip_of(name, seed, figures, grounds)
        for way in ways:
            start = time.process_time()
            found = WAYS[way](clip)
            seconds = time.process_time() - start
            scores[way].append((*judge(found, clip), seconds))
        if CLIPS[name].shake:
            shifts.append(judge_shifts(clip))
    means = {way: np.mean(rows, axis=0).round(4).tolist() for way, rows in scores.items()}
    each = {way: np.round(rows, 4).tolist() for way, rows in scores.items()}
    return {"clip": name, "means": means, "each": each, "shifts": np.round(shifts, 4).tolist()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Try all ways on all clips; show and save the errors."""
    options = parser(__doc__)
    options.add_argument("--clips", nargs="+", default=list(CLIPS), choices=list(CLIPS))
    options.add_argument("--ways", nargs="+", default=list(WAYS), choices=list(WAYS))
    options.add_argument("--seeds", nargs="+", type=int, default=range(6))
    options.add_argument("--figures", type=Path, default=DATA / "cutouts")
    options.add_argument("--grounds", type=Path, default=DATA / "backgrounds/hdri_cc0")
    chosen = options.parse_args(arguments)
    cv2.setNumThreads(1)
    figures, grounds = read_figures(chosen.figures), sorted(chosen.grounds.glob("*.hdr"))
    results = [measure(name, chosen.ways, chosen.seeds, figures, grounds) for name in chosen.clips]
    lines = [[one["clip"], *map(_shown, one["means"].values())] for one in results]
    print(table(["mean error, off, s", *chosen.ways], lines))
    for one in results:
        if one["shifts"]:
            mean, largest = np.mean(one["shifts"], axis=0)[0], np.max(one["shifts"], axis=0)[1]
            print(f"\n{one['clip']}: shifts are off by {mean:.2f} pixels on average, {largest:.2f} at most")
    save(chosen.out, {"seeds": list(chosen.seeds), "size": SIZE, "off": OFF}, results)


def _shown(mean: Sequence[float]) -> str:
    return f"{mean[0]:.1f}, {mean[1]:.1%}, {mean[2]:.2f} s"


if __name__ == "__main__":
    main()
