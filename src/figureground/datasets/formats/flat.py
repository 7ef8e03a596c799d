"""Names of pictures without folders."""

from collections import Counter
from collections.abc import Sequence

from figureground.datasets.archive import safe_name


def flat_names(names: Sequence[str]) -> list[str]:
    """`names` without folders; no two differ only by their suffix, or by large and small letters.

    The folders go into the name where it is needed to tell pictures apart.

    Raises:
        InputError: one leads out of its folder.

    Example:
        >>> flat_names(["a/1.jpg", "b/1.jpg", "2.jpg", "2.png"])
        ['1.jpg', 'b_1.jpg', '2.jpg', '2-2.png']
    """
    taken: set[str] = set()
    used: Counter[str] = Counter()
    out = []
    for name in names:
        whole = safe_name(name).replace("\\", "/")
        choice = whole.rpartition("/")[2]
        if _stem(choice) in taken:
            choice = whole.replace("/", "_")
        stem, dot, suffix = choice.rpartition(".") if "." in choice else (choice, "", "")
        while _stem(choice) in taken:
            used[_stem(stem)] += 1
            choice = f"{stem}-{used[_stem(stem)] + 1}{dot}{suffix}"
        taken.add(_stem(choice))
        out.append(choice)
    return out


def _stem(name: str) -> str:
    return (name.rpartition(".")[0] or name).casefold()
