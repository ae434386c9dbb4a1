"""The legend of a page: what its figures tell apart, and in which colours."""

from dataclasses import dataclass

from bokeh.palettes import viridis

# Okabe and Ito's colours, told apart by the colour-blind as well; each is seen on white and black.
APART = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F7F7F")
ON_BLACK = ("#4DA3DB", "#F07F33", "#2BBF94", "#D992BC", "#F0B429", "#7CC7EF", "#A6A6A6")


@dataclass(frozen=True)
class Legend:
    """The entries of a legend.

    Attributes:
        title: What they tell apart, for its head.
        labels: What each is called.
        ordered: Whether they have an order, and so shades rather than colours apart.
    """

    title: str
    labels: list[str]
    ordered: bool = False

    @property
    def colours(self) -> list[tuple[str, str]]:
        """The colour of each on white, and on black."""
        count = len(self.labels)
        if not self.ordered and count <= len(APART):
            return list(zip(APART, ON_BLACK, strict=True))[:count]
        shades = viridis(256)
        places = [i / max(1, count - 1) for i in range(count)]
        return [(shades[int(p * 205)], shades[int(75 + p * 180)]) for p in places]
