import pytest

torch = pytest.importorskip("torch", reason="torch is in the train extra only")

from lkjam_box.brain import features as f  # noqa: E402
from lkjam_box.lab.training.net import Net, Size  # noqa: E402
from lkjam_box.lab.training.quick import Dropout, Gru, quicken  # noqa: E402


@pytest.mark.parametrize(("lanes", "steps"), [(1, 1), (3, 7)])
def test_the_quick_gru_is_the_slow_one(lanes, steps):
    torch.manual_seed(1)
    slow = torch.nn.GRU(5, 8, batch_first=True).double()
    quick = Gru(5, 8, batch_first=True).double()
    quick.load_state_dict(slow.state_dict())
    x = torch.randn(lanes, steps, 5, dtype=torch.float64, requires_grad=True)
    state = torch.randn(1, lanes, 8, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(lanes, steps, 8, dtype=torch.float64)
    found = []
    for gru in (slow, quick):
        out, last = gru(x, state)
        loss = (out * weight).sum() + (last**2).sum()
        found.append([out, last, *torch.autograd.grad(loss, [x, state, *gru.parameters()])])
    for a, b in zip(*found, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-10, atol=1e-12)


def test_the_quick_dropout_drops_its_share_and_keeps_the_mean():
    torch.manual_seed(1)
    drop = Dropout(0.25)
    x = torch.ones(100, 1000)
    y = drop(x)
    assert y.unique().tolist() == pytest.approx([0.0, 4 / 3])
    assert (y == 0).float().mean() == pytest.approx(0.25, abs=0.01)
    assert (drop(x) != y).any()
    assert (drop.eval()(x) == x).all()
    odd = Dropout(0.5)(torch.ones(3, 5, 7))
    assert odd.shape == (3, 5, 7)


def test_a_quickened_net_has_the_same_weights_and_answers():
    torch.manual_seed(1)
    net = Net(Size(4, 16, 16, 16), 0.25).eval()
    ids, floats = torch.zeros(2, 3, f.IDS, dtype=torch.long), torch.randn(2, 3, f.FLOATS)
    before, _ = net(ids, floats, torch.zeros(1, 2, 16))
    names = list(net.state_dict())
    after, _ = quicken(net)(ids, floats, torch.zeros(1, 2, 16))
    assert list(net.state_dict()) == names
    assert (before == after).all()
