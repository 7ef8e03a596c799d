"""The real datasets that tests read."""

from pathlib import Path

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
COMBO = DATA / "seeds/combo_annotations.json"
COCO128 = DATA / "coco/coco128/instances.json"
FERAL_CAT = DATA / "coco/feral_cat"
