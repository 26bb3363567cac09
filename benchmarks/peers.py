"""Ways of getting from uint8 pictures to scores, ours among others, each in a process of its own.

    python -m benchmarks.peers WAY --model models/attitude.onnx --threads 2

reads a number of pictures per line from stdin and answers with the milliseconds for them, so that `benchmarks.frames` can ask
all ways in turn without their threads in one another's way. `--once N` classifies N pictures once, tells the memory, and ends:
that is what `benchmarks.startup` times. PyTorch has random weights of the same network, since the time does not depend on them.
"""

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

Way = Callable[[Sequence[np.ndarray]], object]
TITLES = {
    "ours": "Taido (Classifier.scores_of)",
    "session": "(f) bare session.run, ready frames",
    "torch": "(a) PyTorch eager, timm transforms",
    "torch_compile": "(b) torch.compile, timm transforms",
    "transformers": "(c) transformers pipeline",
    "onnx_pillow": "(d) ONNX Runtime, PIL + numpy, one by one",
    "onnx_pillow_batch": "(d') the same, one batch",
    "openvino": "(e) OpenVINO, our frames, its own precision",
    "openvino_f32": "(e') OpenVINO, our frames, float32",
    "openvino_same": "(e'') OpenVINO, our frames, the file of ours",
}
FLOAT = ("torch", "torch_compile", "transformers", "onnx_pillow", "onnx_pillow_batch", "openvino", "openvino_f32")
"""Take the float32 file where ours is a variant of it: what somebody has who exports a network and does no more."""
WAYS = tuple(TITLES)
UNAVAILABLE = 3
"""Exit status when a library that a way needs is not there, or does not know this network."""


def pictures(count: int) -> list[np.ndarray]:
    """One photograph of 1280 x 720, or `count` crops of the sizes that students have in one; made up, and smooth."""
    import cv2

    rng = np.random.default_rng(0)
    sizes = [(720, 1280)] if count == 1 else [(int(rng.integers(80, 240)), int(rng.integers(60, 220))) for _ in range(count)]
    return [cv2.resize(rng.integers(0, 256, (12, 12, 3), dtype=np.uint8), (width, height)) for height, width in sizes]


def build(way: str, model: Path, threads: int) -> Way:
    """Raises ImportError, or what a library raises for a network that it does not know."""
    return globals()[f"_{way}"](model, threads)


def _ours(model: Path, threads: int) -> Way:
    import cv2

    from inference.classifier import Classifier

    cv2.setNumThreads(threads)
    return Classifier(model, provider="cpu", threads=threads).scores_of


def _session(model: Path, threads: int) -> Way:
    from inference.classifier import Classifier
    from inference.spec import INPUT_NAME, OUTPUT_NAME

    classifier = Classifier(model, provider="cpu", threads=threads)
    session = classifier._session._session  # noqa: SLF001  # the very session, without anything of ours around it
    ready: dict[int, list[np.ndarray]] = {}

    def run(images: Sequence[np.ndarray]) -> object:
        if len(images) not in ready:  # in the first round, which is not counted
            frames = classifier.prepare(images)
            ready[len(images)] = [frames[i : i + 32] for i in range(0, len(frames), 32)]
        return [session.run([OUTPUT_NAME], {INPUT_NAME: part}) for part in ready[len(images)]]

    return run


def _eager(model: Path, threads: int):  # torch is imported here only
    import torch
    from PIL import Image
    from timm.data import create_transform

    from inference.classifier import Classifier
    from training.model import rebuild

    torch.set_num_threads(threads)
    spec = Classifier(model, provider="cpu", threads=1).spec
    network = rebuild(spec).network.eval()
    transform = create_transform(
        input_size=(3, *spec.input_size_hw), crop_pct=1.0, mean=spec.mean_rgb, std=spec.std_rgb, interpolation="bilinear"
    )

    def batch(images: Sequence[np.ndarray]) -> "torch.Tensor":
        return torch.stack([transform(Image.fromarray(image)) for image in images])

    return torch, network, batch


def _torch(model: Path, threads: int) -> Way:
    torch, network, batch = _eager(model, threads)

    def run(images: Sequence[np.ndarray]) -> object:
        with torch.inference_mode():
            return network(batch(images)).softmax(1).numpy()

    return run


def _torch_compile(model: Path, threads: int) -> Way:
    torch, network, batch = _eager(model, threads)
    compiled = torch.compile(network)

    def run(images: Sequence[np.ndarray]) -> object:
        with torch.no_grad():
            return compiled(batch(images)).softmax(1).numpy()

    return run


def _transformers(model: Path, threads: int) -> Way:
    os.environ["HF_HUB_OFFLINE"] = "1"
    import torch
    from PIL import Image
    from transformers import TimmWrapperConfig, TimmWrapperForImageClassification, pipeline
    from transformers.models.timm_wrapper.image_processing_timm_wrapper import TimmWrapperImageProcessor

    from inference.classifier import Classifier
    from training import edgetpu  # noqa: F401  # registers its network with timm

    torch.set_num_threads(threads)
    spec = Classifier(model, provider="cpu", threads=1).spec
    config = TimmWrapperConfig(architecture=spec.base_model, id2label=dict(enumerate(spec.class_names)))
    cfg = {"input_size": (3, *spec.input_size_hw), "mean": spec.mean_rgb, "std": spec.std_rgb, "interpolation": "bilinear"}
    processor = TimmWrapperImageProcessor(pretrained_cfg={**cfg, "crop_pct": 1.0, "crop_mode": "center"})
    network = TimmWrapperForImageClassification(config).eval()
    pipe = pipeline("image-classification", model=network, image_processor=processor, device="cpu")
    return lambda images: pipe([Image.fromarray(image) for image in images], batch_size=min(32, len(images)))


def bare(model: Path) -> bytes:
    """The float network alone: from the normalised pixels to the scores."""
    import onnx

    from inference.spec import INPUT_NAME, OUTPUT_NAME

    graph = onnx.load(model)
    first = next(node for node in graph.graph.node if node.op_type == "Conv")
    for node in graph.graph.node:
        if node.op_type == "Shape" and node.input[0] == INPUT_NAME:  # for the size of the batch, which is that of the pixels too
            node.input[0] = first.input[0]
    cut = onnx.utils.Extractor(onnx.shape_inference.infer_shapes(graph)).extract_model([first.input[0]], [OUTPUT_NAME])
    return cut.SerializeToString()


def _demo(model: Path, threads: int, *, one_by_one: bool) -> Way:
    import onnxruntime as ort
    from PIL import Image

    from inference.classifier import Classifier

    spec = Classifier(model, provider="cpu", threads=1).spec
    height, width = spec.input_size_hw
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(bare(model), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    mean, std = np.array(spec.mean_rgb, np.float32), np.array(spec.std_rgb, np.float32)

    def pixels(image: np.ndarray) -> np.ndarray:
        small = Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR)
        return ((np.asarray(small, np.float32) / 255 - mean) / std).transpose(2, 0, 1)

    if one_by_one:
        return lambda images: [session.run(None, {name: pixels(image)[None]}) for image in images]
    return lambda images: session.run(None, {name: np.stack([pixels(image) for image in images])})


def _onnx_pillow(model: Path, threads: int) -> Way:
    return _demo(model, threads, one_by_one=True)


def _onnx_pillow_batch(model: Path, threads: int) -> Way:
    return _demo(model, threads, one_by_one=False)


def _openvino(model: Path, threads: int, **hints: str) -> Way:
    import openvino

    from inference.classifier import Classifier

    classifier = Classifier(model, provider="cpu", threads=1)  # for its frames: the same work around the network
    settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads, **hints}
    compiled = openvino.Core().compile_model(str(model), "CPU", settings)

    def run(images: Sequence[np.ndarray]) -> object:
        frames = classifier.prepare(images)
        return [compiled(frames[i : i + 32])[0] for i in range(0, len(frames), 32)]

    return run


def _openvino_same(model: Path, threads: int) -> Way:
    return _openvino(model, threads)


def _openvino_f32(model: Path, threads: int) -> Way:
    return _openvino(model, threads, INFERENCE_PRECISION_HINT="f32")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--float", type=Path, metavar="MODEL", help="float32 file of the same network for the peers")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--once", type=int, metavar="N", help="classify N pictures once, tell the memory, end")
    given = parser.parse_args()
    try:
        model = given.float if given.float and given.way in FLOAT else given.model
        way = build(given.way, model, given.threads)
        way(pictures(1))
    except Exception as error:  # every library has its own
        print(f"{type(error).__name__}: {str(error).strip().splitlines()[0][:160] if str(error).strip() else ''}", flush=True)
        return UNAVAILABLE
    if given.once is not None:
        way(pictures(given.once))
        print(json.dumps({"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
        return 0
    print("ready", flush=True)
    kept: dict[int, list[np.ndarray]] = {}
    for line in sys.stdin:
        images = kept.setdefault(int(line), pictures(int(line)))
        start = time.perf_counter()
        way(images)
        print(1000 * (time.perf_counter() - start), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
