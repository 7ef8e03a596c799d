"""LabGym's rules for behaviour examples once more, as plainly as they can be said: on whole frames, pixel by
pixel, in BGR. It shares no code with the writer, and is what the writer is compared with.
"""

import cv2
import numpy as np

GREY = (150, 150, 150)


def largest_contour(mask):
    """Of the mask's outer contours the one that encloses most."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    areas = [cv2.contourArea(contour) for contour in contours]
    return contours[int(np.argmax(areas))]


def crop_of(contours, height, width):
    """x0, y0, w, h inclusive; squared; clipped to the frame."""
    points = np.concatenate([contour[:, 0] for contour in contours])
    (x0, y0), (x1, y1) = points.min(0).tolist(), points.max(0).tolist()
    w, h = x1 - x0 + 1, y1 - y0 + 1
    d = int(abs(w - h) / 2) + 1
    if w > h:
        y0, y1, x0, x1 = y0 - d - 1, y1 + d + 1, x0 - 1, x1 + 1
    if h > w:
        x0, x1, y0, y1 = x0 - d - 1, x1 + d + 1, y0 - 1, y1 + 1
    return max(y0, 0), min(y1, height), max(x0, 0), min(x1, width)


def stretch(picture):
    """Least value to 0, greatest to 255, in float, cut off to uint8; one value stays."""
    values = picture.astype(float)
    low, high = values.min(), values.max()
    return (values if low == high else (values - low) / (high - low) * 255).astype(np.uint8)


def colour_at(n, length):
    q = 255 * 4 / length
    if n < length / 4:
        return 255, n * int(q), 0
    if n < length / 2:
        return 255, 255, int((n - length / 4) * q)
    if n < 3 * length / 4:
        return 255, 255 - int((n - length / 2) * q), 255
    return 255 - int((n - 3 * length / 4) * q), 0, 255


def inner_of(frame, contour):
    """Inner contours: edges of the grey masked frame without the two largest."""
    solid = np.zeros(frame.shape[:2], np.uint8)
    cv2.drawContours(solid, [contour], 0, 1, -1)
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) * solid
    edges = cv2.Canny(cv2.GaussianBlur(grey, (3, 3), 0), 20, 75, apertureSize=3, L2gradient=True)
    found, _ = cv2.findContours(edges, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    if len(found) > 3:
        return sorted(found, key=cv2.contourArea, reverse=True)[2:]
    return [contour, contour]


def masked(frame, contours, background):
    """The frame inside the filled contours, and the crop's ground elsewhere."""
    if background == "keep":
        return frame
    solid = np.zeros(frame.shape[:2], np.uint8)
    cv2.drawContours(solid, contours, -1, 1, -1)
    out = frame.copy()
    out[solid == 0] = 255 if background == "white" else 0
    return out


def pattern(shape, moments, box, parts):
    """moments: (outlines, inner, ring, fills) of each frame with a figure; lists of (contours, colour)."""
    y0, y1, x0, x1 = box
    t = int(max(y1 - y0, x1 - x0) / 150 + 1)
    lines, inner, rings = (np.zeros(shape, np.uint8) for _ in range(3))
    stds = []
    for outlines, inside, ring, fills in moments:
        for canvas, strokes, thickness in ((lines, outlines, t), (inner, inside, t), (rings, ring, 2 * t)):
            for contours, colour in strokes:
                cv2.drawContours(canvas, contours, -1, colour, thickness)
        filled = np.zeros(shape, np.uint8)
        for contours in fills:
            cv2.drawContours(filled, contours, -1, (255, 255, 255), -1)
        stds.append(filled)
    cut = slice(y0, y1), slice(x0, x1)
    if parts is None:
        return lines[cut]
    inner = np.clip(inner[cut].astype(int) - rings[cut], 0, 255).astype(np.uint8)
    inner[np.array(stds, np.float32)[:, *cut].std(0) < parts] = 0
    return np.clip(inner.astype(int) + lines[cut], 0, 255).astype(np.uint8)


def black(box):
    y0, y1, x0, x1 = box
    return np.zeros((y1 - y0, x1 - x0, 3), np.uint8)


def alone(frames, masks, background, parts):
    """Each figure by itself: masks are one a frame, None where it is missing."""
    contours = [None if mask is None else largest_contour(mask) for mask in masks]
    box = crop_of([c for c in contours if c is not None], *frames[0].shape[:2])
    y0, y1, x0, x1 = box
    animation, moments = [], []
    for n, (frame, contour) in enumerate(zip(frames, contours, strict=True)):
        if contour is None:
            animation.append(black(box))
            continue
        animation.append(stretch(masked(frame, [contour], background)[y0:y1, x0:x1]))
        colour, inner = colour_at(n, len(frames)), inner_of(frame, contour)
        moments.append(([([contour], colour)], [(inner, colour)], [([contour], (255, 255, 255))], [inner]))
    return animation, pattern(frames[0].shape, moments, box, parts)


def together(frames, masks, background, parts):
    """Interactive basic: masks are a list a frame; frames without any are not counted by the colours."""
    contours = [[largest_contour(mask) for mask in some] for some in masks]
    box = crop_of([c for some in contours for c in some], *frames[0].shape[:2])
    y0, y1, x0, x1 = box
    animation, moments = [], []
    count = sum(bool(some) for some in contours)
    for frame, some in zip(frames, contours, strict=True):
        if not some:
            animation.append(black(box))
            continue
        animation.append(stretch(masked(frame, some, background)[y0:y1, x0:x1]))
        colour, inner = colour_at(len(moments), count), [inner_of(frame, contour) for contour in some]
        moments.append(([(some, colour)], [(i, colour) for i in inner], [(some, (255,) * 3)], inner))
    return animation, pattern(frames[0].shape, moments, box, parts)


def social(frames, masks, near, background, parts):
    """Interactive advanced: masks are the main figure's, None where missing; near is a list of masks a frame.

    Here the least and the greatest value are those of the whole frame.
    """
    contours = [None if mask is None else largest_contour(mask) for mask in masks]
    others = [
        [] if main is None else [largest_contour(mask) for mask in some]
        for main, some in zip(contours, near, strict=True)
    ]
    every = [c for c in contours if c is not None] + [c for some in others for c in some]
    box = crop_of(every, *frames[0].shape[:2])
    y0, y1, x0, x1 = box
    animation, moments = [], []
    for n, (frame, contour, some) in enumerate(zip(frames, contours, others, strict=True)):
        if contour is None:
            animation.append(black(box))
            continue
        whole = stretch(in_company(frame, contour, some, background))
        cv2.drawContours(whole, [contour], 0, (255, 0, 255), 2)
        animation.append(whole[y0:y1, x0:x1])
        colour, inner = colour_at(n, len(frames)), inner_of(frame, contour)
        inside = [one for other in some for one in inner_of(frame, other)]
        moments.append(
            (
                [(some, GREY), ([contour], colour)],
                [(inside, GREY), (inner, colour)],
                [([contour], (255,) * 3), (some, GREY)],
                [inner, inside],
            )
        )
    return animation, pattern(frames[0].shape, moments, box, parts)


def in_company(frame, contour, others, background):
    """The main figure in colour plus the others in grey, on the ground; or the frame as it is."""
    if background == "keep":
        return frame
    main, grey = np.zeros(frame.shape[:2], np.uint8), np.zeros(frame.shape[:2], np.uint8)
    cv2.drawContours(main, [contour], 0, 1, -1)
    for other in others:
        cv2.drawContours(grey, [other], 0, 1, -1)
    brightness = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    out = frame.astype(int) * main[..., None] + (brightness.astype(int) * grey)[..., None]
    out[(main | grey) == 0] = 255 if background == "white" else 0
    return np.clip(out, 0, 255).astype(np.uint8)
