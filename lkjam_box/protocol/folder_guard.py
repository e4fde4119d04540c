"""The runtime folder is its box's own: nobody else puts anything there, and no link is followed.

Where there is neither systemd nor a login, the folder lies in ``/tmp``, where anybody may have made
one of that name first, with links or pipes in it under the names that we open.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from ..errors import LkjamError
from .runtime_folder import is_ours

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_MEND = "or set LKJAM_RUNTIME to a folder of yours"


def claim(folder: Path, made_by_systemd: bool = False) -> None:
    """Make ``folder``, mode 0700, for the box that begins, or take the one that is there.

    Raises LkjamError where it is not ours alone, or holds what is not. systemd's own folder keeps
    the mode of the unit.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        wrong = _wrong(folder, {os.geteuid()}) or _strange(folder)
        if not wrong and not made_by_systemd:
            folder.chmod(0o700)
    except OSError as error:
        reason = error.strerror or str(error)
        raise LkjamError(f"{folder}: cannot be used: {reason}: mend that, {_MEND}") from error
    if wrong:
        raise LkjamError(wrong)


def trusted(folder: Path) -> Path:
    """``folder``, to look for a box in it; it need not be there.

    Raises LkjamError where somebody other than we, root or a service of root's might have put
    something there.
    """
    try:
        above = folder.parent.lstat()
        roots = above.st_uid == 0 and not above.st_mode & _OTHERS_WRITE  # as /run: made for a user
        owners = {0, os.geteuid()} | ({folder.lstat().st_uid} if roots else set())
        wrong = _wrong(folder, owners)
    except (FileNotFoundError, NotADirectoryError):
        return folder
    except OSError as error:
        raise LkjamError(f"{folder}: {error.strerror or error}: {_MEND}") from error
    if wrong:
        raise LkjamError(wrong)
    return folder


def open_plain(path: Path, flags: int, mode: int = 0o644) -> int:
    """A file descriptor of the plain file ``path``. Raises OSError for a link, a pipe, a device,
    and for a file that has another name as well; never waits for one."""
    fd = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, mode)
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
        os.close(fd)
        raise OSError(errno.EINVAL, "not a plain file", str(path))
    return fd


def read_plain(path: Path) -> bytes:
    """All of the plain file ``path``. Raises OSError."""
    with os.fdopen(open_plain(path, os.O_RDONLY), "rb") as file:
        return file.read()


def _wrong(folder: Path, owners: set[int]) -> str:
    """Why ``folder`` cannot be trusted, in one line; "" if it can."""
    found, above = folder.lstat(), folder.resolve().parent.stat()
    if not stat.S_ISDIR(found.st_mode):
        return f"{folder}: a link or a file, not a folder: remove it, {_MEND}"
    if found.st_uid not in owners:
        return f"{folder}: belongs to another user (uid {found.st_uid}): remove it, {_MEND}"
    if found.st_mode & _OTHERS_WRITE:
        return f"{folder}: others may write there: chmod 700 {folder}, {_MEND}"
    anybody = above.st_mode & stat.S_IWOTH and not above.st_mode & stat.S_ISVTX
    if anybody or above.st_uid not in owners | {0}:
        return f"{folder}: others may put another in its place: set LKJAM_RUNTIME to one elsewhere"
    return ""


def _strange(folder: Path) -> str:
    """What under a name of ours is a link, a pipe, somebody else's, or has another name as well."""
    for entry in os.scandir(folder):
        found = entry.stat(follow_symlinks=False)
        kind = stat.S_IFMT(found.st_mode)
        plain = kind in (stat.S_IFDIR, stat.S_IFSOCK) or (
            kind == stat.S_IFREG and found.st_nlink == 1
        )
        if is_ours(entry.name) and not (plain and found.st_uid == os.geteuid()):
            return f"{entry.path}: not a plain file of ours: remove it, {_MEND}"
    return ""
