"""Damage to a command line: what a slip of the finger, a bad copy or malice makes of it."""

from collections.abc import Callable
from random import Random

LONG = 20_000
DEEP = 3_000
LONGEST = 2**17 - 1  # of a word: Linux hands no longer one over
# No NUL: no system hands one over. The last one is what Python makes of a byte that is no UTF-8.
STRANGE = [
    *("\t", "\n", "\r", "\x01", "\x07", "\x1b[31m", "\x7f", "\x85", "\u200b", "\u202e", "\ufeff"),
    *("é", "ß", "Ω", "日本", "🙂", "e\u0301", "\u2028", "٣", "\u2212", "“", "\u2019", "\udcff"),
]
SIGNS = list("=,[]{}()<>'\"\\$:~+-@#%&*?.|!;/ ")
NESTS = [("[", "]"), ("{a:", "}"), ("(", ")"), ("choice(", ")"), ("${", "}"), ("'", "'")]
HUGE = ["9" * 5_000, "1e308", "1e-320", "99999999999999999999", "-9" * 40, "1" + "0" * 30, "1e9999"]


def mutated(draw: Random, words: list[str]) -> list[str]:
    """Return a command line with one to three of its words damaged."""
    words = words or [""]
    for _ in range(draw.choice([1, 1, 2, 3])):
        place = draw.randrange(len(words))
        words = [*words[:place], draw.choice(DAMAGES)(draw, words[place]), *words[place + 1 :]]
    if draw.random() < 0.1:
        words = [*words, draw.choice(words)]
    words = [word[:LONGEST] for word in words]
    # A folder's name stays within the folder where the request is made.
    return [word for word in words if not ("dir" in word and ("=/" in word or "../.." in word))]


def _dropped(draw: Random, word: str) -> str:
    place = draw.randrange(len(word) + 1)
    return word[:place] + word[place + draw.choice([1, 1, 3]) :]


def _doubled(draw: Random, word: str) -> str:
    place = draw.randrange(len(word) + 1)
    return word[:place] + word[place : place + draw.choice([1, 1, 4])] + word[place:]


def _swapped(draw: Random, word: str) -> str:
    place = draw.randrange(max(1, len(word) - 1))
    return word[:place] + word[place + 1 : place + 2] + word[place : place + 1] + word[place + 2 :]


def _inserted(draw: Random, word: str) -> str:
    place = draw.randrange(len(word) + 1)
    return word[:place] + draw.choice([*STRANGE, *SIGNS]) + word[place:]


def _replaced(draw: Random, word: str) -> str:
    place = draw.randrange(len(word) + 1)
    return word[:place] + draw.choice([*STRANGE, *SIGNS]) + word[place + 1 :]


def _huge(draw: Random, word: str) -> str:
    return f"{word.partition('=')[0]}={draw.choice(HUGE)}"


def _nested(draw: Random, word: str) -> str:
    left, right = draw.choice(NESTS)
    depth = draw.choice([2, 20, DEEP])
    key, _, value = word.partition("=")
    return f"{key}={left * depth}{value}{right * draw.choice([depth, depth, depth - 1])}"


def _long(draw: Random, word: str) -> str:
    key, sign, value = word.partition("=")
    times = draw.choice([10, 300, LONG // (len(word) + 1)])
    return draw.choice([word * times, f"{key}{sign}{f'{value},' * times}1", f"{key * times}=1"])


DAMAGES: list[Callable[[Random, str], str]] = [
    *(_dropped, _dropped, _doubled, _doubled, _swapped, _inserted, _inserted, _replaced, _replaced),
    *(_huge, _nested, _long),
]
