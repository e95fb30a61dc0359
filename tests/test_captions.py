"""Every caption names the numbers that it should, each where it should, in every language."""

from string import Formatter

import pytest
from oracles.captions import FIELDS

from lecture_utils.texts import FIRST, languages, table


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
