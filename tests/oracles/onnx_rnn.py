"""The RNN as ONNX defines it, run by the reference evaluator of the onnx package (float32)."""

import numpy as np
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator


def hidden_states(params, xs, h_0):
    """h_1 .. h_T, (T, B, H), of the operator RNN with activation Tanh."""
    H = params.W_hh.shape[0]
    feeds = {
        "X": xs,
        "W": params.W_xh[None],
        "R": params.W_hh[None],
        "B": np.concatenate([params.b_h, np.zeros(H)])[None],  # the input's bias, then the recurrent one
        "sequence_lens": None,
        "initial_h": h_0[None],
    }
    feeds = {name: array.astype(np.float32) for name, array in feeds.items() if array is not None}
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, array.shape) for name, array in feeds.items()]
    node = helper.make_node("RNN", ["X", "W", "R", "B", "", "initial_h"], ["Y"], hidden_size=H, activations=["Tanh"])
    outputs = [helper.make_tensor_value_info("Y", TensorProto.FLOAT, None)]
    model = helper.make_model(helper.make_graph([node], "rnn", inputs, outputs))
    return ReferenceEvaluator(model).run(None, feeds)[0][:, 0]
