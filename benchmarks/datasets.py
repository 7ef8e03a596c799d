"""Tools on a COCO file of the size of instances_train2014.json: seconds and peak memory, in turn.

The file is made: as many images and annotations, about 330 MB. Two classes are filtered out of it and written
by the usual script (json.load, loops, json.dump; with and without Python's garbage collector) and by the
command; then the command splits it, and a process each reads its bytes, reads it, reads and writes it.

python -m benchmarks.datasets [-o JSON] [--images 82783] [--annotations 604907] [--rounds 3]
"""

import gc
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.memory import peak_memory
from benchmarks.report import COMMAND, parser, save, shown, spread, table

SEED = 5
CLASSES = 80
KEPT = "class1", "class2"
SIZE = 640, 480  # width, height of each picture
POINTS = 23  # of a polygon on average; makes the file as large as the real one


def make_file(path: Path, images: int, annotations: int) -> None:
    """Write a COCO file; a third of its annotations are of the first class, as persons are in COCO."""
    chance = random.Random(SEED)
    with path.open("w", encoding="utf-8") as file:
        file.write('{"info": {"description": "made"}, "images": [')
        file.write(", ".join(_image(number) for number in range(1, images + 1)))
        file.write('], "licenses": [{"url": "", "id": 1, "name": ""}], "annotations": [')
        for number in range(1, annotations + 1):
            file.write(", " * (number > 1) + _annotation(number, chance.randint(1, images), chance))
        categories = [{"supercategory": "", "id": n, "name": f"class{n}"} for n in range(1, CLASSES + 1)]
        file.write(f'], "categories": {json.dumps(categories)}}}')


def _image(number: int) -> str:
    name = f"COCO_train2014_{number:012d}.jpg"
    return json.dumps(
        {
            "license": 1,
            "file_name": name,
            "coco_url": f"http://images.example.org/train2014/{name}",
            "height": SIZE[1],
            "width": SIZE[0],
            "date_captured": "2013-11-14 16:28:13",
            "flickr_url": f"http://photos.example.org/3153/{number:010d}_9b2d5f4b3f_z.jpg",
            "id": number,
        }
    )


def _annotation(number: int, image: int, chance: random.Random) -> str:
    category = 1 if chance.random() < 0.3 else chance.randint(2, CLASSES)
    count = 4 + int(chance.expovariate(1 / (POINTS - 4)))
    points = ", ".join(f"{chance.random() * SIZE[i % 2]:.2f}" for i in range(2 * count))
    x, y, width, height = (round(chance.random() * 240, 2) for _ in range(4))
    return (
        f'{{"segmentation": [[{points}]], "area": {width * height / 2}, "iscrowd": 0, "image_id": {image}, '
        f'"bbox": [{x}, {y}, {width}, {height}], "category_id": {category}, "id": {number}}}'
    )


def filter_by_json(path: Path, out: Path) -> None:
    """The usual script, as coco-manager (MIT) and many others filter a file."""
    with path.open(encoding="utf-8") as file:
        data = json.load(file)
    categories = [one for one in data["categories"] if one["name"] in KEPT]
    wanted = {one["id"] for one in categories}
    annotations = [one for one in data["annotations"] if one["category_id"] in wanted]
    pictured = {one["image_id"] for one in annotations}
    images = [one for one in data["images"] if one["id"] in pictured]
    kept = {**data, "images": images, "annotations": annotations, "categories": categories}
    with out.open("w", encoding="utf-8") as file:
        json.dump(kept, file)


def filter_without_gc(path: Path, out: Path) -> None:
    """The same with Python's garbage collector off."""
    gc.disable()
    filter_by_json(path, out)


def read_bytes(path: Path, out: Path) -> None:
    """Read the file, and no more: what any way takes."""
    path.read_bytes()


def read_dataset(path: Path, out: Path) -> None:
    """Read the file as figureground does."""
    from figureground.datasets.formats import read_dataset as read

    read(path)


def read_and_write(path: Path, out: Path) -> None:
    """Read the file and write it back as figureground does."""
    from figureground.datasets.formats import read_dataset as read
    from figureground.datasets.formats import write_dataset

    write_dataset(read(path), out, overwrite=True)


SCRIPTS: dict[str, Callable[[Path, Path], None]] = {
    "json, loops": filter_by_json,
    "json, loops, no GC": filter_without_gc,
    "read bytes": read_bytes,
    "read": read_dataset,
    "read, write": read_and_write,
}


def ways(path: Path, folder: Path) -> dict[str, list[str]]:
    """Each way's command."""
    script = [sys.executable, "-m", "benchmarks.datasets", "--do"]
    made: dict[str, list[str]] = {
        name: [*script, name, str(path), str(folder / "script.json")] for name in SCRIPTS
    }
    verb = [str(COMMAND), "dataset"]
    end = ["--overwrite", "--quiet"]
    out = str(folder / "command.json")
    made["figureground dataset filter"] = [
        *(*verb, "filter", str(path), "-o", out, "--classes", ",".join(KEPT), *end)
    ]
    made["figureground dataset split"] = [*(*verb, "split", str(path), "-o", str(folder / "parts"), *end)]
    return made


def compare(path: Path, folder: Path, rounds: int) -> list[dict[str, Any]]:
    """Seconds and peak memory of all ways, in turn, with their ratio to the usual script."""
    commands = ways(path, folder)
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            began = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seconds[name].append(time.perf_counter() - began)
    base = next(iter(SCRIPTS))
    peaks = {name: peak_memory(command) for name, command in commands.items()}
    return [
        {
            "way": name,
            "seconds": spread(found),
            "times_faster": spread([slow / t for slow, t in zip(seconds[base], found, strict=True)]),
            "peak_mb": peaks[name],
            "share_of_memory": peaks[name] / peaks[base],
        }
        for name, found in seconds.items()
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the file, or take it from an earlier run; time all ways; show and save what each took."""
    options = parser(__doc__)
    options.add_argument("--images", type=int, default=82_783)
    options.add_argument("--annotations", type=int, default=604_907)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--do", nargs=3, metavar=("WAY", "FILE", "OUT"), help="run one way, once")
    chosen = options.parse_args(arguments)
    if chosen.do:
        SCRIPTS[chosen.do[0]](Path(chosen.do[1]), Path(chosen.do[2]))
        return
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "instances.json"
        make_file(path, chosen.images, chosen.annotations)
        size = path.stat().st_size / 1e6
        print(f"{chosen.images} images, {chosen.annotations} annotations, {size:.0f} MB")
        results = compare(path, Path(name), chosen.rounds)
    rows = [
        [
            one["way"],
            shown(one["seconds"]),
            shown(one["times_faster"], 1),
            f"{one['peak_mb']:.0f}",
            f"{one['share_of_memory']:.2f}",
        ]
        for one in results
    ]
    print(table(["way", "s", "times faster", "peak MB", "share of memory"], rows))
    settings = {"images": chosen.images, "annotations": chosen.annotations, "mb": size, "seed": SEED}
    save(chosen.out, {**settings, "rounds": chosen.rounds}, results)


if __name__ == "__main__":
    main()
