"""PyTorch's LSTM and GRU with the weights of our cells (float64). To be imported after pytest.importorskip("torch").

PyTorch stacks the LSTM's rows i, f, g, o and the GRU's r, z, candidate; its z keeps where ours renews, so the rows z
change their sign. Gradients are reordered and signed like the weights.
"""

import numpy as np
import torch


def lstm_rows(array):
    """Our rows i, f, o, g in PyTorch's order."""
    i, f, o, g = np.split(array, 4)
    return np.concatenate([i, f, g, o])


def gru_rows(array):
    """Our rows z, r, candidate in PyTorch's order and sign."""
    z, r, candidate = np.split(array, 3)
    return np.concatenate([r, -z, candidate])


def module(kind, params, rows):
    """A torch.nn.LSTM or torch.nn.GRU that holds the rows of our weights; its second bias is zero."""
    net = kind(params.W_x.shape[1], params.W_h.shape[1], dtype=torch.float64)
    with torch.no_grad():
        for theirs, ours in zip(net.parameters(), (*params, np.zeros_like(params.b)), strict=True):
            theirs.copy_(torch.from_numpy(rows(ours)))
    return net


def leaf(array):
    """A tensor that collects its gradient."""
    return torch.tensor(array, requires_grad=True)
