"""Where a training runs: one process, several of this machine, or torchrun's on many.

Lightning Fabric does the work. Every process trains its share of the lanes, and gradients
are averaged, so that the steps are the same for any number of processes.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

import torch
from lightning_fabric import Fabric

from ...errors import LkjamError

Result = TypeVar("Result")

# Lightning and torch print greetings in every process: silence them.
logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
logging.getLogger("torch.multiprocessing").setLevel(logging.ERROR)
warnings.filterwarnings("ignore", module="lightning_fabric")


def fabric(accelerator: str = "auto", processes: int = 1) -> Fabric:
    """``accelerator``: "auto" (a GPU if there is one), "cpu", "gpu".

    Under torchrun, the environment tells the number of processes. On GPUs that support it the
    network computes in bfloat16. Raises LkjamError for more GPUs than there are.
    """
    if accelerator == "auto":
        accelerator = "cuda" if torch.cuda.is_available() else "cpu"
    on_torchrun, nodes = "TORCHELASTIC_RUN_ID" in os.environ, 1
    if on_torchrun:
        processes = int(os.environ["LOCAL_WORLD_SIZE"])
        nodes = int(os.environ["WORLD_SIZE"]) // processes
    if accelerator != "cpu" and torch.cuda.device_count() < processes:
        found = torch.cuda.device_count()
        raise LkjamError(f"found {found} GPUs, wanted {processes}: or --accelerator cpu")
    half = accelerator != "cpu" and torch.cuda.is_bf16_supported()
    return Fabric(
        accelerator=accelerator,
        devices=processes,
        num_nodes=nodes,
        strategy="auto" if processes * nodes == 1 else "ddp" if on_torchrun else "ddp_spawn",
        precision="bf16-mixed" if half else "32-true",
    )


def launch(made: Fabric, work: Callable[..., Result], *args: Any) -> Result:
    """Run ``work(fabric, *args)`` on every process; returns what the first one returned.
    Raises LkjamError with the last line of the error of another process."""
    try:
        result: Result = made.launch(_on_process, work, *args)
    except torch.multiprocessing.ProcessRaisedException as error:
        last = str(error).strip().splitlines()[-1]
        raise LkjamError(last.split("Error: ", 1)[-1]) from None
    return result


def _on_process(made: Fabric, work: Callable[..., Result], *args: Any) -> Result:
    """Run ``work``. Lives here so that a new process imports this module first, and is silent."""
    result = work(made, *args)
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        made.barrier()  # a process that left earlier would break the others' connection
        torch.distributed.destroy_process_group()
    return result
