"""Every caption names the numbers that it should, each where it should, in every language."""

from string import Formatter

import pytest
from oracles.captions import FIELDS

from lecture_utils.texts import FIRST, Sentence, languages, table


def named(sentence):
    """The numbers of a sentence, in their order."""
    return [name for _, name, _, _ in Formatter().parse(sentence) if name]


def test_an_english_caption_names_its_numbers_in_their_order():
    assert {key: named(words) for key, words in table(FIRST).items() if ".caption" in key} == {
        key: numbers.split() for key, numbers in FIELDS.items()
    }


@pytest.mark.parametrize("language", languages())
def test_a_caption_names_the_same_numbers_in_every_language(language):
    known = table(language)
    assert {key: set(named(known[key])) for key in FIELDS} == {key: set(words.split()) for key, words in FIELDS.items()}


@pytest.mark.parametrize(
    ("template", "value", "written"),
    [
        ("{n:step|steps}", 1, "1 step"),
        ("{n:step|steps}", 0, "0 steps"),
        ("{n:copy|copies}", 12, "12 copies"),
        ("{n:.3g}", -0.0, "0"),
        ("{n:.2f}", -0.004, "0.00"),
        ("{n:.3g}", -0.004, "-0.004"),
        ("{n}", -0.0, "0.0"),
        ("{n}", "-", "-"),
        ("{n}", -10, "-10"),
    ],
)
def test_one_and_several_have_their_words_and_zero_has_no_sign(template, value, written):
    assert Sentence().format(template, n=value) == written
