"""Programs and networks of others, that ours are measured against; each is used where it is installed."""

from __future__ import annotations

from restoration.benchmark.peers.chain import RepairThenDeepFilter
from restoration.benchmark.peers.commands import FfmpegFilter, SoxNoiseReduction
from restoration.benchmark.peers.libraries import DeepFilterNet3, NoiseReduce, NsNet2, RnNoise
from restoration.benchmark.peers.streams import Dtln, Gtcrn
from restoration.benchmark.systems import System


def every_peer() -> list[System]:
    """Every peer there is an adapter for, whether it is installed or not."""
    return [
        NoiseReduce("noisereduce-quiet-clip", stationary=True, from_quiet_clip=True),
        NoiseReduce("noisereduce-moving", stationary=False),
        SoxNoiseReduction(),
        FfmpegFilter("ffmpeg-afftdn", "afftdn=nr=20:nf=-25:tn=1"),
        FfmpegFilter("ffmpeg-adeclick", "adeclick"),
        RnNoise(),
        Dtln(),
        Gtcrn(),
        NsNet2("nsnet2-16k", 16000),
        NsNet2("nsnet2-48k", 48000),
        DeepFilterNet3(),
        RepairThenDeepFilter(),
    ]
