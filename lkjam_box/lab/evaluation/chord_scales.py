"""Which scale a chord asks for, by the usual chord-scale rules. Pure."""

from __future__ import annotations

from functools import lru_cache


def _mask(*steps: int) -> int:
    return sum(1 << step for step in steps)


_MAJOR = _mask(0, 2, 4, 5, 7, 9, 11)
_DOMINANT = _mask(0, 2, 4, 5, 7, 9, 10)  # mixolydian
_ALTERED = _mask(0, 1, 3, 4, 6, 8, 10)
_DORIAN = _mask(0, 2, 3, 5, 7, 9, 10)
_MELODIC_MINOR = _mask(0, 2, 3, 5, 7, 9, 11)
_HALF_DIMINISHED = _mask(0, 2, 3, 5, 6, 8, 10)  # locrian with a natural ninth
_DIMINISHED = _mask(0, 2, 3, 5, 6, 8, 9, 11)
_WHOLE_TONE = _mask(0, 2, 4, 6, 8, 10)
_LYDIAN_AUGMENTED = _mask(0, 2, 4, 6, 8, 9, 11)
# (written alterations, natural tone): any of the first removes the second from the scale.
_DRIVES_OUT = (((1, 3), 2), ((6,), 5), ((8,), 9))


@lru_cache(maxsize=4096)
def scale(core: int, tensions: int, root: int) -> int:
    """Pitch classes of the chord's scale, core and written tensions included: a 12-bit mask.

    ``root`` is 0..11. By the kind of chord: major (major seventh, sixth, triad) ionian; seventh
    and sus mixolydian, a seventh without its natural fifth (alt) altered; minor dorian, with
    sixth or major seventh melodic minor; m7b5 locrian with a natural ninth; diminished
    whole-half; augmented whole-tone, with a major seventh lydian augmented. Written b9 or #9
    replace the ninth, #11 the eleventh, b13 the thirteenth.
    """
    low, written = _turned(core, -root), _turned(tensions, -root)
    mode = _mode(low)
    for altered, natural in _DRIVES_OUT:
        if any(written >> step & 1 for step in altered):
            mode &= ~(1 << natural)
    return _turned(mode | low | written, root)


def _turned(mask: int, by: int) -> int:
    by %= 12
    return (mask << by | mask >> (12 - by)) & 0xFFF


def _mode(core: int) -> int:
    """Scale over C by the core of a chord on C."""
    third, minor_third, flat_five, fifth, sharp_five, sixth, seventh, major_seventh = (
        core >> step & 1 for step in (4, 3, 6, 7, 8, 9, 10, 11)
    )
    if third:
        if sharp_five:
            return _LYDIAN_AUGMENTED if major_seventh else _WHOLE_TONE
        if seventh:
            return _DOMINANT if fifth else _ALTERED
        return _MAJOR
    if minor_third:
        if flat_five:
            return _HALF_DIMINISHED if seventh else _DIMINISHED
        return _MELODIC_MINOR if sixth or major_seventh else _DORIAN
    return _DOMINANT
