"""Recurrent networks in numpy, with the figures and explorers of the lecture.

The modules in this folder are the numerics and need numpy only; `plots` draws their results with matplotlib,
`explorers` adds the controls of a notebook, `study` the quiz and the exercises, and `texts` holds the sentences that a
learner reads.
"""
