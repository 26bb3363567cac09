"""What a hostile or a broken sender makes of a good file: bytes turned, cut, doubled and mixed; values that nobody expects.

mutate(seeds, random.Random("pictures-0-17"))  # always the same bytes for the same number
"""

import copy
import json
import random
import re
from collections.abc import Callable, Sequence
from typing import Any

MOST_BYTES = 400_000
"""A mutated input does not grow beyond it, so that what is measured is the reader and not the mutator."""
INTERESTING = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**63 - 1, 2**64 - 1)
NUMBERS = (b"-1", b"0", b"1e308", b"-1e999", b"NaN", b"Infinity", b"9" * 400, b"1" + b"0" * 5000, b"4294967296", b"0.0000001")
HOSTILE: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    2**31,
    2**63,
    10**400,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "a" * 20_000,
    "\ud800",
    "\x00",
    "../../../../etc/passwd",
    "<script>alert(1)</script>",
    [],
    {},
    [[]],
    [None] * 2000,
    [0, 0, 0, 0],
    ["a", "a"],
    {"a": 1},
)

Mutation = Callable[[bytearray, random.Random], None]


def mutate(seeds: Sequence[bytes], chance: random.Random) -> bytes:
    """One of `seeds` after one to six changes; now and then spliced with another."""
    data = bytearray(chance.choice(seeds))
    if chance.random() < 0.1:
        other = chance.choice(seeds)
        data = data[: chance.randrange(len(data) + 1)] + bytearray(other[chance.randrange(len(other) + 1) :])
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        chance.choice(_MUTATIONS)(data, chance)
    return bytes(data[:MOST_BYTES])


def mutate_value(value: Any, chance: random.Random) -> Any:
    """A JSON document in which one to three places are replaced, taken out or doubled."""
    value = copy.deepcopy(value)
    for _ in range(chance.choice((1, 1, 2, 3))):
        value = _changed(value, chance)
    return value


def mutate_json(value: Any, chance: random.Random) -> bytes:
    """The text of a changed document; now and then nested a hundred thousand deep, or with its bytes changed as well."""
    text = json.dumps(mutate_value(value, chance)).encode()
    if chance.random() < 0.03:
        return b"[" * 100_000
    return mutate([text], chance) if chance.random() < 0.4 else text


def _changed(value: Any, chance: random.Random) -> Any:
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    if not keys or chance.random() < 0.15:
        return copy.deepcopy(chance.choice(HOSTILE))
    key = chance.choice(keys)
    step = chance.random()
    if step < 0.6:
        value[key] = _changed(value[key], chance)
    elif step < 0.75:
        del value[key]
    elif isinstance(value, dict):
        value[chance.choice(("unknown", "", "__class__", "\ud800"))] = value[key]
    else:
        value.insert(key, copy.deepcopy(value[key]))
    return value


def _place(data: bytearray, chance: random.Random) -> int:
    """Headers are where the decisions fall, so that half of all changes happen early."""
    reach = min(len(data), 128) if chance.random() < 0.5 else len(data)
    return chance.randrange(max(reach, 1))


def _turn_bit(data: bytearray, chance: random.Random) -> None:
    if data:
        data[_place(data, chance)] ^= 1 << chance.randrange(8)


def _set_number(data: bytearray, chance: random.Random) -> None:
    width, at = chance.choice((1, 2, 4, 8)), _place(data, chance)
    number = chance.choice(INTERESTING) % 256**width
    data[at : at + width] = number.to_bytes(width, chance.choice(("little", "big")))


def _scramble(data: bytearray, chance: random.Random) -> None:
    at, length = _place(data, chance), chance.randrange(1, 64)
    data[at : at + length] = chance.randbytes(len(data[at : at + length]))


def _take_out(data: bytearray, chance: random.Random) -> None:
    at = _place(data, chance)
    del data[at : at + chance.choice((1, 4, 64, 4096))]


def _double(data: bytearray, chance: random.Random) -> None:
    at = _place(data, chance)
    part = data[at : at + chance.choice((1, 8, 256, 4096))]
    data[at:at] = part * chance.choice((1, 1, 20))


def _insert(data: bytearray, chance: random.Random) -> None:
    at = _place(data, chance)
    data[at:at] = chance.randbytes(chance.choice((1, 4, 300)))


def _cut_short(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data) + 1) :]


def _blank(data: bytearray, chance: random.Random) -> None:
    at, length = _place(data, chance), chance.choice((16, 512, 4096))
    data[at : at + length] = bytes([chance.choice((0, 0xFF))]) * len(data[at : at + length])


def _write_number(data: bytearray, chance: random.Random) -> None:
    """Another number in digits, where there is one."""
    found = list(re.finditer(rb"-?\d+(?:\.\d+)?", bytes(data[:20_000])))
    if found:
        match = chance.choice(found)
        data[match.start() : match.end()] = chance.choice(NUMBERS)


_MUTATIONS: tuple[Mutation, ...] = (
    _turn_bit,
    _turn_bit,
    _set_number,
    _set_number,
    _scramble,
    _take_out,
    _double,
    _insert,
    _cut_short,
    _blank,
    _write_number,
)
