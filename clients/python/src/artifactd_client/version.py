"""Versions, in a module that imports nothing."""

from typing import Final

__version__: Final = "0.1.0"
API_VERSION: Final = "2.14.3"
