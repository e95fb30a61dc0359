"""The explorers: `from lecture_utils import explorers`, then for example `explorers.rnn.step()`."""
