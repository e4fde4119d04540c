"""A stand-in for gpiod 2: chips of lines that behave as the kernel's do, without any."""

import errno
import os
import time
from enum import Enum
from types import ModuleType, SimpleNamespace

Value = Enum("Value", "INACTIVE ACTIVE")
Direction = Enum("Direction", "AS_IS INPUT OUTPUT")
Bias = Enum("Bias", "AS_IS DISABLED PULL_UP PULL_DOWN")
Edge = Enum("Edge", "NONE RISING FALLING BOTH")
Clock = Enum("Clock", "MONOTONIC REALTIME HTE")
Type = Enum("Type", "RISING_EDGE FALLING_EDGE")


class LineSettings:
    def __init__(self, **settings):
        self.direction = Direction.AS_IS
        self.edge_detection = Edge.NONE
        self.bias = Bias.AS_IS
        self.active_low = False
        self.event_clock = Clock.MONOTONIC
        self.output_value = Value.INACTIVE
        for name, value in settings.items():
            assert hasattr(self, name), name
            setattr(self, name, value)


class Board:
    """The chips of a machine: ``label`` by path. ``ground`` closes a contact of the first."""

    def __init__(self, labels, users=()):
        self.labels, self.users = labels, dict(users)
        self.grounded, self.levels, self.requests = set(), {}, []
        self.refused = set()

    def ground(self, pin, closed=True, time_s=None):
        before = self.level(pin)
        (self.grounded.add if closed else self.grounded.discard)(pin)
        after = self.level(pin)
        for request in self.requests:
            if pin in request.lines and before != after:
                request.tell(pin, after, time.monotonic() if time_s is None else time_s)

    def level(self, pin):
        return 0 if pin in self.grounded else self.levels.get(pin, 0)

    def module(self):
        """What ``import gpiod`` shall find."""
        module = ModuleType("gpiod")
        module.line = ModuleType("gpiod.line")
        for one in (Value, Direction, Bias, Edge, Clock):
            setattr(module.line, one.__name__, one)
        module.LineSettings = LineSettings
        module.Chip = lambda path: Chip(self, path)
        module.__spec__ = SimpleNamespace(name="gpiod")
        return module


class Chip:
    def __init__(self, board, path):
        if path in board.refused:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if path not in board.labels:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        self._board, self._path = board, path

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        assert self._path
        self._path = ""

    def get_info(self):
        return SimpleNamespace(label=self._board.labels[self._path])

    def get_line_info(self, pin):
        user = self._board.users.get(pin, "")
        return SimpleNamespace(used=bool(user), consumer=user)

    def request_lines(self, config, consumer=None, event_buffer_size=None):
        assert self._path, "the chip is closed"
        ((lines, settings),) = config.items()
        if any(pin in self._board.users for pin in lines):
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        self._board.users |= dict.fromkeys(lines, consumer)
        return Request(self._board, lines, settings, event_buffer_size)


class Request:
    def __init__(self, board, lines, settings, most):
        self.lines, self.settings, self._most = lines, settings, most
        self._board, self._events = board, []
        self.fd, self._bell = os.pipe()
        pulled = int(settings.bias is Bias.PULL_UP)
        board.levels |= dict.fromkeys(lines, pulled)
        board.requests.append(self)

    def tell(self, pin, level, time_s):
        if self.settings.edge_detection is Edge.NONE:
            return
        active = bool(level) is not self.settings.active_low
        kind = Type.RISING_EDGE if active else Type.FALLING_EDGE
        event = SimpleNamespace(
            event_type=kind, Type=Type, line_offset=pin, timestamp_ns=round(time_s * 1e9)
        )
        self._events = [*self._events, event][-self._most :]
        if len(self._events) == 1:
            os.write(self._bell, b"!")

    def read_edge_events(self):
        os.read(self.fd, 1)
        found, self._events = self._events, []
        return found

    def get_value(self, pin):
        assert pin in self.lines
        active = bool(self._board.level(pin)) is not self.settings.active_low
        return Value.ACTIVE if active else Value.INACTIVE

    def set_value(self, pin, value):
        assert self.settings.direction is Direction.OUTPUT
        assert pin in self.lines
        self._board.levels[pin] = int(value is Value.ACTIVE)

    def release(self):
        os.close(self.fd)
        os.close(self._bell)
        self._board.requests.remove(self)
        for pin in self.lines:
            del self._board.users[pin]
