"""Chance that depends on a picture's name and the seed alone, not on its place in the file."""

from hashlib import blake2b

from figureground.datasets.dataset import Picture


def lot(picture: Picture, seed: int) -> tuple[int, str, int]:
    """What to sort pictures by, to have them in an order of chance.

    The same picture draws the same lot in every file, so a file that has grown keeps most of the choice.

    Example:
        >>> from figureground.datasets.dataset import new
        >>> photos = [new(Picture, id=n, file_name=f"{n}.jpg") for n in range(5)]
        >>> [photo.id for photo in sorted(photos, key=lambda photo: lot(photo, 0))]
        [4, 3, 0, 2, 1]
    """
    return drawn(picture.file_name, seed), picture.file_name, picture.id


def drawn(name: str, seed: int) -> int:
    """A number of 64 bits for `name`."""
    text = f"{seed}\0{name}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest())
