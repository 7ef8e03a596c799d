"""Persons, four-legged animals, birds, and things that move: balls, boxes, cars."""

import numpy as np

from figureground.datasets.compose.rendered.bodies import Part, Skin, blob, block, limb, moved
from figureground.datasets.compose.rendered.figures import Figure, Pose, plain, skin_colour, some_skin
from figureground.datasets.compose.rendered.textures import Floats, floats, some_colour

Generator = np.random.Generator


def person(rng: Generator, ground: Floats) -> Figure:
    """A person who walks, in various clothes, sometimes with bag, hat or skirt; its length is its height."""
    skins = _clothes(rng, ground)
    broad, fat = rng.uniform(0.095, 0.135), rng.uniform(0.055, 0.1)
    bag, hat, skirt = rng.random() < 0.35, rng.random() < 0.2, rng.random() < 0.15
    sleeves = 2 if rng.random() < 0.6 else 0
    shorts = 3 if rng.random() < 0.8 else 0

    def body(pose: Pose) -> list[Part]:
        swing = 0.55 * pose.stride * np.sin(2 * np.pi * pose.phase / 0.8)
        lean = 0.04 * pose.stride + 0.03 * pose.wave
        chest = np.array([lean, 0, 0.72])
        parts = [
            limb((0, -0.03, 0.54), (0, 0.03, 0.54), fat + 0.012, 3),
            limb((0, 0, 0.58), chest, fat + 0.015, 2),
            limb(moved(chest, 0, -broad + 0.03, 0.06), moved(chest, 0, broad - 0.03, 0.06), 0.05, 2),
            limb(moved(chest, 0, 0, 0.08), moved(chest, 0.01, 0, 0.15), 0.03, 0),
            blob(moved(chest, 0.02, 0.02 * pose.wave, 0.2), (0.058, 0.048, 0.07), 0),
            blob(moved(chest, 0.005, 0.02 * pose.wave, 0.222), (0.062, 0.054, 0.058), 1),
        ]
        for side in (-1, 1):
            parts += _leg(side, side * swing, shorts)
            parts += _arm(moved(chest, 0, side * broad, 0.06), side, -side * swing, pose.wave, sleeves)
        if bag:
            parts.append(block(moved(chest, -fat - 0.05, 0, -0.03), (0.045, 0.08, 0.11), 4))
        if hat:
            parts.append(blob(moved(chest, 0.02, 0, 0.25), (0.09, 0.08, 0.025), 4))
        if skirt:
            parts.append(blob((0, 0, 0.42), (0.1, 0.11, 0.17), 3))
        return parts

    return Figure(skins, body, broad, 0.4)


def _clothes(rng: Generator, ground: Floats) -> tuple[Skin, ...]:
    tone = np.array([0.62, 0.4, 0.28], np.float32) * rng.uniform(0.15, 1.1)
    hair = np.array([0.2, 0.13, 0.07], np.float32) * rng.uniform(0.05, 2.5)
    jacket, trousers = (
        some_skin(rng, skin_colour(rng, ground), 0.1),
        plain(skin_colour(rng, ground) * np.float32(0.7), 0.1),
    )
    return (
        plain(tone),
        plain(hair, 0.2),
        jacket,
        trousers,
        plain(some_colour(rng)),
        plain(some_colour(rng) * np.float32(0.3)),
    )


def _leg(side: int, angle: float, skin: int) -> list[Part]:
    hip = np.array([0, side * 0.05, 0.52])
    bend = max(0.0, -angle) * 0.9 + 0.05
    knee = hip + 0.25 * np.array([np.sin(angle), 0, -np.cos(angle)])
    lower = angle - bend
    ankle = knee + 0.24 * np.array([np.sin(lower), 0, -np.cos(lower)])
    ankle[2] = max(ankle[2], 0.03)
    toe = moved(ankle, 0.07, 0, -0.01)
    heel = moved(ankle, -0.02, 0, -0.01)
    return [limb(hip, knee, 0.048, 3), limb(knee, ankle, 0.036, skin), limb(heel, toe, 0.02, 5)]


def _arm(shoulder: np.ndarray, side: int, angle: float, wave: float, skin: int) -> list[Part]:
    angle = 0.8 * angle + 0.1 * wave
    elbow = shoulder + 0.17 * np.array([np.sin(angle), side * 0.12, -np.cos(angle)])
    lower = angle + 0.35 + 0.3 * abs(wave)
    hand = elbow + 0.16 * np.array([np.sin(lower), 0, -np.cos(lower)])
    return [
        limb(shoulder, elbow, 0.032, 2),
        limb(elbow, hand, 0.026, skin),
        blob(hand, (0.028, 0.024, 0.035), 0),
    ]


def beast(rng: Generator, ground: Floats) -> Figure:
    """Dog, cat, cow, horse: a body on four legs, neck, head and tail."""
    skin = some_skin(rng, skin_colour(rng, ground), gloss=0.1)
    dark = plain(skin.colour * np.float32(rng.uniform(0.2, 0.9)))
    tall, fat, slim = rng.uniform(0.25, 0.6), rng.uniform(0.1, 0.2), rng.uniform(0.02, 0.045)
    neck, rise, tail = rng.uniform(0.1, 0.32), rng.uniform(-0.1, 1.0), rng.uniform(0.15, 0.5)

    def body(pose: Pose) -> list[Part]:
        top = tall + fat * 0.5
        turn = 0.5 * pose.bend
        ahead = np.array([np.cos(turn), np.sin(turn), rise + 0.15 * pose.wave])
        head = np.array([0.34, 0, top + 0.03]) + neck * ahead
        nose = np.array([np.cos(turn), np.sin(turn), -0.3])
        parts = [
            blob((0.16, 0, top), (0.24, fat, fat * 1.1), 0),
            blob((-0.18, 0, top), (0.25, fat * 0.95, fat), 0),
            limb((0.3, 0, top + 0.02), head, fat * 0.45, 0),
            blob(head, (0.11, fat * 0.45, fat * 0.45), 0, nose),
            blob(head + 0.1 * nose, (0.06, fat * 0.3, fat * 0.27), 1, nose),
            limb(
                (-0.4, 0, top + 0.03),
                (-0.42 - tail * 0.6, tail * 0.4 * pose.wave, top - tail * 0.5),
                slim * 0.7,
                1,
            ),
        ]
        for side in (-1, 1):
            parts.append(blob(moved(head, -0.04, side * fat * 0.35, fat * 0.45), (0.02, 0.03, 0.05), 1))
            for x, k in ((0.28, 0), (-0.32, 1)):
                step = 0.5 * pose.stride * np.sin(7 * pose.phase + np.pi * (k + (side > 0)))
                hip = np.array([x, side * fat * 0.6, top - 0.03])
                knee = np.array([x + 0.25 * top * step, side * fat * 0.6, tall * 0.5])
                foot = np.array([x + 0.45 * top * step, side * fat * 0.6, slim])
                parts += [limb(hip, knee, slim * 1.5, 0), limb(knee, foot, slim, 1)]
        return parts

    return Figure((skin, dark), body, fat, 0.6)


def bird(rng: Generator, ground: Floats) -> Figure:
    """A bird on two thin legs."""
    skin, wing = some_skin(rng, skin_colour(rng, ground)), some_skin(rng, skin_colour(rng, ground))
    beak = plain(np.array([0.6, 0.35, 0.05], np.float32) * np.float32(rng.uniform(0.1, 1.2)))
    tall, fat, neck = rng.uniform(0.15, 0.5), rng.uniform(0.16, 0.24), rng.uniform(0.1, 0.4)

    def body(pose: Pose) -> list[Part]:
        top = tall + fat * 0.8
        peck = 0.5 * max(0.0, pose.wave) * (1 - pose.stride)
        head = np.array([0.28 + 0.1 * neck + peck * 0.3, 0, top + fat * 0.4 + neck * (1 - 2 * peck)])
        parts = [
            blob((0, 0, top), (0.36, fat, fat), 0, (1, 0, 0.3)),
            limb((0.2, 0, top + 0.08), head, 0.07, 0),
            blob(head, (0.11, 0.09, 0.09), 0),
            limb(moved(head, 0.08, 0, 0), moved(head, 0.2, 0, -0.03 - peck * 0.2), 0.022, 2),
            blob((-0.42, 0, top - 0.06), (0.22, 0.09, 0.02), 1, (1, 0, 0.2)),
        ]
        for side in (-1, 1):
            parts.append(
                blob((-0.08, side * fat * 0.85, top + 0.03), (0.32, 0.04, 0.12), 1, (1, side * 0.08, 0.2))
            )
            step = 0.15 * pose.stride * np.sin(8 * pose.phase + np.pi * (side > 0))
            parts.append(limb((0.02, side * 0.08, top - 0.1), (0.03 + step, side * 0.08, 0.02), 0.02, 2))
            parts.append(limb((step - 0.02, side * 0.08, 0.018), (0.12 + step, side * 0.08, 0.018), 0.018, 2))
        return parts

    return Figure((skin, wing, beak), body, fat, 0.8)


def ball(rng: Generator, ground: Floats) -> Figure:
    """A ball that rolls."""
    skin = some_skin(rng, skin_colour(rng, ground), 0.8)

    def body(pose: Pose) -> list[Part]:
        roll = 2 * pose.phase
        return [blob((0, 0, 0.5), (0.5, 0.5, 0.5), 0, (np.cos(roll), 0.2, -np.sin(roll)))]

    return Figure((skin,), body, 0.5, 0.3)


def crate(rng: Generator, ground: Floats) -> Figure:
    """A box, a suitcase, a robot that drives: blocks, sometimes with a mast."""
    skins = (some_skin(rng, skin_colour(rng, ground), 0.3), plain(some_colour(rng)))
    half = rng.uniform([0.5, 0.25, 0.15], [0.5, 0.5, 0.8])
    mast = rng.uniform(0.2, 0.8) if rng.random() < 0.5 else 0

    def body(pose: Pose) -> list[Part]:
        parts = [block((0, 0, half[2]), half, 0)]
        if mast:
            top = 2 * half[2] + mast
            parts += [
                limb((0, 0, 2 * half[2]), (0, 0, top), 0.05, 1),
                blob((0, 0, top), (0.12, 0.12, 0.1), 1),
            ]
        return parts

    return Figure(skins, body, float(half[1]), 0.3)


def car(rng: Generator, ground: Floats) -> Figure:
    """A car or a van on four wheels."""
    colour = some_colour(rng, 0.4)
    glass, tyre = plain(floats([0.03, 0.04, 0.05]), 0.02, 0.9), plain(floats([0.02] * 3), 0.05)
    roof, back, width = rng.uniform(0.08, 0.2), rng.uniform(-0.12, -0.02), rng.uniform(0.18, 0.23)
    light = plain(floats([0.8, 0.75, 0.6]), 0.0, 0.5)

    def body(pose: Pose) -> list[Part]:
        parts = [
            block((0, 0, 0.14), (0.5, width, 0.075), 0),
            block((back, 0, 0.215 + roof / 2), (0.28, width * 0.9, roof / 2), 1),
            block((back, 0, 0.22 + roof), (0.25, width * 0.88, 0.012), 0),
        ]
        for side in (-1, 1):
            parts.append(block((0.49, side * width * 0.7, 0.16), (0.015, 0.035, 0.02), 3))
            wheels = [(x, side * width * 0.95, 0.075) for x in (-0.3, 0.3)]
            parts += [blob(wheel, (0.075, 0.03, 0.075), 2) for wheel in wheels]
        return parts

    return Figure((plain(colour, 0.02, 0.5), glass, tyre, light), body, width, 0.15)


def chimera(rng: Generator, ground: Floats) -> Figure:
    """Nothing in particular: ellipsoids and rods thrown together, so that nobody learns a list of shapes."""
    count = int(rng.integers(2, 9))
    skins = tuple(some_skin(rng, skin_colour(rng, ground), 0.5) for _ in range(3))
    centres = rng.uniform([-0.4, -0.25, 0.1], [0.4, 0.25, 0.5], (count, 3))
    halves, forward = rng.uniform(0.04, 0.25, (count, 3)), rng.normal(0, 1, (count, 3))
    ends, thin = rng.uniform([-0.5, -0.4, 0.02], [0.5, 0.4, 0.05], (count, 3)), rng.uniform(0.01, 0.05, count)

    def body(pose: Pose) -> list[Part]:
        parts = []
        for k in range(count):
            centre = centres[k] + [0, 0.05 * np.sin(6 * pose.phase + k), 0]
            centre[2] = max(centre[2], halves[k].max())
            parts.append(blob(centre, halves[k], k % 3, forward[k]))
            end = ends[k] + [0.08 * pose.stride * np.sin(9 * pose.phase + k), 0.04 * pose.wave, 0]
            end[2] = max(end[2], thin[k])
            parts.append(limb(centre, end, thin[k], (k + 1) % 3))
        return parts

    return Figure(skins, body, 0.3, 0.5)
