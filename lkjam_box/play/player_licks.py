"""The virtual player's vocabulary: two-bar phrases in degrees of the chord of the moment.

Bars are parted by ``|``, beats by spaces, the notes of a beat by commas: two are swung
eighths, three a triplet, four sixteenths. ``1``-``7`` is the degree nearest to the note
before, ``^5`` the next one above it, ``v5`` below; ``x`` leads into the next note from a
semitone under it, ``y`` from over it; ``-`` holds on, ``.`` rests.
"""

from __future__ import annotations

OPENERS = (
    ".,5 ^1,2 3,5 ^7,6 | 5,3 2,x 3,- .",
    "1,2 3,5 ^1,7 5,6 | 3 .,5 3,1 .",
    ".,x 3,5 ^7,^2 ^1,7 | 5,- .,3 5 .",
    "5,^1 .,^3 2,1 v6,5 | .,3 5,y 3 .",
    "^3,2,1 v7,5 3,4 x,5 | ^1 - .,5 3",
    ". .,5 ^6,5 3,1 | 2,3,5 ^7,- . .",
    "3,x 3,5 ^1,- .,7 | 6,5 x,3 1,- .",
    "^1,- v5,3 .,5 ^6,7 | ^2,1 v7,5 3,- .",
    ".,1 2,3 5,6 ^1,2 | ^3,- .,2 1,v5 .",
    "5 .,5 ^7,5,3 1,2 | 3,5 .,^6 5 .",
    "1,v7 1,^3 5,- .,3 | ^5,^7 6,5 3,- .",
    ". 3,5 ^7,^2,7 5,3 | x,3 1,v6 5,- .",
)

CLOSERS = (
    ".,3 2,1 v7,5 6,x | 3,5 ^1,- . .",
    "^5,y 5,3 1,2 x,3 | 1,v6 5 - .",
    ".,^7 6,5 3,2 1,v7 | 5,3 x,1 - .",
    "5,6 ^1,3 .,5 ^6,5 | 3,1 .,v5 1 .",
    "^3,4,5 ^1,7 6,5 x,3 | 5,- . . .",
    ".,5 .,5 ^1,7 5,x | 3,2 1 . .",
    "1,3,5 ^7,5 ^6,4 x,5 | 3,- .,1 v6,5 .",
    "^2,1 v7,6 5,y 5,3 | 1,- . .,5 ^1",
    "3 .,3 5,3 1,x | 5,3 ^1,- . .",
    ".,^1 7,^2 1,6 5,4 | x,3 5,1 . .",
)
