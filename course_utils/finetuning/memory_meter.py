"""What a training took: seconds, and memory at its peak above what was there before."""

from __future__ import annotations

import threading
import time
from types import TracebackType

from course_utils import lane

MIB = 2**20
_PAUSE = 0.02  # seconds between two looks at the process's memory


class MemoryMeter:
    """Measures the block it stands around.

        with MemoryMeter() as taken:
            trainer.train()
        taken.seconds, taken.peak_mib

    In the CPU lane ``peak_mib`` is the growth of the process's resident memory, looked at every 20 ms: memory
    that Python had already and uses again is not seen. In the GPU lane it is torch's own count, exact.
    """

    seconds: float = 0.0
    peak_mib: float = 0.0

    def __enter__(self) -> MemoryMeter:
        self._gpu = lane.current().name == "cuda"
        self._stop = threading.Event()
        self._before = self._peak = self._now()
        if not self._gpu:
            self._thread = threading.Thread(target=self._look, daemon=True)
            self._thread.start()
        self._started = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.seconds = time.perf_counter() - self._started
        self._stop.set()
        if self._gpu:
            import torch

            self._peak = torch.cuda.max_memory_allocated()
        else:
            self._thread.join()
        self.peak_mib = (self._peak - self._before) / MIB

    def _look(self) -> None:
        while not self._stop.wait(_PAUSE):
            self._peak = max(self._peak, self._now())

    def _now(self) -> int:
        """Bytes in use now; in the GPU lane the peak is started anew."""
        if self._gpu:
            import torch

            torch.cuda.reset_peak_memory_stats()
            return torch.cuda.memory_allocated()
        import psutil

        return psutil.Process().memory_info().rss
