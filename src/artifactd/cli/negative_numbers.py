"""Commands whose arguments may be negative numbers: -0.5 is no flag."""

from __future__ import annotations

import re

import click

_NEGATIVE = re.compile(r"-(\d|\.\d|inf|nan)", re.IGNORECASE)


class NegativeNumbersCommand(click.Command):
    """A command that takes `-0.5` and `-Infinity` as arguments."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Reads the command line. A blank before a number keeps it from being taken for a flag, and means nothing."""
        takes_value = {
            name
            for parameter in self.get_params(ctx)
            if isinstance(parameter, click.Option) and not parameter.is_flag
            for name in parameter.opts
        }
        before = ["", *args]
        given = [
            f" {arg}" if _NEGATIVE.match(arg) and previous not in takes_value else arg
            for previous, arg in zip(before, args, strict=False)
        ]
        return super().parse_args(ctx, given)
