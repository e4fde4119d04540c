"""Ejects a removable drive as a desktop does: SCSI START STOP UNIT (SBC-3, 5.25)."""

import ctypes
import fcntl
import os
import sys

SG_IO = 0x2285
EJECT = bytes((0x1B, 0, 0, 0, 0x02, 0))
ALLOW_REMOVAL = bytes((0x1E, 0, 0, 0, 0, 0))


class SgIo(ctypes.Structure):
    """struct sg_io_hdr (Linux: scsi/sg.h)."""

    _fields_ = (
        *((name, ctypes.c_int) for name in ("interface", "direction")),
        *((name, ctypes.c_ubyte) for name in ("cmd_len", "sense_max")),
        ("iovecs", ctypes.c_ushort),
        ("transfer_len", ctypes.c_uint),
        *((name, ctypes.c_void_p) for name in ("transfer", "command", "sense")),
        *((name, ctypes.c_uint) for name in ("timeout_ms", "flags")),
        ("pack_id", ctypes.c_int),
        ("user", ctypes.c_void_p),
        *((name, ctypes.c_ubyte) for name in ("status", "masked", "message", "sense_len")),
        *((name, ctypes.c_ushort) for name in ("host", "driver")),
        ("residual", ctypes.c_int),
        *((name, ctypes.c_uint) for name in ("took_ms", "info")),
    )


def main(device: str) -> None:
    drive = os.open(device, os.O_RDONLY | os.O_NONBLOCK)
    for words in (ALLOW_REMOVAL, EJECT):
        command, sense = ctypes.create_string_buffer(words, len(words)), (ctypes.c_ubyte * 32)()
        ask = SgIo(interface=ord("S"), direction=-1, cmd_len=len(words), sense_max=32)
        ask.command, ask.sense = ctypes.addressof(command), ctypes.addressof(sense)
        ask.timeout_ms = 20000
        fcntl.ioctl(drive, SG_IO, ask)
        if ask.status:
            sys.exit(f"{device}: refused, status {ask.status}, sense {bytes(sense).hex()}")
    os.close(drive)


if __name__ == "__main__":
    main(sys.argv[1])
