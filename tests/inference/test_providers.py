"""The device is chosen in so many words: what was asked for and does not work is an error, never a silent CPU."""

import threading
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from inference import Classifier, providers
from inference.errors import ModelError, ProviderError
from inference.session import Session

without_gpu = pytest.mark.skipif(providers.cuda_devices() > 0, reason="this machine has an NVIDIA GPU")
with_gpu = pytest.mark.skipif(providers.cuda_devices() == 0, reason="this machine has no NVIDIA GPU")


def test_cpu_is_always_there(tiny_model: Path) -> None:
    assert Classifier(tiny_model, provider="cpu").provider == "cpu"


@without_gpu
def test_auto_is_a_quiet_cpu_where_there_is_no_gpu(tiny_model: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert Classifier(tiny_model).provider == "cpu"
    assert capfd.readouterr() == ("", "")


@with_gpu
def test_auto_is_cuda_where_it_works(tiny_model: Path) -> None:
    if "CUDAExecutionProvider" not in ort.get_available_providers():
        pytest.skip("this ONNX Runtime is built without CUDA")
    assert Classifier(tiny_model).provider == "cuda"


@without_gpu
@pytest.mark.parametrize("provider", ["cuda", "tensorrt"])
def test_cuda_asked_for_on_a_machine_without_a_gpu_is_an_error(tiny_model: Path, provider: str) -> None:
    with pytest.raises(ProviderError, match=rf"'{provider}'.*'cpu'"):
        Classifier(tiny_model, provider=provider)


@pytest.mark.parametrize("provider", ["openvino", "coreml", "directml"])
def test_provider_that_is_not_installed_is_an_error_that_lists_those_that_are(tiny_model: Path, provider: str) -> None:
    if providers._ORT_NAMES[provider] in ort.get_available_providers():
        pytest.skip(f"this ONNX Runtime has {provider}")
    with pytest.raises(ProviderError, match=rf"'{provider}' is not in this ONNX Runtime \(it has .*cpu"):
        Classifier(tiny_model, provider=provider)


@pytest.mark.parametrize("provider", ["", "gpu", "CUDAExecutionProvider"])
def test_unknown_provider_is_an_error_that_lists_the_choice(tiny_model: Path, provider: str) -> None:
    with pytest.raises(ProviderError, match="choose one of auto, cpu, cuda"):
        Classifier(tiny_model, provider=provider)


@pytest.fixture
def pretended_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that shows a GPU and a build that lists CUDA, while CUDA itself cannot start: this machine lacks one."""
    monkeypatch.setattr(providers, "cuda_devices", lambda: 1)
    monkeypatch.setattr(ort, "get_available_providers", lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"])


@without_gpu
@pytest.mark.usefixtures("pretended_gpu")
@pytest.mark.filterwarnings("ignore:Specified provider 'CUDAExecutionProvider':UserWarning")
def test_cuda_that_does_not_start_is_an_error_when_asked_for(tiny_model: Path) -> None:
    with pytest.raises(ProviderError, match=r"'cuda' does not start.*pip install"):
        Classifier(tiny_model, provider="cuda")


@without_gpu
@pytest.mark.usefixtures("pretended_gpu")
@pytest.mark.filterwarnings("ignore:Specified provider 'CUDAExecutionProvider':UserWarning")
def test_cuda_that_does_not_start_is_said_aloud_under_auto(tiny_model: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert Classifier(tiny_model, provider="auto").provider == "cpu"
    assert "running on the CPU" in caplog.text


@without_gpu
@pytest.mark.usefixtures("pretended_gpu")
@pytest.mark.filterwarnings("ignore:Specified provider 'CUDAExecutionProvider':UserWarning")
def test_damaged_model_is_blamed_on_the_file_and_not_on_the_gpu(tmp_path: Path) -> None:
    (tmp_path / "damaged.onnx").write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"damaged\.onnx"):
        Classifier(tmp_path / "damaged.onnx", provider="cuda")


@pytest.mark.parametrize(("ort_name", "short"), [("CUDAExecutionProvider", "cuda"), ("XExecutionProvider", "XExecutionProvider")])
def test_short_name_shortens_what_it_knows(ort_name: str, short: str) -> None:
    assert providers.short_name(ort_name) == short


class LostDevice:
    """A session whose device was unplugged: this machine has none to unplug."""

    def run(self, outputs: list[str], inputs: dict[str, object]) -> None:
        raise RuntimeError("CUDA failure 999: device lost")


def lose(classifier: Classifier, device: LostDevice | None = None) -> None:
    classifier._session.provider = "cuda"
    classifier._session._session = device or LostDevice()


def test_device_lost_at_run_time_is_an_error_when_it_was_asked_for(tiny_model: Path) -> None:
    classifier = Classifier(tiny_model, provider="cpu")
    lose(classifier)
    with pytest.raises(ProviderError, match=r"'cuda' stopped working .*device lost.*'cpu'"):
        classifier.scores(np.zeros((1, 32, 32, 3), np.uint8))


def test_device_lost_at_run_time_under_auto_goes_on_on_the_cpu_and_says_so(
    tiny_model: Path, caplog: pytest.LogCaptureFixture
) -> None:
    classifier = Classifier(tiny_model)
    lose(classifier)
    assert classifier.scores(np.zeros((2, 32, 32, 3), np.uint8)).shape == (2, 3)
    assert classifier.provider == "cpu" and "going on on the CPU" in caplog.text


def test_device_lost_to_two_threads_at_once_goes_on_on_the_cpu_for_both(tiny_model: Path) -> None:
    classifier, frames = Classifier(tiny_model), np.zeros((1, 32, 32, 3), np.uint8)

    class LostToBoth(LostDevice):
        """Another thread loses it, and has gone on on the CPU, before this one is told."""

        def run(self, outputs: list[str], inputs: dict[str, object]) -> None:
            if threading.current_thread() is threading.main_thread():
                other = threading.Thread(target=classifier.scores, args=(frames,))
                other.start()
                other.join(20)
                assert classifier.provider == "cpu"
            super().run(outputs, inputs)

    lose(classifier, LostToBoth())
    assert classifier.scores(frames).shape == (1, 3)


def test_file_that_does_not_run_on_the_cpu_either_is_blamed(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    classifier = Classifier(tiny_model)
    lose(classifier)
    run = Session._run
    monkeypatch.setattr(Session, "_run", lambda session, used, frames: run(session, LostDevice(), frames))
    with pytest.raises(ModelError, match=r"does not run .*device lost"):
        classifier.scores(np.zeros((1, 32, 32, 3), np.uint8))


@pytest.mark.parametrize("opset", [99])
def test_opset_that_this_runtime_does_not_know_says_what_to_update(tiny_model: Path, tmp_path: Path, opset: int) -> None:
    model = onnx.load(tiny_model)
    model.opset_import[0].version = opset
    (tmp_path / "newer.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match=r"newer ONNX Runtime than .*update onnxruntime"):
        Classifier(tmp_path / "newer.onnx", provider="cpu")
