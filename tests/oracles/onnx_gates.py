"""The LSTM and the GRU as ONNX defines them, run by the reference evaluator of the onnx package (float64).

ONNX stacks the LSTM's rows i, o, f, g. Its GRU keeps with z where ours renews, h = z * h_prev + (1 - z) * candidate, so
the rows z change their sign; linear_before_reset=0 is the form with the reset gate before the product.
"""

import numpy as np
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator


def lstm(params, xs, state0):
    """(h_1 .. h_T (T, B, H), h_T, c_T)."""

    def rows(array):
        i, f, o, g = np.split(array, 4)
        return np.concatenate([i, o, f, g])

    return _run("LSTM", params, rows, xs, {"initial_h": state0[0], "initial_c": state0[1]}, ["Y", "Y_h", "Y_c"])


def gru(params, xs, h_0):
    """(h_1 .. h_T (T, B, H), h_T)."""

    def rows(array):
        z, r, candidate = np.split(array, 3)
        return np.concatenate([-z, r, candidate])

    return _run("GRU", params, rows, xs, {"initial_h": h_0}, ["Y", "Y_h"], linear_before_reset=0)


def _run(operator, params, rows, xs, state0, names, **attributes):
    H = params.W_h.shape[1]
    weights = {
        "W": rows(params.W_x)[None],
        "R": rows(params.W_h)[None],
        "B": np.concatenate([rows(params.b), np.zeros_like(params.b)])[
            None
        ],  # the input's bias, then the recurrent one
    }
    feeds = {"X": xs, **weights, **{name: part[None] for name, part in state0.items()}}
    inputs = [helper.make_tensor_value_info(name, TensorProto.DOUBLE, array.shape) for name, array in feeds.items()]
    outputs = [helper.make_tensor_value_info(name, TensorProto.DOUBLE, None) for name in names]
    # "" leaves out the optional lengths of the sequences
    node = helper.make_node(operator, ["X", *weights, "", *state0], names, hidden_size=H, **attributes)
    model = helper.make_model(helper.make_graph([node], operator, inputs, outputs))
    hs, *last = ReferenceEvaluator(model).run(None, feeds)
    return hs[:, 0], *(part[0] for part in last)
