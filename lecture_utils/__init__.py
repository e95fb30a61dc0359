"""Recurrent networks in numpy, with the figures and explorers of the lecture.

The modules in this folder are the numerics and need numpy only. `drawing` turns numbers into pictures, `widgets` binds
controls to them, `chapters` holds what belongs to one chapter, and `texts` the sentences that a learner reads.
"""
