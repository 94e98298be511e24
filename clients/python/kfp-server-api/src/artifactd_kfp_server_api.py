"""Guards the import name kfp_server_api, which two distributions may bring.

The official `kfp-server-api` and `artifactd-kfp-server-api` both install a package of this name, and whichever came
last has overwritten some files of the other. Nothing good comes of importing the mixture, so nobody gets to.
"""

import sys

NAME = "kfp_server_api"
OURS = "artifactd-kfp-server-api"
OFFICIAL = "kfp-server-api"


class Guard:
    """A finder that finds nothing, but refuses the name while both distributions are installed."""

    @staticmethod
    def find_spec(fullname: str, path: object = None, target: object = None) -> None:
        """Always `None`: the finders after it do the finding.

        Raises:
            ImportError: both distributions are installed.
        """
        del path, target
        if fullname == NAME:
            refuse_a_mixture()


def guard() -> None:
    """Puts the guard before all other finders, once."""
    if Guard not in sys.meta_path:
        sys.meta_path.insert(0, Guard)


def refuse_a_mixture() -> None:
    """Does nothing if one distribution alone brings the name.

    Raises:
        ImportError: both do, and what to do about it.
    """
    # Imported only now: this module is read at every start of Python.
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = [f"{each} {version(each)}" for each in (OFFICIAL, OURS)]
    except PackageNotFoundError:
        return
    raise ImportError(
        f"{found[0]} and {found[1]} are both installed, and both own the import name {NAME}: what is on disk is a "
        f"mixture of them. Keep one. For the official one (kfp needs it):\n"
        f"    pip uninstall -y {OURS} {OFFICIAL} && pip install {OFFICIAL}\n"
        f"and import artifactd_client, which sits beside it. For ours:\n"
        f"    pip uninstall -y {OURS} {OFFICIAL} && pip install {OURS}",
        name=NAME,
    )
