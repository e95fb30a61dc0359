"""What turns out, from what the cells that follow a prediction have computed: an expression for each option, or the number."""

_LOST = "rnn.forward(forgetful, xs).h[1, 0]"

TRUTH = {
    "rnn.tanh": {
        "a": "(np.abs(h_1) < np.abs(a_1)).all()",
        "b": "(np.abs(h_1) > np.abs(a_1)).all()",
        "c": "np.allclose(h_1, a_1)",
    },
    "rnn.no_input": {
        "a": "(h_2 == 0).all()",
        "b": "np.allclose(h_2, h_1)",
        "c": "(h_2 != 0).any() and not np.allclose(h_2, h_1)",
    },
    "rnn.no_weight": {
        "a": f"({_LOST} == 0).all()",
        "b": f"np.allclose({_LOST}, h_1)",
        "c": f"0 < np.abs({_LOST}).max() < np.abs(h_2).max()",
    },
    "rnn.window": "(H * T * V + H) / sum(weight.size for weight in cell)",
}
