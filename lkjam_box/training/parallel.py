"""Where a training runs: one process, several of this machine, or torchrun's on many.

Lightning Fabric does the work; every process trains its share of the lanes, and gradients
are averaged, so that more of them make the same steps.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

import torch
from lightning_fabric import Fabric

from ..errors import LkjamError

Result = TypeVar("Result")

# Its greetings, in every process.
logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
warnings.filterwarnings("ignore", module="lightning_fabric")


def fabric(accelerator: str = "auto", processes: int = 1) -> Fabric:
    """``accelerator``: "auto" (a GPU if there is one), "cpu", "gpu".

    Under torchrun its environment says how many processes there are. On a GPU of the last
    generations the network computes in bfloat16. Raises LkjamError for what is not here.
    """
    if accelerator == "auto":
        accelerator = "cuda" if torch.cuda.is_available() else "cpu"
    found = torch.cuda.device_count() if accelerator in ("gpu", "cuda") else processes
    nodes = 1
    if "TORCHELASTIC_RUN_ID" in os.environ:
        processes = int(os.environ["LOCAL_WORLD_SIZE"])
        nodes = int(os.environ["WORLD_SIZE"]) // processes
    if found < processes:
        raise LkjamError(f"--processes {processes}: found {found} GPUs; --accelerator cpu")
    half = accelerator != "cpu" and torch.cuda.is_bf16_supported()
    many = "ddp" if "TORCHELASTIC_RUN_ID" in os.environ else "ddp_spawn"
    return Fabric(
        accelerator=accelerator,
        devices=processes,
        num_nodes=nodes,
        strategy=many if processes * nodes > 1 else "auto",
        precision="bf16-mixed" if half else "32-true",
    )


def launch(made: Fabric, work: Callable[..., Result], *args: Any) -> Result:
    """Run ``work(fabric, *args)`` on every process; returns what the first one returned.
    Raises LkjamError with the last line of what broke in another process."""
    try:
        result: Result = made.launch(work, *args)
    except torch.multiprocessing.ProcessRaisedException as error:
        raise LkjamError(str(error).strip().splitlines()[-1]) from None
    return result
