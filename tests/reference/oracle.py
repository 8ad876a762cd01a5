"""The program that answers for Real-ESRGAN: a process of its own, in which alone its packages are imported.

It reads one question a line, JSON with the name of a function below and its arguments, and answers with one
line: {"answer": …}, or {"error": …}. Pictures and weights travel as files. `python oracle.py FOLDER`, where
FOLDER holds what scripts/install_reference installed.
"""

from __future__ import annotations

import json
import sys
import traceback
from typing import TYPE_CHECKING, Any

import numpy as np
import standins
import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import nn

sys.path.insert(0, sys.argv[1])
standins.install()

import cv2  # noqa: E402 - after the path to it
from basicsr.archs.rrdbnet_arch import RRDBNet  # noqa: E402
from realesrgan import RealESRGANer  # noqa: E402
from realesrgan.archs.srvgg_arch import SRVGGNetCompact  # noqa: E402


def network(architecture: str) -> nn.Module:
    """Return the network as realesrgan's inference_realesrgan.py makes it."""
    kind, _, size = architecture.partition(" ")
    if kind == "rrdb":
        return RRDBNet(num_in_ch=3, num_out_ch=3, num_feat=64, num_block=int(size), num_grow_ch=32, scale=4)
    features, convolutions = map(int, size.split("x"))
    return SRVGGNetCompact(
        num_in_ch=3, num_out_ch=3, num_feat=features, num_conv=convolutions, upscale=4, act_type="prelu"
    )


def describe(architecture: str) -> dict[str, list[int]]:
    """Return the shape of every tensor of its state, by key."""
    return {key: list(tensor.shape) for key, tensor in network(architecture).state_dict().items()}


@torch.no_grad()
def run(architecture: str, checkpoint: str, tiles: str, answer: str) -> None:
    """Write what the network makes of ``tiles`` (.npy, float32 NCHW) to ``answer`` (.npy)."""
    model = network(architecture)
    model.load_state_dict(torch.load(checkpoint)["params"], strict=True)
    np.save(answer, model.eval()(torch.from_numpy(np.load(tiles))).numpy())


def read(file: str, answer: str) -> None:
    """Write the pixels of a picture's file to ``answer``, as inference_realesrgan.py reads them."""
    np.save(answer, cv2.imread(file, cv2.IMREAD_UNCHANGED))


def enhance(
    architecture: str,
    checkpoints: Sequence[str],
    pixels: str,
    answer: str,
    *,
    pre_pad: int,
    tile: int,
    strength: float | None,
) -> None:
    """Write what ``RealESRGANer.enhance`` makes of ``pixels`` to ``answer``.

    Both .npy as OpenCV has them: (height, width), (height, width, BGR) or (height, width, BGRA), uint8 or uint16.
    With a ``strength`` there are two checkpoints, mixed as for realesr-general-x4v3.
    """
    upsampler = RealESRGANer(
        scale=4,
        model_path=checkpoints[0] if strength is None else list(checkpoints),
        dni_weight=None if strength is None else [strength, 1 - strength],
        model=network(architecture),
        tile=tile,
        pre_pad=pre_pad,
        half=False,
        device=torch.device("cpu"),
    )
    enlarged, _ = upsampler.enhance(np.load(pixels))
    np.save(answer, enlarged)


def main() -> None:
    """Answer until there are no more questions; what realesrgan prints goes to standard error."""
    answers, sys.stdout = sys.stdout, sys.stderr
    functions: dict[str, Any] = {"describe": describe, "run": run, "read": read, "enhance": enhance}
    for line in sys.stdin:
        question = json.loads(line)
        try:
            reply = {"answer": functions[question.pop("function")](**question)}
        except Exception:  # noqa: BLE001 - whatever it is, the test that asked shows it
            reply = {"error": traceback.format_exc()}
        print(json.dumps(reply), file=answers, flush=True)


if __name__ == "__main__":
    main()
