"""Real-ESRGAN's own program, enlarging as the original 4XL's server did, in a process of its own.

`python upstream.py CHECKPOINT FOLDER …` imports Real-ESRGAN from the folders. It reads one job a line, JSON with
the paths `picture` and `result`, and answers each with the seconds that `enhance` took.
"""

from __future__ import annotations

import json
import sys
import time

sys.path[:0] = sys.argv[2:]
import standins  # noqa: E402 - after the path to it

standins.install()

import cv2  # noqa: E402
from realesrgan import RealESRGANer  # noqa: E402
from realesrgan.archs.srvgg_arch import SRVGGNetCompact  # noqa: E402


def main() -> None:
    """Enlarge until there are no more jobs; what realesrgan prints goes to standard error."""
    answers, sys.stdout = sys.stdout, sys.stderr
    network = SRVGGNetCompact(
        num_in_ch=3, num_out_ch=3, num_feat=64, num_conv=32, upscale=4, act_type="prelu"
    )
    upsampler = RealESRGANer(
        scale=4, model_path=sys.argv[1], model=network, tile=512, tile_pad=32, pre_pad=10, half=False
    )
    for line in sys.stdin:
        job = json.loads(line)
        picture = cv2.imread(job["picture"], cv2.IMREAD_UNCHANGED)
        started = time.perf_counter()
        enlarged, _ = upsampler.enhance(picture, outscale=4)
        taken_s = time.perf_counter() - started
        cv2.imwrite(job["result"], enlarged)
        print(taken_s, file=answers, flush=True)


if __name__ == "__main__":
    main()
