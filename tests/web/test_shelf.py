"""Which models are on this device, and what deleting one takes away."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from fourxl.manifest import Checkpoint, ModelFile, ModelSpec, Trained
from fourxl_web import shelf
from fourxl_web.shelf import Shelf


def a_file(name: str, size_bytes: int) -> ModelFile:
    """Return a file whose sha256 is its name."""
    return ModelFile(f"{name}.bin", size_bytes, name)


def trained(weights: ModelFile | None) -> Trained:
    """Return a training whose copy is that file."""
    return Trained(Checkpoint("https://example.org/a.pth", 9, "0" * 64), weights)


GRAPH, GPU_GRAPH, NATIVE_GRAPH = a_file("graph", 10), a_file("gpu-graph", 20), a_file("native-graph", 40)
GRAPHS = {"wasm": GRAPH, "webgpu": GPU_GRAPH, "onnxruntime": NATIVE_GRAPH}
FIRST, OTHER, WEAK = a_file("first", 100), a_file("other", 200), a_file("weak", 400)
A = ModelSpec(
    "a", "A", "Photos.", "rrdb", 4, 8, 16, 512, "MIT", "ours", GRAPHS, trained(FIRST), trained(WEAK), None
)
B = replace(A, id="b", trained=trained(OTHER), weak_denoise=None)
UNPUBLISHED = replace(A, id="c", trained=trained(None))
ALL_OF_A, ALL_OF_B = {"graph", "gpu-graph", "first", "weak"}, {"graph", "gpu-graph", "other"}
each = pytest.mark.parametrize


def stored(*names: str) -> Shelf:
    """Return a shelf with those files stored."""
    return Shelf(stored=frozenset(names))


def test_what_a_model_consists_of() -> None:
    """A browser needs the graphs of both its runtimes and both weights, and no graph of another runtime."""
    assert shelf.files(A) == (GRAPH, GPU_GRAPH, FIRST, WEAK)
    assert shelf.files(UNPUBLISHED) == ()
    assert shelf.size_bytes(shelf.files(A)) == 530


@each("lost", sorted(ALL_OF_A))
def test_a_model_is_here_when_all_of_it_is(lost: str) -> None:
    """Any single file that is missing makes the model absent, and only that one is to be fetched."""
    assert stored(*ALL_OF_A).place(A) == "stored"
    rest = stored(*ALL_OF_A - {lost})
    assert rest.place(A) == "absent"
    assert [file.sha256 for file in rest.missing(A)] == [lost]


def test_a_model_in_memory() -> None:
    """A model of which anything is only in memory is held there, not stored."""
    assert Shelf(frozenset(ALL_OF_A - {"first"}), frozenset({"first"})).place(A) == "held"
    assert Shelf(held=frozenset(ALL_OF_A)).place(A) == "held"


def test_a_model_that_this_site_does_not_have() -> None:
    """A model without its files is unpublished, whatever is on this device."""
    assert stored(*ALL_OF_A).place(UNPUBLISHED) == "unpublished"


def test_deleting_spares_what_another_model_needs() -> None:
    """Files that another model on this device shares stay; with the other one absent they go too."""
    both = stored(*ALL_OF_A, *ALL_OF_B)
    models = (A, B, UNPUBLISHED)
    assert both.deletable(A, models) == (FIRST, WEAK)
    assert both.deletable(B, models) == (OTHER,)
    assert stored(*ALL_OF_A).deletable(A, models) == (GRAPH, GPU_GRAPH, FIRST, WEAK)


def test_a_part_of_a_model_can_be_deleted() -> None:
    """What a broken-off download left goes too, unless another model needs it."""
    assert stored("graph", "first").deletable(A, (A, B)) == (GRAPH, FIRST)
    assert stored(*ALL_OF_B, "first").deletable(A, (A, B)) == (FIRST,)
    assert stored(*ALL_OF_B).deletable(A, (A, B)) == ()


def test_shared_files_are_counted_once() -> None:
    """What the models take on this device counts a shared file once, and files in memory too."""
    assert stored(*ALL_OF_A, *ALL_OF_B).used_bytes((A, B)) == 10 + 20 + 100 + 200 + 400
    assert Shelf(frozenset({"graph"}), frozenset({"first"})).used_bytes((A, B)) == 110
    assert stored("something else").used_bytes((A, B)) == 0


def test_a_shelf_survives_the_wire() -> None:
    """What ``from_wire`` makes of a shelf's JSON equals it."""
    found = Shelf(frozenset({"b", "a"}), frozenset({"c"}), "No room.")
    assert shelf.from_wire(json.loads(json.dumps(found.to_wire()))) == found


def test_shelves_are_joined() -> None:
    """Two stores together have what either has, and the first obstacle that one of them tells."""
    both = Shelf(frozenset("a"), frozenset("b"), "Full.").joined(
        Shelf(frozenset("c"), frozenset("d"), "Shut.")
    )
    assert both == Shelf(frozenset("ac"), frozenset("bd"), "Full.")
    assert Shelf().joined(both) == both
