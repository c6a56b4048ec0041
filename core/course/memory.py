"""Which names share memory: read from addresses, shapes and strides, for tensors and arrays alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["Element", "Memory", "Name", "Storage", "look_at", "share"]

Element = float | int | bool | None
"""What a place of a storage holds; None where no name looks."""

MOST = 12
"""Elements of a storage that are looked at, from its start."""


@dataclass(frozen=True)
class Storage:
    """A piece of memory that one or more names see: elements of equal size, side by side."""

    address: int
    item_bytes: int
    count: int
    """All its elements; `values` has at most `MOST` of them."""
    values: tuple[Element, ...]
    """What it holds, element by element; None where no name looks."""
    former: tuple[Element, ...]
    """The same at an earlier look; the same as `values` where there was none."""
    device: str

    @property
    def written(self) -> tuple[bool, ...]:
        """Which elements have changed since the earlier look."""
        # By their repr, in full: NaN is not equal to itself.
        return tuple(repr(old) != repr(new) for old, new in zip(self.former, self.values, strict=True))


@dataclass(frozen=True)
class Name:
    """A name and what it sees of its storage. `strides` are in elements, as PyTorch counts them."""

    name: str
    kind: str
    """`tensor` or `array`."""
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    storage: int
    """The position of its storage in `Memory.storages`."""
    places: tuple[str, ...]
    """For each of the storage's values its index under this name, such as `0, 2`; empty where it has none."""


@dataclass(frozen=True)
class Memory:
    """Names and storages, each in the order in which the names were given."""

    storages: tuple[Storage, ...]
    names: tuple[Name, ...]

    def sharing(self, storage: int) -> list[Name]:
        """The names that see this storage."""
        return [name for name in self.names if name.storage == storage]


@dataclass(frozen=True)
class _View:
    """A tensor or an array, seen as addresses."""

    name: str
    kind: str
    dtype: str
    device: str
    start: int
    item_bytes: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    values: Tensor | NDArray[Any]

    @property
    def span(self) -> tuple[int, int]:
        """The first address of its elements, and the first one behind them."""
        reaches = [(size - 1) * stride for size, stride in zip(self.shape, self.strides, strict=True)]
        low = sum(reach for reach in reaches if reach < 0)
        high = sum(reach for reach in reaches if reach > 0)
        return self.start + low * self.item_bytes, self.start + (high + 1) * self.item_bytes

    def indices(self, addresses: Sequence[int]) -> dict[int, tuple[int, ...]]:
        """By address the index of the element there, or of the first if there are several, as in an expanded tensor."""
        found: dict[int, tuple[int, ...]] = {}
        for index in product(*map(range, self.shape)):
            offset = sum(i * stride for i, stride in zip(index, self.strides, strict=True))
            address = self.start + offset * self.item_bytes
            if address in addresses:
                found.setdefault(address, index)
                if len(found) == len(addresses):
                    break
        return found


def _view(name: str, value: Any) -> _View | None:
    """None for what is no tensor or array, and for one without elements, or without memory of its own."""
    if isinstance(value, Tensor) and value.numel() and not value.is_meta:
        size = value.element_size()
        numbers = value.detach()
        dtype, device = str(value.dtype).removeprefix("torch."), str(value.device)
        return _View(
            name, "tensor", dtype, device, value.data_ptr(), size, tuple(value.shape), tuple(value.stride()), numbers
        )
    if isinstance(value, np.ndarray) and value.size:
        size = value.itemsize
        strides = tuple(stride // size for stride in value.strides)
        address = value.__array_interface__["data"][0]
        return _View(name, "array", str(value.dtype), "cpu", address, size, value.shape, strides, value)
    return None


def _overlap(one: _View, other: _View) -> bool:
    (start, end), (other_start, other_end) = one.span, other.span
    return one.device == other.device and start < other_end and other_start < end


def share(one: Tensor | NDArray[Any], other: Tensor | NDArray[Any]) -> bool:
    """Whether the two lie in overlapping memory of one device."""
    first, second = _view("one", one), _view("other", other)
    return first is not None and second is not None and _overlap(first, second)


def look_at(names: Mapping[str, Any], wanted: Sequence[str], former: Memory | None = None) -> Memory:
    """The memory of the tensors and arrays among `names` that are `wanted`.

    Args:
        former: an earlier look, to tell what was written since. What it saw must still be alive.
    """
    views = [view for name in wanted if (view := _view(name, names.get(name)))]
    groups: list[list[_View]] = []
    for view in views:
        touching = [group for group in groups if any(_overlap(view, other) for other in group)]
        groups = [group for group in groups if group not in touching]
        groups.append([other for group in touching for other in group] + [view])
    groups.sort(key=lambda group: min(views.index(view) for view in group))
    was = {
        (storage.device, storage.address + i * storage.item_bytes): value
        for storage in (former.storages if former else ())
        for i, value in enumerate(storage.values)
    }
    storages, seen = [], {}
    for number, group in enumerate(groups):
        size = min(view.item_bytes for view in group)
        start, end = min(view.span[0] for view in group), max(view.span[1] for view in group)
        addresses = range(start, min(end, start + MOST * size), size)
        values: dict[int, Element] = {}
        for view in group:
            indices = view.indices(addresses)
            places = [indices.get(address) for address in addresses]
            for address, index in indices.items():
                if address not in values:
                    values[address] = view.values[index].item()
            seen[view.name] = Name(
                view.name,
                view.kind,
                view.dtype,
                view.shape,
                view.strides,
                number,
                tuple("" if index is None else ", ".join(map(str, index)) or "the number" for index in places),
            )
        now = tuple(values.get(address) for address in addresses)
        device = group[0].device
        before = tuple(was.get((device, address), value) for address, value in zip(addresses, now, strict=True))
        storages.append(Storage(start, size, (end - start) // size, now, before, device))
    return Memory(tuple(storages), tuple(seen[view.name] for view in views))
