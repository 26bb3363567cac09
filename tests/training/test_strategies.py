"""Which weights learn."""

from dataclasses import dataclass
from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from inference.errors import ModelError
from training import backbones, checkpoint, strategies
from training.config import TrainConfig, run_folder
from training.engine import Engine
from training.model import create

SMALL = {"model": "test_efficientnet", "img_size": 32, "data": ""}
FRAMES = torch.randint(0, 256, (8, 32, 32, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
BATCH = (FRAMES, torch.tensor([0, 1] * 4))


@dataclass
class Batches:
    """One batch, again and again."""

    count: int = 2

    def __len__(self) -> int:
        return 8 * self.count

    def batches(self, size: int, workers: int, part: tuple[int, int] = (0, 1)) -> list[tuple[torch.Tensor, torch.Tensor]]:
        return [BATCH] * self.count


@pytest.mark.parametrize(
    ("name", "learn"),
    [
        ("torchvision/resnet50", 20_490),
        ("torchvision/densenet201", 19_210),
        ("torchvision/vit_b_16", 7_690),
        ("resnet50", 20_490),
        ("densenet201", 19_210),
        ("vit_base_patch16_224", 7_690),
    ],
)
def test_head_alone_has_the_parameters_that_hirokawa_counts(name: str, learn: int) -> None:
    with torch.device("meta"):
        network = backbones.empty(name, 10)
    strategies.freeze_body(network)
    learning, total = strategies.counts(network)
    assert learning == learn < total


def test_head_strategy_moves_the_head_and_nothing_else() -> None:
    config = TrainConfig(**SMALL, strategy="head", pretrained=True, epochs=1, batch_size=8)
    model = create(TrainConfig(**SMALL), ("a", "b"))
    strategies.apply(model, config)
    before = {name: value.clone() for name, value in model.network.state_dict().items()}
    Engine(model, config, torch.device("cpu")).train_epoch(Batches(), 0)
    changed = {name for name, value in model.network.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == backbones.head_names(model.network)


def test_nine_layers_of_vgg16_end_where_keras_thirteen_do() -> None:
    with torch.device("meta"):
        by_number, by_name = backbones.empty("torchvision/vgg16", 2), backbones.empty("torchvision/vgg16", 2)
    strategies.freeze_until(by_number, "9")
    strategies.freeze_until(by_name, "features.19")
    frozen = [name for name, value in by_number.named_parameters() if not value.requires_grad]
    assert frozen == [name for name, value in by_name.named_parameters() if not value.requires_grad]
    assert frozen[-1] == "features.19.bias" and len(frozen) == 18


def test_transformer_is_frozen_with_its_tokens() -> None:
    with torch.device("meta"):
        network = backbones.empty("vit_tiny_patch16_224", 2)
    strategies.freeze_until(network, "blocks.0")
    assert not network.pos_embed.requires_grad and not network.cls_token.requires_grad
    assert not network.blocks[0].attn.qkv.weight.requires_grad
    assert network.blocks[1].attn.qkv.weight.requires_grad


@pytest.mark.parametrize(
    ("layer", "message"),
    [("nowhere", "no such layer"), ("0", "layers with weights"), ("999", "keep one"), ("classifier", "head as well")],
)
def test_layer_that_cannot_be_the_last_frozen_one_is_refused(layer: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        strategies.freeze_until(backbones.empty("test_efficientnet", 2), layer)


def test_probe_trains_the_head_first_and_then_everything() -> None:
    config = TrainConfig(**SMALL, probe_epochs=1, epochs=2, batch_size=8)
    model = create(config, ("a", "b"))
    engine = Engine(model, config, torch.device("cpu"))
    body = next(value for name, value in model.network.named_parameters() if name not in backbones.head_names(model.network))
    first = body.clone()
    engine.train_epoch(Batches(), 0)
    assert torch.equal(body, first)
    engine.train_epoch(Batches(), 1)
    assert not torch.equal(body, first)


def test_layer_decay_slows_the_first_layers_down() -> None:
    config = TrainConfig(**SMALL, layer_decay=0.5, epochs=1, batch_size=8, warmup_epochs=0)
    engine = Engine(create(config, ("a", "b")), config, torch.device("cpu"))
    engine.train_epoch(Batches(), 0)
    rates = [group["lr"] for group in engine.optimizer.param_groups]
    assert min(rates) < max(rates) / 8


def test_gradients_of_several_batches_make_one_step() -> None:
    def head_after(batches: int, together: int) -> torch.Tensor:
        torch.manual_seed(0)
        more = {"opt": "momentum", "warmup_epochs": 0, "sched": "none", "drop": 0.0, "batch_size": 8}
        config = TrainConfig(**SMALL, **more, epochs=1, grad_accum_steps=together)
        model = create(config, ("a", "b"))
        model.frozen = [part for part in model.modules() if isinstance(part, nn.BatchNorm2d)]
        Engine(model, config, torch.device("cpu")).train_epoch(Batches(batches), 0)
        return backbones.head_of(model.network).weight.detach()

    once = head_after(batches=1, together=1)
    torch.testing.assert_close(head_after(batches=2, together=2), once)
    torch.testing.assert_close(head_after(batches=3, together=4), once)
    assert not torch.allclose(head_after(batches=2, together=1), once)


def test_checkpoint_of_a_torchvision_backbone_comes_back(tmp_path: Path) -> None:
    config = TrainConfig(**{**SMALL, "model": "torchvision/shufflenet_v2_x0_5"})
    model = create(config, ("a", "b")).eval()
    checkpoint.save(tmp_path / "c.pth.tar", model, config)
    torch.testing.assert_close(checkpoint.load(tmp_path / "c.pth.tar")(FRAMES), model(FRAMES))
    assert run_folder(config, "20230101-120000").name == "20230101-120000-torchvision-shufflenet_v2_x0_5-32"


def test_backbone_of_torchvision_takes_weights_from_a_file(tmp_path: Path) -> None:
    path = f"{tmp_path}/squeezenet.pth"
    with torch.no_grad():
        saved = backbones.empty("torchvision/squeezenet1_1", 1000)
        torch.save(saved.state_dict(), path)
    network = backbones.load("torchvision/squeezenet1_1", pretrained=False, path=path, num_classes=3)
    assert torch.equal(network.state_dict()["features.0.weight"], saved.state_dict()["features.0.weight"])
    assert backbones.head_of(network).weight.shape[0] == 3
    with pytest.raises(ModelError, match="lacks"):
        backbones.load("torchvision/mobilenet_v2", pretrained=False, path=path, num_classes=3)
    with pytest.raises(ModelError, match="torchvision has no classifier"):
        backbones.load("torchvision/vgg17", pretrained=False, path="", num_classes=3)


def test_weights_of_another_network_are_refused_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_file(timm.create_model("test_efficientnet", num_classes=0).state_dict(), path)  # a file without a head
    assert backbones.load("test_efficientnet", pretrained=False, path=str(path), num_classes=3).num_classes == 3
    with pytest.raises(ModelError, match=r"lacks \d+ weights of test_vit, e\.g\. "):
        backbones.load("test_vit", pretrained=False, path=str(path), num_classes=3)
    state = load_file(path)
    del state["blocks.0.0.conv.weight"]
    save_file(state, tmp_path / "partly.safetensors")
    with pytest.raises(ModelError, match=r"lacks 1 weights of test_efficientnet, e\.g\. blocks\.0\.0\.conv\.weight"):
        backbones.load_timm("test_efficientnet", pretrained=False, path=f"{tmp_path}/partly.safetensors", num_classes=0)
    save_file({**state, "conv_stem.weight": state["conv_stem.weight"][:1]}, tmp_path / "small.safetensors")
    with pytest.raises(ModelError, match=r"size mismatch for conv_stem\.weight"):
        backbones.load("test_efficientnet", pretrained=False, path=f"{tmp_path}/small.safetensors", num_classes=3)


def test_transformer_is_made_for_the_frames_and_comes_back_from_its_checkpoint(tmp_path: Path) -> None:
    config = TrainConfig(**{**SMALL, "model": "vit_tiny_patch16_224"})
    model = create(config, ("a", "b")).eval()
    checkpoint.save(tmp_path / "vit.pth.tar", model, config)
    torch.testing.assert_close(checkpoint.load(tmp_path / "vit.pth.tar")(FRAMES), model(FRAMES))


def test_pretrained_transformers_stretch_their_position_embedding(tmp_path: Path) -> None:
    saved = timm.create_model("vit_tiny_patch16_224", num_classes=7)
    save_file(saved.state_dict(), tmp_path / "vit.safetensors")
    network = backbones.load("vit_tiny_patch16_224", pretrained=False, path=f"{tmp_path}/vit.safetensors", num_classes=2, size=64)
    assert network.pos_embed.shape[1] == 1 + (64 // 16) ** 2 < saved.pos_embed.shape[1]
    assert torch.equal(network.pos_embed[:, 0], saved.pos_embed[:, 0])
    with torch.device("meta"):
        assert backbones.empty("torchvision/vit_b_16", 2, 64).encoder.pos_embedding.shape[1] == 17


@pytest.mark.parametrize(("name", "size"), [("torchvision/squeezenet1_1", 16), ("torchvision/vit_b_16", 100)])
def test_frames_that_a_backbone_cannot_take_are_refused(name: str, size: int) -> None:
    with pytest.raises(ModelError, match=f"cannot take frames of {size} x {size} pixels .* Give another --img-size"):
        create(TrainConfig(model=name, img_size=size), ("a", "b"))


def test_weights_that_fit_one_size_are_not_served_on_another() -> None:
    with pytest.raises(ModelError, match=r"fit frames of one size only\. Leave out --test-img-size"):
        create(TrainConfig(model="vit_tiny_patch16_224", img_size=32, test_img_size=64), ("a", "b"))
    with pytest.raises(ModelError, match=r"cannot take frames of 16 x 16 pixels .* Give another --test-img-size"):
        create(TrainConfig(model="torchvision/squeezenet1_1", img_size=64, test_img_size=16), ("a", "b"))
