"""Small animals: larvae, worms, insects, mice, fish."""

import numpy as np

from figureground.datasets.compose.rendered.bodies import Part, Skin, blob, chain, limb, moved
from figureground.datasets.compose.rendered.figures import Figure, Pose, plain, skin_colour, some_skin
from figureground.datasets.compose.rendered.textures import Floats, floats

Generator = np.random.Generator


def crawler(rng: Generator, ground: Floats, thick: tuple[float, float], count: int) -> Figure:
    """A chain of rings that bends: larva, worm, caterpillar."""
    radius = rng.uniform(*thick)
    taper = rng.uniform(0.3, 0.9), rng.uniform(0.3, 0.9)
    curl, waves = rng.uniform(0.5, 2.5), rng.uniform(0.2, 1.5)
    pale = rng.random() < 0.5
    colour = (
        np.array([0.75, 0.68, 0.5], np.float32) * rng.uniform(0.5, 1.2) if pale else skin_colour(rng, ground)
    )
    skin = some_skin(rng, np.clip(colour, 0.01, 0.9).astype(np.float32), gloss=0.5)
    head = plain(skin.colour * np.float32(rng.uniform(0.15, 0.9)))
    u = np.linspace(-1, 1, count + 1)
    middle = (u[1:] + u[:-1]) / 2
    radii = radius * (1 - np.where(middle > 0, taper[0], taper[1]) * np.abs(middle) ** 3)

    def body(pose: Pose) -> list[Part]:
        angle = curl * pose.bend * u[1:] + 0.5 * waves * np.sin(6 * pose.phase + 3 * u[1:])
        length = (1 + 0.08 * np.sin(9 * pose.phase)) / count
        spine = (
            np.concatenate([[0], np.cumsum(np.cos(angle))]),
            np.concatenate([[0], np.cumsum(np.sin(angle))]),
        )
        points = np.stack([*spine, np.zeros(count + 1)], 1) * length
        points -= points.mean(0)
        points[:, 2] = radius
        parts = chain(points, list(radii), 0)
        return [*parts, blob(points[-1], [radius * 0.7] * 3, 1)]

    return Figure((skin, head), body, radius, 0.4)


def larva(rng: Generator, ground: Floats) -> Figure:
    """Short and thick."""
    return crawler(rng, ground, (0.07, 0.16), 8)


def worm(rng: Generator, ground: Floats) -> Figure:
    """Long and thin; also a snake."""
    return crawler(rng, ground, (0.015, 0.05), 12)


def insect(rng: Generator, ground: Floats) -> Figure:
    """Fly, beetle, ant, spider: ellipsoids on thin legs; wings or not."""
    skins = _insect_skins(rng, ground)
    legs, wings = int(rng.choice([3, 3, 3, 4])), bool(rng.random() < 0.5)
    thorax = rng.uniform([0.12, 0.08, 0.07], [0.2, 0.17, 0.13])
    abdomen = rng.uniform([0.18, 0.08, 0.07], [0.28, 0.22, 0.16])
    head = rng.uniform([0.06, 0.06, 0.05], [0.11, 0.14, 0.1])
    high, reach, thin = rng.uniform(0.1, 0.22), rng.uniform(0.25, 0.55), rng.uniform(0.008, 0.022)
    feelers = rng.uniform(0, 0.35) if rng.random() < 0.5 else 0
    spread = rng.uniform(0.1, 0.6)

    def body(pose: Pose) -> list[Part]:
        parts = [
            blob((0.12, 0, high), thorax, 0),
            blob((-0.22, 0, high), abdomen, 1, (1, 0.15 * pose.bend, 0.1)),
            blob((0.32, 0.02 * pose.wave, high), head, 0),
        ]
        for side in (-1, 1):
            for k in range(legs):
                swing = 0.1 * pose.stride * np.sin(12 * pose.phase + np.pi * (k + (side > 0)))
                root = np.array([0.2 - 0.08 * k, side * thorax[1] * 0.6, high * 0.8])
                ahead = 0.3 - 0.6 * k / (legs - 1) + swing
                knee = np.array([0.16 + ahead * 0.5, side * (thorax[1] + reach * 0.5), high * 1.2])
                foot = np.array([0.14 + ahead, side * (thorax[1] + reach), thin])
                parts += [limb(root, knee, thin * 1.3, 2), limb(knee, foot, thin, 2)]
            if wings:
                away = side * (spread + 0.1 * pose.wave)
                parts.append(
                    blob(
                        (-0.18, 0.16 * np.sign(away) * (0.4 + spread), high * 1.5),
                        (0.36, 0.11, 0.012),
                        3,
                        (1, -away, 0.05),
                    )
                )
            if feelers:
                tip = (0.36 + feelers, side * (0.1 + 0.1 * feelers), high * 1.3)
                parts.append(limb((0.36, side * 0.04, high), tip, thin * 0.7, 2))
            parts.append(blob((0.34, side * head[1] * 0.7, high * 1.1), (head * 0.5), 4))
        return parts

    return Figure(skins, body, 0.3, 0.8)


def _insect_skins(rng: Generator, ground: Floats) -> tuple[Skin, ...]:
    dark = rng.random() < 0.6
    base = (
        np.array([0.12, 0.08, 0.05], np.float32) * rng.uniform(0.2, 2.5) if dark else skin_colour(rng, ground)
    )
    main = some_skin(rng, base.astype(np.float32), gloss=0.6)
    rear = some_skin(rng, base.astype(np.float32), gloss=0.8) if rng.random() < 0.5 else main
    wing = np.clip(ground * rng.uniform(0.4, 0.9) + 0.03, 0, 0.9).astype(np.float32)
    eye = np.array([rng.uniform(0.05, 0.5), 0.03, 0.02], np.float32)
    leg = plain((base * np.float32(rng.uniform(0.4, 1.1))).astype(np.float32))
    return (main, rear, leg, plain(wing, 0.15, 0.3), plain(eye, 0.05, 0.4))


def mouse(rng: Generator, ground: Floats) -> Figure:
    """Mouse, rat, vole: ellipsoids, ears, feet and a long thin tail."""
    fur = (
        np.array([0.25, 0.19, 0.14], np.float32) * rng.uniform(0.08, 3.2)
        if rng.random() < 0.7
        else skin_colour(rng, ground)
    )
    fur = np.clip(fur, 0.012, 0.85).astype(np.float32)
    skin = Skin(
        fur,
        np.clip(fur * np.float32(rng.uniform(0.6, 1.8)), 0.01, 0.9),
        (0.0, float(rng.uniform(0, 0.6)), 0.3),
        6,
        0.2,
        0.05,
    )
    pink = plain(np.array([0.55, 0.33, 0.28], np.float32) * np.float32(rng.uniform(0.3, 1.1)))
    tail_skin = pink if rng.random() < 0.6 else plain(fur)
    fat, tail, thin = rng.uniform(0.13, 0.2), rng.uniform(0.5, 1.0), rng.uniform(0.014, 0.028)

    def body(pose: Pose) -> list[Part]:
        turn = 0.5 * pose.bend
        nose = np.array([np.cos(turn), np.sin(turn), 0])
        neck = np.array([0.17, 0, fat * 0.95])
        head = neck + 0.14 * nose + [0, 0, 0.03 * pose.wave]
        left = np.array([-nose[1], nose[0], 0])
        parts = [
            blob((-0.12, 0, fat), (0.25, fat, fat), 0, (1, -0.3 * turn, 0)),
            blob((0.1, 0, fat * 0.9), (0.19, fat * 0.8, fat * 0.82), 0),
            blob(head, (0.15, fat * 0.55, fat * 0.55), 0, nose),
            blob(head + 0.13 * nose, (0.035, 0.025, 0.025), 1),
        ]
        for side in (-1, 1):
            ear = head - 0.05 * nose + side * left * fat * 0.5 + [0, 0, fat * 0.5]
            parts.append(blob(ear, (0.02, 0.055, 0.05), 1, nose))
            parts.append(
                blob(head + 0.07 * nose + side * left * fat * 0.4 + [0, 0, fat * 0.25], [0.016] * 3, 3)
            )
            for x, k in ((0.16, 0), (-0.2, 1)):
                step = 0.07 * pose.stride * np.sin(14 * pose.phase + np.pi * (k + (side > 0)))
                foot = np.array([x + step, side * fat * 0.85, 0.022])
                parts.append(limb(foot, moved(foot, 0.06, 0, 0), 0.022, 1))
        return [*parts, *_tail(np.array([-0.34, 0, fat * 0.6]), tail, thin, pose, 2)]

    return Figure((skin, pink, tail_skin, plain(floats([0.01] * 3), 0, 0.6)), body, fat, 0.8)


def _tail(root: np.ndarray, length: float, thin: float, pose: Pose, skin: int, count: int = 7) -> list[Part]:
    u = np.arange(1, count + 1) / count
    angle = np.pi + 1.1 * pose.bend * u + 0.5 * np.sin(3 * pose.phase + 4 * u) + 0.3 * pose.wave
    x, y = (
        root[0] + np.cumsum(np.cos(angle)) * length / count,
        root[1] + np.cumsum(np.sin(angle)) * length / count,
    )
    z = thin + (root[2] - thin) * (1 - u) ** 3
    points = np.concatenate([root[None], np.stack([x, y, z], 1)])
    return chain(points, list(thin * (1.5 - u)), skin)


def fish(rng: Generator, ground: Floats) -> Figure:
    """A fish that swims a little above the ground."""
    skin = some_skin(rng, skin_colour(rng, ground), gloss=0.7)
    fin = plain(np.clip(skin.colour * np.float32(rng.uniform(0.5, 1.6)), 0.01, 0.9))
    high, wide, deep = rng.uniform(0.15, 0.6), rng.uniform(0.05, 0.1), rng.uniform(0.09, 0.2)
    count = 6
    u = (np.arange(count) + 0.5) / count
    profile = np.sin(np.pi * (0.12 + 0.83 * (1 - u))) ** 0.7 * (0.35 + 0.65 * u)

    def body(pose: Pose) -> list[Part]:
        sway = (
            0.12 * np.sin(14 * pose.phase + 5 * u + 2 * pose.wave) * (1 - u)
            + 0.35 * pose.bend * (u - 0.6) ** 2
        )
        x = u - 0.5
        points = np.stack([x, sway, np.full(count, high)], 1)
        parts = []
        for k in range(count):
            forward = points[min(k + 1, count - 1)] - points[max(k - 1, 0)]
            parts.append(blob(points[k], (0.17, wide * profile[k], deep * profile[k]), 0, forward))
        tail = points[0] - points[1]
        parts.append(blob(points[0] + tail * 0.9, (0.12, 0.008, deep * 0.8), 1, -tail))
        parts.append(blob(points[3] + [0, 0, deep * 0.8], (0.14, 0.008, deep * 0.5), 1))
        for side in (-1, 1):
            parts.append(
                blob(points[4] + [0, side * wide, -0.02], (0.08, 0.05, 0.008), 1, (1, -side * 0.9, 0))
            )
            parts.append(blob(points[5] + [0.08, side * wide * 0.6, 0.02], [0.018] * 3, 2))
        return parts

    return Figure((skin, fin, plain(floats([0.01] * 3), 0, 0.5)), body, wide, 0.3, hovers=True)
