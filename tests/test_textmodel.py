"""The text model: how a text is cut, that the state is carried over the cuts, and what it learns."""

import math
import os
import unicodedata
from itertools import islice, pairwise

import numpy as np
import pytest
from hypothesis import strategies as st
from properties import holds_for

from lecture_utils import bptt, charlm, lstm, rnn, textmodel
from lecture_utils.functions import leaves
from lecture_utils.optimizers import TrainingStopped


def made(name, text, steps, **options):
    """The Snapshot after so many updates."""
    return next(islice(textmodel.train(name, text, 0, **options), steps, None))


def test_the_prose_is_there_and_long_enough():
    prose = textmodel.prose()
    assert len(prose) == 100_000
    assert prose.isprintable() or "\n" in prose
    text = textmodel.read(prose)
    assert (text.length, len(text.train), len(text.held_out)) == (100_000, 99_000, 1_000)
    assert text.vocab.decode(np.concatenate([text.train, text.held_out])) == prose


def test_a_short_text_is_all_trained_on():
    text = textmodel.read("hello")
    assert text.train.tolist() == text.held_out.tolist() == [0, 1, 2, 2, 3]


def test_a_text_is_normalised_and_cut():
    decomposed = "\u1100\u1161" * 2
    assert textmodel.read(decomposed).vocab.decode(textmodel.read(decomposed).train) == "가가"
    assert textmodel.read("ab" * 80_000).length == 100_000


@pytest.mark.parametrize(
    ("text", "words"), [("", "at least 2"), ("a", "at least 2"), (b"ab", "str"), ("a\ud800", "surrogate")]
)
def test_what_is_no_text_is_refused_in_words(text, words):
    with pytest.raises(ValueError, match=words):
        textmodel.read(text)


def test_of_a_large_file_only_what_is_used_is_read_and_only_once(tmp_path, monkeypatch):
    path, opened = tmp_path / "large.txt", []
    path.write_text("\u1112\u1161\u11ab\r\n" * 2_000_000, encoding="utf-8")  # 22 MB; of 5 characters NFC makes 2
    real = open

    def noting(*given, **options):
        opened.append(given)
        return real(*given, **options)

    monkeypatch.setattr("builtins.open", noting)
    for _ in range(3):
        assert len(textmodel.load(path)) == textmodel.READ
    assert len(opened) == 1
    assert textmodel.read(textmodel.load(path)).length == textmodel.MOST
    path.write_text("short", encoding="utf-8")
    assert textmodel.load(path) == "short"
    monkeypatch.chdir(tmp_path)
    assert textmodel.load("large.txt") == "short" and len(opened) == 2
    path.unlink()
    with pytest.raises(FileNotFoundError):
        textmodel.load(path)


def test_however_much_nfc_makes_of_it_a_long_text_is_used_to_the_end():
    longest = unicodedata.normalize("NFD", "\u1fa7")  # four characters for one
    assert len(longest) == 4
    text = textmodel.read(longest * 150_000)
    assert (text.length, len(text.vocab)) == (textmodel.MOST, 1)


ANY = st.text(st.characters(), max_size=12)  # surrogates as well
TYPED = st.one_of(ANY, st.builds("".join, st.lists(st.one_of(ANY, st.sampled_from([*"~/\\'\". :\0\n", "C:", ".txt"])))))


@holds_for(text=TYPED)
def test_any_text_is_read_to_the_letter_or_refused_in_words(text):
    name = textmodel.found(text)
    assert name == "" or os.path.isfile(name)
    textmodel.looks_like_a_name(text)
    expected = unicodedata.normalize("NFC", text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))
    if any(0xD800 <= ord(char) < 0xE000 for char in text) or len(expected) < 2:
        with pytest.raises(ValueError, match=r"surrogate pair, U|at least 2 characters"):
            textmodel.read(text)
    else:
        made = textmodel.read(text)
        assert made.vocab.decode(made.train) == made.vocab.decode(made.held_out) == expected


@pytest.mark.parametrize(("n", "B", "T"), [(11, 2, 3), (9, 1, 8), (64, 4, 5)])
def test_columns_and_chunks_give_each_pair_once_in_reading_order(n, B, T):
    table = textmodel.columns(np.arange(n), B)
    assert table.shape == (n // B, B)
    per_reading = math.ceil((n // B - 1) / T)
    pairs = {b: [] for b in range(B)}
    for number, (inputs, targets, first) in enumerate(islice(textmodel.chunks(table, T), 2 * per_reading)):
        assert first == (number % per_reading == 0)
        assert inputs.shape == targets.shape and 1 <= len(inputs) <= T
        for b in range(B):
            pairs[b] += zip(inputs[:, b].tolist(), targets[:, b].tolist(), strict=True)
    for b in range(B):
        start = b * (n // B)
        assert pairs[b] == [(start + k, start + k + 1) for k in range(n // B - 1)] * 2


@pytest.mark.parametrize("name", ["rnn", "lstm"])
def test_the_state_is_carried_from_chunk_to_chunk(name):
    """With a vanishing rate the weights stand still, and the losses of the chunks are those of one pass over the text."""
    text = textmodel.read("a rose is a rose is a rose.")
    options = {"H": 5, "T": 4, "B": 1, "dtype": np.float64}
    snapshots = list(islice(textmodel.train(name, text, 3, rate=1e-300, **options), 8))
    ids = text.train
    losses = bptt.CROSS_ENTROPY.value(
        bptt.forward(textmodel.CELLS[name][0], snapshots[0].params, ids[:-1, None])[1], ids[1:, None]
    )[:, 0]
    expected = [losses[start : start + 4].mean() for start in range(0, len(losses), 4)]
    np.testing.assert_allclose([snapshot.loss for snapshot in snapshots[1:]], expected, rtol=1e-12)
    assert math.isnan(snapshots[0].loss)


def test_a_snapshot_never_changes():
    training = textmodel.train("lstm", textmodel.read("a rose is a rose"), 0, H=4)
    first = next(training)
    before = [array.copy() for _, array in leaves(first.params)]
    *_, last = islice(training, 5)
    for kept, (name, array) in zip(before, leaves(first.params), strict=True):
        np.testing.assert_array_equal(kept, array, err_msg=name)
    assert {array.dtype for _, array in leaves(last.params)} == {np.dtype(np.float32)}


def test_the_first_loss_is_close_to_guessing_evenly():
    text = textmodel.read(textmodel.prose())
    for name in ("rnn", "lstm"):
        assert abs(textmodel.nats(name, made(name, text, 0).params, text.held_out) - math.log(100)) < 0.05


def test_what_is_measured_is_every_so_many_updates_the_loss_on_what_is_held_out():
    text = textmodel.read("a rose is a rose is a rose.")
    found = list(islice(textmodel.measured("rnn", text, 0, 3, H=4), 3))
    assert [snapshot.step for snapshot in found] == [0, 3, 6]
    for snapshot in found:
        params = made("rnn", text, snapshot.step, H=4).params
        assert all(
            np.array_equal(one, other)
            for (_, one), (_, other) in zip(leaves(snapshot.params), leaves(params), strict=True)
        )
        assert snapshot.loss == textmodel.nats("rnn", params, text.held_out)


def test_nats_is_the_mean_over_columns_of_a_plain_pass():
    text = textmodel.read(textmodel.prose())
    params = made("lstm", text, 0, H=6).params
    ids, losses, one_hots = text.held_out[:450], [], np.eye(len(text.vocab))
    for column in (ids[:225], ids[225:]):
        state, c = np.zeros(6), np.zeros(6)
        for now, following in pairwise(column):
            trace = lstm.step(params.cell, one_hots[now], (state, c))
            state, c = trace.h, trace.c
            y = params.W_hy @ state + params.b_y
            losses.append(math.log(sum(math.exp(value) for value in y)) - y[following])
    assert textmodel.nats("lstm", params, ids) == pytest.approx(sum(losses) / len(losses), rel=1e-6)


@pytest.mark.parametrize("name", ["rnn", "lstm"])
def test_influence_is_the_derivative_of_the_next_logit(name):
    """Each letter's vector is moved by a complex step, one entry after another."""
    text = textmodel.read("abcabca")
    params = made(name, text, 10, H=5, dtype=np.float64).params
    ids, following = text.train[:-1], int(text.train[-1])
    xs = np.eye(3)[ids][:, None]

    def logit(xs):
        return bptt.forward(textmodel.CELLS[name][0], params, xs)[1][-1, 0, following]

    gradient = bptt.complex_step(logit, xs)
    found = textmodel.influence(name, params, ids, following)
    np.testing.assert_allclose(found.sizes, np.sqrt((gradient[:, 0] ** 2).sum(axis=1)), rtol=1e-10)
    y = bptt.forward(textmodel.CELLS[name][0], params, xs)[1][-1, 0]
    assert found.p == pytest.approx(math.exp(y[following]) / sum(math.exp(value) for value in y), rel=1e-12)


def test_a_letter_that_is_not_there_is_refused():
    text = textmodel.read("abc")
    with pytest.raises(ValueError, match="following"):
        textmodel.influence("lstm", made("lstm", text, 0, H=3).params, text.train, 3)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["rnn", "lstm"])
def test_a_short_text_is_learnt_below_what_a_memoryless_model_can(name, seed):
    words = "she said no and he said no and they said yes. "
    text = textmodel.read(words)
    training = textmodel.train(name, text, seed, H=24, dtype=np.float64)
    assert textmodel.nats(name, next(islice(training, 200, None)).params, text.train) < charlm.floor(words)


def test_a_rate_that_is_too_large_stops_with_the_step_named():
    training = textmodel.train("rnn", textmodel.read("hello"), 0, H=4, rate=1e300)
    next(training)
    with pytest.raises(TrainingStopped, match="stopped at step 1"):
        next(training)


def test_the_lstm_starts_with_its_forget_gates_open():
    assert np.all(made("lstm", textmodel.read("hello"), 0, H=4).params.cell.b[4:8] == 1)
    assert isinstance(made("rnn", textmodel.read("hello"), 0, H=4).params.cell, rnn.Params)
