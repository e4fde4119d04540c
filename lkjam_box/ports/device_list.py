"""Which devices are plugged in, by their ports, and what is remembered of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..protocol.choices import Device, Role, role_words, roles_of
from .devices import Plugged
from .names import brief, client, device_key, label, matches, path_of

AUTO = -1  # in place of roles: the device is not told what it is for, but shows it


class DeviceList:
    """``of`` gives the device of a port, ``left`` says that a port is gone.

    ``known`` are devices plugged in before, newest last. ``interfaces`` are name patterns of
    cables and boxes with jacks: each of their ports is a device of its own.
    """

    def __init__(self, known: Iterable[Device], interfaces: Sequence[str]) -> None:
        self._known = {(brief(device.name), device.path): device for device in known}
        self._interfaces = interfaces
        self._ports: dict[str, set[tuple[str, bool]]] = {}  # by key: (port, is an output)
        self._devices: dict[str, Plugged] = {}  # by key
        self._numbers: dict[str, int] = {}  # by label: the same when it comes back

    def __iter__(self) -> Iterator[Plugged]:
        return iter(list(self._devices.values()))

    def of(self, port: str, *, output: bool) -> Plugged:
        """The device of a port that is opened now."""
        key = self._key(port)
        device = self._devices.get(key)
        if device is None:
            device = self._devices[key] = self._new(port)
        ports = self._ports.setdefault(key, set())
        ports.add((port, output))
        device.outputs = sum(is_output for _, is_output in ports)
        self._count()
        return device

    def left(self, port: str, *, output: bool) -> None:
        """A port is gone; with its last one the device is, which is remembered."""
        key = self._key(port)
        ports, device = self._ports[key], self._devices[key]
        ports.discard((port, output))
        device.outputs = sum(is_output for _, is_output in ports)
        if not ports:
            self._known.pop((device.name, device.path), None)
            self._known[device.name, device.path] = _record(device)  # as the newest
            del self._ports[key], self._devices[key]
        self._count()

    def tell(self, number: int, roles: int) -> Plugged | None:
        """The player says what a device is for; :data:`AUTO` forgets what was remembered, and
        leaves what it has sent since it was plugged in."""
        for device in self._devices.values():
            if device.number == number:
                device.looped = False
                device.told = None if roles == AUTO else Role(roles & 7)
                if roles == AUTO:
                    device.known = Role.NONE
                return device
        return None

    def shown(self) -> tuple[tuple[int, str, int, bool], ...]:
        """(number, name, roles, told) of each, as :class:`..protocol.shared_state.Snapshot`."""
        every = sorted(self._devices.values(), key=lambda device: device.number)
        return tuple((d.number, d.name, int(d.roles), d.told is not None) for d in every)

    def remembered(self) -> tuple[Device, ...]:
        """What is known of each, to be kept; that nothing is, too, so that what was told before
        and is AUTO again is forgotten."""
        return tuple(map(_record, self._devices.values()))

    # --- inside

    def _is_interface(self, port: str) -> bool:
        return any(matches(port, pattern) for pattern in self._interfaces)

    def _key(self, port: str) -> str:
        return label(port) if self._is_interface(port) else device_key(port)

    def _new(self, port: str) -> Plugged:
        is_interface = self._is_interface(port)
        name, path = brief(port) if is_interface else client(port), path_of(port)
        first = f"{name}@{path}" if path else name
        taken, free, number = {one.label for one in self._devices.values()}, first, 1
        while free in taken:
            number += 1
            free = f"{first} ({number})"
        device = Plugged(free, name, path, is_interface=is_interface)
        device.number = self._numbers.setdefault(free, len(self._numbers) + 1)
        known = self._recall(name, path)
        if known is not None:
            roles = roles_of(known.role)
            device.known, device.told = (Role.NONE, roles) if known.told else (roles, None)
        return device

    def _recall(self, name: str, path: str) -> Device | None:
        """What is known of a device in this socket, else of one of its name in any."""
        if (name, path) in self._known:
            return self._known[name, path]
        named = [device for (known, _), device in self._known.items() if known == name]
        return named[-1] if named else None

    def _count(self) -> None:
        alone = len(self._devices) == 1
        for device in self._devices.values():
            device.alone = alone


def _record(device: Plugged) -> Device:
    words = role_words(device.roles)
    return Device(words, device.name, device.path, device.told is not None)
