"""The weights that ship with the package, in half precision on disk and in single precision at work."""

from __future__ import annotations

from typing import TypeVar

from torch import nn

from restoration.weights import locate

Network = TypeVar("Network", bound=nn.Module)


def with_weights(network: Network, model: str) -> Network:
    """The network with the weights of a model card, ready to be asked.

    Raises:
        MissingWeights: the file is absent or is another one.
    """
    from safetensors.torch import load_file

    state = load_file(locate(model))
    network.load_state_dict(
        {name: value.float() if value.is_floating_point() else value for name, value in state.items()}
    )
    return network.eval()
