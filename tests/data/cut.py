#!/usr/bin/env python3
"""Cuts the tables of this folder out of the whole ones: python3 tests/data/cut.py [SHARED_DATA].

Lines are taken as they are, in their order; nothing is changed. Only sources under Apache-2.0 or MIT (see README.md).
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
SHARED = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parents[1].parent / "shared" / "data"

# Image models of many kinds and sizes; every device, batch size, precision and version of torch that ran them.
TIMM = set(
    """
    resnet18 resnet34 resnet50 resnet101 resnet152 resnext50_32x4d seresnext50_32x4d wide_resnet50_2 resnetv2_50
    vit_tiny_patch16_224 vit_small_patch16_224 vit_base_patch16_224 vit_base_patch16_384 vit_large_patch16_224
    deit3_base_patch16_224 beit_base_patch16_224 beit_large_patch16_512 eva02_base_patch14_448 eva02_enormous_patch14_clip_224
    convnext_tiny convnext_small convnext_base convnext_large convnext_xlarge
    efficientnet_b0 efficientnet_b3 efficientnet_b7 efficientnet_lite0 tf_efficientnetv2_s efficientnetv2_m efficientnetv2_xl
    mobilenetv2_100 mobilenetv3_small_100 mobilenetv3_large_100 mobilenetv4_conv_small mobilenetv4_conv_medium mobilenetv4_hybrid_medium
    mobilevit_s mobilevitv2_100 edgenext_small ghostnet_100 lcnet_100 tinynet_e efficientvit_b1 fastvit_t8 repvgg_b0 regnety_032
    swin_tiny_patch4_window7_224 swin_base_patch4_window7_224 maxvit_base_tf_512 maxvit_tiny_tf_224 coatnet_1_rw_224
    densenet121 inception_v3 vgg16 mixer_b16_224 poolformer_s12 xcit_small_12_p16_224 volo_d5_512 vit_huge_patch16_gap_448
    """.split()
)
V5_1 = {"llama2_70b_lora", "retinanet"}


def lines(name, models=None):
    """The header and the lines of some models (the third column; no earlier column holds a comma or a quote)."""
    header, *rest = (SHARED / name).read_text().splitlines(keepends=True)
    return header, [line for line in rest if models is None or line.split(",", 3)[2] in models]


def write(name, parts):
    header = parts[0][0]
    (HERE / name).write_text("".join([header, *(line for part in parts for line in part[1])]))


devices = ["rtx3090", "rtx4090", "pro6000maxq", "i9_10940x"]
write("timm_infer.csv", [lines(f"timm_infer_{device}.csv", TIMM) for device in devices])
write("timm_train.csv", [lines("timm_train_rtx3090.csv", TIMM)])
write("mlperf_training_v5.1.csv", [lines("mlperf_training_v5.1.csv", V5_1)])
for name in ["mlperf_inference_v4.1", "mlperf_inference_v5.0", "mlperf_training_v5.0", "optimum_benchmark_examples", "llmfit_community"]:
    write(f"{name}.csv", [lines(f"{name}.csv")])
