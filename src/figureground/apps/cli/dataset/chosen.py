"""What verbs that choose from a dataset have in common: the table, the result, the exit code."""

from typing import TYPE_CHECKING, Any

from figureground.apps.cli.dataset.common import counts, save, tell_counts
from figureground.apps.cli.show import Screen, put_json

if TYPE_CHECKING:
    from figureground.datasets.dataset import Dataset


def finish(
    before: "Dataset",
    after: "Dataset",
    out: str,
    form: str,
    screen: Screen,
    *,
    overwrite: bool,
    as_json: bool,
    **more: Any,
) -> int:
    """Write what was chosen, show how much it is; 1 if that is nothing, though there was something."""
    save(after, out, form, screen, overwrite=overwrite)
    tell_counts(before, after, screen)
    if as_json:
        put_json({"out": out, **counts(after), "before": counts(before), **more})
    if before.pictures and not after.pictures:
        screen.warn("no image is left")
        return 1
    return 0
