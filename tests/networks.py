"""Small networks in ONNX, as people bring them: good ones of every form, and bad ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper

Dim = int | str | None
RGB: tuple[Dim, ...] = (1, 3, None, None)


def network(
    nodes: Sequence[NodeProto],
    taken: Sequence[Dim] | None = RGB,
    *,
    inputs: Sequence[str] = ("picture",),
    dtype: int = TensorProto.FLOAT,
    ir_version: int = 8,
    **tensors: np.ndarray[Any, Any],
) -> bytes:
    """Return the bytes of a network whose last node gives ``larger``; ``tensors`` are its weights."""
    graph = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info(name, dtype, taken) for name in inputs],
        [helper.make_tensor_value_info("larger", dtype, None)],
        [numpy_helper.from_array(value, name) for name, value in tensors.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=ir_version)
    content: bytes = model.SerializeToString()
    return content


def nearest(scale: float = 2, taken: Sequence[Dim] | None = RGB, axes: tuple[int, int] = (2, 3)) -> bytes:
    """Return a network that repeats pixels."""
    scales = np.ones(4, np.float32)
    scales[list(axes)] = scale
    options = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    resize = helper.make_node("Resize", ["picture", "", "scales"], ["larger"], **options)
    return network([resize], taken, scales=scales)


def shuffled(
    scale: int = 4, taken: Sequence[Dim] = RGB, *, black: float = 0, white: float = 1, clip: bool = True
) -> bytes:
    """Return a network of a convolution and a pixel shuffle; as trained ones it knows one range of values."""
    channels = taken[1] if isinstance(taken[1], int) else 3
    kernel = np.zeros((channels * scale**2, channels, 3, 3), np.float32)
    for index in range(len(kernel)):
        kernel[index, index // scale**2, 1, 1] = 1
    bias = np.full(len(kernel), 0.02, np.float32)
    return network(
        [
            helper.make_node("Sub", ["picture", "black"], ["shifted"]),
            helper.make_node("Div", ["shifted", "span"], ["unit"]),
            helper.make_node("Conv", ["unit", "kernel", "bias"], ["planes"], pads=[1, 1, 1, 1]),
            helper.make_node("DepthToSpace", ["planes"], ["wide"], blocksize=scale, mode="CRD"),
            helper.make_node("Clip", ["wide", "low" if clip else "", "high" if clip else ""], ["clipped"]),
            helper.make_node("Mul", ["clipped", "span"], ["scaled"]),
            helper.make_node("Add", ["scaled", "black"], ["larger"]),
        ],
        taken,
        kernel=kernel,
        bias=bias,
        black=np.array(black, np.float32),
        span=np.array(white - black, np.float32),
        low=np.array(0, np.float32),
        high=np.array(1, np.float32),
    )


def in_steps(step: int, scale: int = 2, *, rounds: bool = False) -> bytes:
    """Return a network whose sides must be multiples of ``step``, or which rounds them down to that."""
    nodes = [
        helper.make_node("SpaceToDepth", ["whole"], ["deep"], blocksize=step),
        helper.make_node("DepthToSpace", ["deep"], ["again"], blocksize=step),
        helper.make_node("Resize", ["again", "", "scales"], ["larger"], mode="nearest"),
    ]
    if rounds:
        nodes = [
            helper.make_node("MaxPool", ["picture"], ["small"], kernel_shape=[step] * 2, strides=[step] * 2),
            helper.make_node("Resize", ["small", "", "back"], ["again"], mode="nearest"),
            nodes[-1],
        ]
    else:
        nodes[0].input[0] = "picture"
    scales, back = (np.array([1, 1, factor, factor], np.float32) for factor in (scale, step))
    return network(nodes, scales=scales, back=back)


def reshaped(side: int = 64) -> bytes:
    """Return a network that says it takes any size, but takes one."""
    nodes = [
        helper.make_node("Reshape", ["picture", "shape"], ["fixed"]),
        helper.make_node("Resize", ["fixed", "", "scales"], ["larger"], mode="nearest"),
    ]
    return network(nodes, shape=np.array([1, 3, side, side]), scales=np.array([1, 1, 2, 2], np.float32))


def classifier() -> bytes:
    """Return a network that tells ten classes."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["picture"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["flat"]),
        helper.make_node("MatMul", ["flat", "matrix"], ["larger"]),
    ]
    return network(nodes, matrix=np.ones((3, 10), np.float32))


def one_node(kind: str, *rest: str, **options: Any) -> bytes:
    """Return a network of a single node on the picture."""
    return network([helper.make_node(kind, ["picture", *rest], ["larger"])], **options)


def with_outside_weights() -> bytes:
    """Return a network whose weights are said to lie in another file."""
    weight = numpy_helper.from_array(np.ones(1, np.float32), "weight")
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    place = weight.external_data.add()
    place.key, place.value = "location", "network.onnx.data"
    node = helper.make_node("Mul", ["picture", "weight"], ["larger"])
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, RGB) for name in ("picture", "larger")]
    graph = helper.make_graph([node], "test", ends[:1], ends[1:], [weight])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    content: bytes = model.SerializeToString()
    return content


def two_inputs() -> bytes:
    """Return a network that adds two pictures."""
    return network([helper.make_node("Add", ["picture", "noise"], ["larger"])], inputs=("picture", "noise"))


def no_numbers() -> bytes:
    """Return a network that gives roots of what is below zero."""
    nodes = [helper.make_node("Neg", ["picture"], ["below"]), helper.make_node("Sqrt", ["below"], ["larger"])]
    return network(nodes)


def half() -> bytes:
    """Return a network that takes numbers of 16 bits."""
    return one_node("Relu", dtype=TensorProto.FLOAT16)


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "garbage": (lambda: b"GIF89a and so on", "no ONNX network, or is incomplete"),
    "empty": (lambda: b"", "no ONNX network, or is incomplete"),
    "truncated": (lambda: shuffled()[:-200], "no ONNX network, or is incomplete"),
    "of the future": (lambda: one_node("Relu", ir_version=99), "newer ONNX"),
    "unknown operator": (lambda: one_node("Frobnicate"), r"needs an operator .*Frobnicate"),
    "weights elsewhere": (with_outside_weights, "second file"),
    "two inputs": (two_inputs, r"takes 2 inputs \(picture, noise\)"),
    "half": (half, "takes numbers of type float16"),
    "classifier": (classifier, r"gives no picture: of one of shape \(1, 3, 16, 16\) it makes \(1, 10\)"),
    "one and a half": (lambda: nearest(1.5), "1.5 x 1.5 times"),
    "smaller": (lambda: nearest(0.5), "0.5 x 0.5 times"),
    "wider only": (lambda: nearest(2, axes=(3, 3)), "2 x 1 times"),
    "too much": (lambda: nearest(20), "enlarges 20 times; 16"),
    "four channels": (lambda: nearest(2, (1, 4, None, None)), r"\(1, 4, any, any\): neither 3 channels"),
    "four at once": (lambda: nearest(2, (4, 3, None, None)), "not one picture"),
    "a vector": (lambda: one_node("Relu", taken=(1, 224)), "not one picture"),
    "huge": (lambda: nearest(2, (1, 3, 50_000, 50_000)), "2048 px is the largest"),
    "tiny": (lambda: nearest(2, (1, 3, 8, 8)), "16 px is the least"),
    "something else": (lambda: one_node("Neg"), "something else than the picture"),
    "no numbers": (no_numbers, "something else than the picture"),
}
"""What makes a file unsuitable: the file, and the words of its refusal."""


def memory_bomb(values: int = 1 << 40) -> bytes:
    """Return a network that wants an array of so many values as soon as it is loaded."""
    nodes = [
        helper.make_node("ConstantOfShape", ["shape"], ["huge"]),
        helper.make_node("ReduceSum", ["huge"], ["sum"], keepdims=0),
        helper.make_node("Add", ["picture", "sum"], ["larger"]),
    ]
    return network(nodes, shape=np.array([values]))


def endless() -> bytes:
    """Return a network that never finishes."""
    ends = [helper.make_tensor_value_info(name, TensorProto.BOOL, []) for name in ("going", "goes")]
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("before", "after")]
    turn = helper.make_tensor_value_info("turn", TensorProto.INT64, [])
    body = helper.make_graph(
        [helper.make_node("Identity", ["going"], ["goes"]), helper.make_node("Sin", ["before"], ["after"])],
        "body",
        [turn, ends[0], values[0]],
        [ends[1], values[1]],
    )
    loop = helper.make_node("Loop", ["", "true", "picture"], ["larger"], body=body)
    return network([loop], true=np.array(True))


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "huge array": (memory_bomb, "does not run on a picture"),
    "large array": (lambda: memory_bomb(1 << 31), "more memory than"),
    "large result": (lambda: nearest(200), "more memory than"),
    "endless": (endless, "does not finish within"),
}
"""Networks that a browser must survive, and the words of their refusal."""
