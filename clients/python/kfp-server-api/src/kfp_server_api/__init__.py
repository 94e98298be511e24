"""artifactd-client under the name of KFP's generated client: the same modules, the same classes.

`__version__` is the version of KFP's API whose surface this is, since code that asks for it means that.
"""

import sys

from artifactd_kfp_server_api import refuse_a_mixture

refuse_a_mixture()

# Only once it is sure that the name is ours.
from artifactd_client import *  # noqa: E402, F403
from artifactd_client import __all__ as __all__  # noqa: E402
from artifactd_client.version import API_VERSION  # noqa: E402

__version__ = API_VERSION

for _name, _module in list(sys.modules.items()):
    if _name.startswith("artifactd_client."):
        _alias = _name[len("artifactd_client.") :]
        sys.modules[f"{__name__}.{_alias}"] = _module
        if "." not in _alias:
            globals()[_alias] = _module
del _name, _module, _alias
