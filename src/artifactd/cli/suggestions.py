"""What somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str:
    """` (did you mean 'name'?)` for the known word that is most like this one; empty if none is."""
    from difflib import get_close_matches

    by_folded = {str(each).casefold(): str(each) for each in known}
    found = get_close_matches(word.casefold(), list(by_folded), n=1, cutoff=0.6)
    return f" (did you mean {by_folded[found[0]]!r}?)" if found else ""
