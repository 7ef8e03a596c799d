"""What a COCO file tells besides its pictures, of several files together: info, licenses, and the like."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Raw

Rest = Mapping[str, Raw]


def join_rest(rests: Sequence[Rest]) -> tuple[dict[str, Raw], list[dict[int, int]], list[str]]:
    """The `rests` as one, the new id of each license of each, and notes on what could not be joined.

    Example:
        >>> rests = [{"info": Raw(b'{"year":1}')}, {"info": Raw(b'{"year":2}')}]
        >>> bytes(join_rest(rests)[0]["info"])
        b'{"year":1,"merged":[{"year":2}]}'
    """
    joint: dict[str, Raw] = {}
    notes: list[str] = []
    for rest in rests:
        for key, value in rest.items():
            if key not in ("info", "licenses"):
                _add(joint, key, value, notes)
    info = _join_info([rest["info"] for rest in rests if "info" in rest])
    licenses, ids = _join_licenses([rest.get("licenses") for rest in rests])
    return {**info, **licenses, **joint}, ids, notes


def _add(joint: dict[str, Raw], key: str, value: Raw, notes: list[str]) -> None:
    """Keep `value` under `key`, or under a name like it where that has another."""
    number, name = 1, key
    while name in joint:
        if _equal(joint[name], value):
            return
        number += 1
        name = f"{key}_{number}"
    joint[name] = value
    if name != key:
        notes.append(f"the key {key!r} has several values; one of them is under {name!r} now")


def _join_info(infos: Sequence[Raw]) -> dict[str, Raw]:
    """The first one, with the others that differ in its key "merged"."""
    if not infos:
        return {}
    different: list[Raw] = []
    for info in infos:
        if not any(_equal(info, other) for other in different):
            different.append(info)
    if len(different) == 1:
        return {"info": different[0]}
    first = _object(different[0])
    if first is None:
        return {"info": Raw(msgspec.json.encode({"merged": different}))}
    earlier = _list(first.get("merged")) or []
    return {"info": Raw(msgspec.json.encode({**first, "merged": [*earlier, *different[1:]]}))}


def _join_licenses(lists: Sequence[Raw | None]) -> tuple[dict[str, Raw], list[dict[int, int]]]:
    """All licenses, those of the same content once; and for each list the new id of each."""
    joint: dict[bytes, tuple[int, Raw]] = {}
    given: set[int] = set()
    maps: list[dict[int, int]] = []
    for raw in lists:
        ids: dict[int, int] = {}
        for one in _list(raw) or []:
            parts = _object(one) or {}
            wish = msgspec.json.decode(parts["id"]) if "id" in parts else 0
            wish = wish if isinstance(wish, int) else 0
            content = msgspec.json.encode({**parts, "id": 0}, order="sorted") if parts else bytes(one)
            if content not in joint:
                identity = wish if wish not in given else max(given) + 1
                joint[content] = identity, _numbered(one, parts, wish, identity)
                given.add(identity)
            ids.setdefault(wish, joint[content][0])
        maps.append({old: new for old, new in ids.items() if old != new})
    known = [raw for raw in lists if raw is not None]
    records = [one for _, one in joint.values()]
    if not known or records == (_list(known[0]) or []):
        return ({"licenses": known[0]} if known else {}), maps
    return {"licenses": Raw(msgspec.json.encode(records))}, maps


def _numbered(one: Raw, parts: dict[str, Raw], wish: int, identity: int) -> Raw:
    if identity == wish:
        return one
    return Raw(msgspec.json.encode({**parts, "id": identity}))


def _equal(first: Raw, second: Raw) -> bool:
    return bytes(first) == bytes(second) or _decoded(first) == _decoded(second)


def _decoded(value: Raw) -> Any:
    return msgspec.json.decode(value)


def _object(value: Raw) -> dict[str, Raw] | None:
    try:
        return msgspec.json.decode(value, type=dict[str, Raw])
    except msgspec.ValidationError:
        return None


def _list(value: Raw | None) -> list[Raw] | None:
    try:
        return None if value is None else msgspec.json.decode(value, type=list[Raw])
    except msgspec.ValidationError:
        return None
