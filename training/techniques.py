"""Settings of a classifier beyond the loop, one dataclass per concern; `training.config.TrainConfig` is made of them."""

from dataclasses import dataclass
from typing import Literal

from training.flags import flag


@dataclass(frozen=True, kw_only=True)
class SourceConfig:
    """Where the pictures come from."""

    dataset: str = flag("", "a public data set instead of folders, e.g. torch/cifar10; DATA is the folder that holds it")
    dataset_download: bool = flag(False, "fetch the data set of --dataset when DATA does not hold it")
    num_classes: int = flag(0, "number of classes that DATA must have; 0: as many as there are")
    split_seed: int = flag(-1, "of the split alone, so that runs with different --seed share it; -1: --seed")
    same_picture: Literal["refuse", "warn", "ignore"] = flag(
        "refuse", "when the same picture (perceptual hash) would be on two sides of the split; ignore: do not look"
    )


@dataclass(frozen=True, kw_only=True)
class StrategyConfig:
    """Which weights learn, and when."""

    strategy: Literal["finetune", "head", "scratch"] = flag(
        "finetune", "finetune: all layers learn; head: only the new last layer; scratch: all, from nothing"
    )
    freeze_until: str = flag(
        "", "this layer and all before it keep their weights: a name (features.19, layer2), or how many layers with weights"
    )
    probe_epochs: int = flag(0, "first epochs in which only the head learns, before everything does (Kumar et al. 2022)")


@dataclass(frozen=True, kw_only=True)
class HeadConfig:
    """What stands behind the backbone."""

    feature_masks: int = flag(0, "learnt masks over the feature map, each pooled for the head (timm only); 0: mean of the map")


@dataclass(frozen=True, kw_only=True)
class LossConfig:
    """What is made smaller."""

    loss: Literal["cross-entropy", "symmetric", "generalized"] = flag(
        "cross-entropy",
        "symmetric (Wang et al. 2019) and generalized (Zhang and Sabuncu 2018) cross-entropy are robust to wrong labels",
    )
    triplet: float = flag(0.0, "weight of a triplet loss of the features (Schroff et al. 2015); 0: off")
    triplet_margin: float = flag(0.2, "margin of --triplet, in the distance of normalised features")
    center_loss: float = flag(0.0, "weight of the centre loss of the features (Wen et al. 2016), e.g. 0.003; 0: off")


@dataclass(frozen=True, kw_only=True)
class LabelConfig:
    """What a picture is labelled with."""

    multi_label: bool = flag(False, "several labels for one picture, from the column `labels` of manifest.csv (a;b;c)")
    tasks: tuple[str, ...] = flag(
        (),
        "further columns of manifest.csv to learn beside the class, COLUMN:KIND[:WEIGHT]; KIND is ce (a name), bce (0 or 1, or a "
        "share) or kl (shares, e.g. `0.2 0.8`)",
        many=True,
    )
    pseudo_labels: str = flag("", "folder of unlabelled pictures that the model labels itself and then also learns (Lee 2013)")
    pseudo_start: int = flag(5, "first epoch that uses --pseudo-labels, counted from 0")
    pseudo_threshold: float = flag(0.9, "least score from which the model's own label is used, 0..1")
