"""KFP's official client in this very process, although the import name is taken by ours.

It has a folder of its own (`make .official-client`), is imported from there under its own name, which its modules
need while they are imported, and then gives the name back.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from types import ModuleType
from typing import Any

from support import ROOT

FOLDER = ROOT / ".official-client"
NAME = "kfp_server_api"


def _modules() -> dict[str, ModuleType]:
    return {name: module for name, module in sys.modules.items() if name.split(".")[0] == NAME}


def _load() -> ModuleType:
    taken = _modules()
    for name in taken:
        del sys.modules[name]
    try:
        spec = importlib.machinery.PathFinder.find_spec(NAME, [str(FOLDER)])
        if spec is None or spec.loader is None:
            raise ModuleNotFoundError(f"KFP's official client is not in {FOLDER.name}: run make {FOLDER.name}")
        module = importlib.util.module_from_spec(spec)
        sys.modules[NAME] = module
        spec.loader.exec_module(module)
        return module
    finally:
        for name in _modules():
            del sys.modules[name]
        sys.modules.update(taken)


_OFFICIAL = _load()


def __getattr__(name: str) -> Any:
    """What the package's root has: classes, and modules such as `models`."""
    return getattr(_OFFICIAL, name)
