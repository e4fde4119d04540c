"""What the panel needs of a screen, and a fake one that keeps what it is shown."""

from __future__ import annotations

from typing import Protocol

from PIL import Image

from ..closing import Closing


class Screen(Closing, Protocol):
    def show(self, image: Image.Image) -> None:
        """Show ``image``, 128 x 64, mode "1". Raises OSError when the screen is gone."""

    def dim(self, brightness: int) -> None:
        """Set the brightness, 1 to 10, where the screen has one. Raises OSError as ``show``."""
        return


class FakeScreen(Screen):
    """Keeps what it was shown; ``broken`` makes it fail as an unplugged one does."""

    def __init__(self) -> None:
        self.images: list[Image.Image] = []
        self.brightness = 0
        self.broken = False

    def show(self, image: Image.Image) -> None:
        if self.broken:
            raise OSError("no answer")
        self.images.append(image)

    def dim(self, brightness: int) -> None:
        self.brightness = brightness

    def _close(self) -> None:
        self.broken = True
