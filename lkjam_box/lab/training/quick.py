"""The network's GRU and dropout rewritten to train faster on a CPU; the mathematics is the same.

On a GPU, and outside training, PyTorch's own code runs.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as fn

from .net import Net


def quicken(net: Net) -> Net:
    """Replace GRU and dropout of ``net`` in place; names and weights stay."""
    gru = Gru(net.gru.input_size, net.gru.hidden_size, batch_first=True)
    gru.load_state_dict(net.gru.state_dict())
    net.gru, net.drop = gru, Dropout(net.drop.p)
    net.train(net.training)
    return net


class Dropout(nn.Dropout):
    """Makes eight values of the mask from each random int64: PyTorch's took a seventh of a step."""

    def forward(self, x: Tensor) -> Tensor:
        kept = round(256 * (1 - self.p))  # of 256 values of a byte
        if not self.training or x.is_cuda or kept == 256:
            return super().forward(x)
        drawn = torch.empty(x.numel() // 8 + 1, dtype=torch.int64).random_(-(2**63), None)
        mask = drawn.view(torch.uint8)[: x.numel()].view(x.shape) < kept
        return x * (mask * (256 / kept))


class Gru(nn.GRU):
    """One layer, batch first. The weights' gradients are one product over all steps, not one
    a step, and the pointwise factors of the backward pass are computed for all steps at once."""

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        """x [b, t, input], state [1, b, hidden] -> h [b, t, hidden], state."""
        if x.is_cuda or not (self.training and torch.is_grad_enabled()):
            return super().forward(x, state)  # type: ignore[no-any-return]
        gates = fn.linear(x.transpose(0, 1), self.weight_ih_l0, self.bias_ih_l0)
        h = _Steps.apply(gates, state[0], self.weight_hh_l0, self.bias_hh_l0)
        return h.transpose(0, 1), h[-1:]


class _Steps(torch.autograd.Function):
    """The recurrence: gates [t, b, 3 hidden] (r, z, n from the input), h0 [b, hidden] -> h [t, b,
    hidden]. With s the sigmoid and ``a`` = W h + bias: r = s(gr + ar), z = s(gz + az),
    n = tanh(gn + r an), h' = n + z (h - n)."""

    @staticmethod
    def forward(ctx, gates, h0, weight, bias):  # type: ignore[no-untyped-def]
        steps, lanes, width = gates.shape
        hidden = width // 3
        h = gates.new_empty(steps + 1, lanes, hidden)
        h[0] = h0
        turned = weight.t().contiguous()
        gates = gates + torch.cat([bias[: 2 * hidden], bias.new_zeros(hidden)])
        own = gates.new_empty(steps, lanes, width)  # W h; for n with its bias, which r multiplies
        opened = gates.new_empty(steps, lanes, 2 * hidden)  # r and z
        new = gates.new_empty(steps, lanes, hidden)  # n
        held_bias = bias[2 * hidden :]
        for t in range(steps):
            torch.mm(h[t], turned, out=own[t])  # half the time of addmm at 12 lanes
            held = own[t, :, 2 * hidden :].add_(held_bias)
            torch.add(gates[t, :, : 2 * hidden], own[t, :, : 2 * hidden], out=opened[t]).sigmoid_()
            r, z = opened[t, :, :hidden], opened[t, :, hidden:]
            torch.addcmul(gates[t, :, 2 * hidden :], r, held, out=new[t]).tanh_()
            torch.lerp(new[t], h[t], z, out=h[t + 1])
        ctx.save_for_backward(h, own[:, :, 2 * hidden :], opened, new, weight)
        return h[1:].clone()

    @staticmethod
    def backward(ctx, grad):  # type: ignore[no-untyped-def]
        h, held, opened, new, weight = ctx.saved_tensors
        steps, lanes, hidden = grad.shape
        r, z = opened[:, :, :hidden], opened[:, :, hidden:]
        into_new = (1 - z) * (1 - new * new)  # dh' -> gradient of the tanh's argument
        # dh' -> gradient of W h + bias, by gate.
        factors = grad.new_empty(steps, lanes, 3, hidden)
        factors[:, :, 0] = into_new * held * r * (1 - r)
        factors[:, :, 1] = (h[:-1] - new) * z * (1 - z)
        factors[:, :, 2] = into_new * r
        to_state = grad.new_empty(steps, lanes, 3 * hidden)
        total = grad.clone()  # gradient of h at each step, that from later steps added
        before = torch.empty_like(h[0])
        for t in reversed(range(steps)):
            torch.mul(factors[t], total[t].unsqueeze(1), out=to_state[t].view(lanes, 3, hidden))
            torch.mm(to_state[t], weight, out=before).addcmul_(total[t], z[t])
            if t:
                total[t - 1] += before
        to_gates = to_state.clone()
        to_gates[:, :, 2 * hidden :] = total * into_new
        flat = to_state.flatten(0, 1)
        return to_gates, before, flat.t() @ h[:-1].flatten(0, 1), flat.sum(0)
