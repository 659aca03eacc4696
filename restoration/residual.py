"""What a treatment removed: the master minus the restored sound, aligned to the sample.

Where a gain was applied to the whole, it is taken back first, so that the residual holds what was removed and not the
change of level: master = restored / gain + residual. Where the time axis was changed, the master is first brought onto
the restored one (``time_axis.on_restored_axis``), so that the residual holds what was removed and not the displacement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restoration.audio import Audio, Recording


@dataclass(frozen=True, eq=False)
class Residual(Recording):
    """A recording that is computed as it is read, from two others of the same rate; it has no file of its own."""

    restored: Recording | None = None
    gain_db: float = 0.0

    @classmethod
    def between(cls, master: Recording, restored: Recording, gain_db: float) -> Residual:
        """The residual of ``restored``, to which ``gain_db`` was applied as a whole, against ``master`` on its axis.

        Raises:
            ValueError: the two have different rates or channels.
        """
        if (master.sample_rate, master.channels) != (restored.sample_rate, restored.channels):
            raise ValueError(
                f"a residual needs two recordings of one format, not {master.sample_rate} Hz x {master.channels} "
                f"and {restored.sample_rate} Hz x {restored.channels}"
            )
        return cls(
            path=master.path,
            sample_rate=master.sample_rate,
            channels=master.channels,
            frames=master.frames,
            pcm_sha256="",
            block_frames=master.block_frames,
            restored=restored,
            gain_db=gain_db,
        )

    def read(self, start: int = 0, stop: int | None = None) -> Audio:
        if self.restored is None:
            raise ValueError("a residual is made by Residual.between")
        before = super().read(start, stop).samples
        after = self.restored.read(start, stop).samples
        # A change of rate and back may leave the restored sound a sample short: what is missing was removed.
        removed = before.copy()
        shared = min(before.shape[1], after.shape[1])
        removed[:, :shared] -= after[:, :shared] * np.float32(10.0 ** (-self.gain_db / 20.0))
        return Audio(removed, self.sample_rate)
