"""Numbers in words, and parts of drawings."""

import math
from typing import Final

from markupsafe import Markup, escape

from ngsd_guard.ranking import AUROC
from ngsd_guard.statistics import Rate

NO_FIGURE: Final = "-"


def percent(share: float) -> str:
    """Return a share in percent, with one decimal where it is needed."""
    if math.isnan(share):
        return NO_FIGURE
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def with_interval(rate: Rate) -> str:
    """Return a rate in percent with its interval."""
    if rate.n == 0 or math.isnan(rate.value):
        return NO_FIGURE
    low, high = (f"{100 * share:.0f}" for share in (rate.low, rate.high))
    return f"{percent(rate.value)} ({low} to {high})"


def area(auroc: AUROC) -> str:
    """Return an AUROC with its interval."""
    if math.isnan(auroc.value):
        return NO_FIGURE
    return f"{auroc.value:.3f} ({auroc.low:.3f} to {auroc.high:.3f})"


def at(share: float) -> str:
    """Return a position along the width of a drawing."""
    clipped = min(max(share, 0.0), 1.0)
    return f"{100 * clipped:.2f}".rstrip("0").rstrip(".") + "%"


def px(value: float) -> str:
    """Return a length in pixels."""
    return f"{value:.1f}".removesuffix(".0")


def element(name: str, text: str | Markup | None = None, **attributes: str | float) -> Markup:
    """Return an SVG element; a trailing underscore of an attribute's name is dropped."""
    written = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), value)
        for key, value in attributes.items()
    )
    if text is None:
        return Markup("<{}{}/>").format(Markup(name), written)
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), written, escape(text))
