"""One meaning of ``progress=`` for everything in this package that takes seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

# False or None: silent. True: a tqdm bar. A callable gets (done, total) after each step.
Progress = bool | Callable[[int, int], None] | None


@contextmanager
def progress_steps(progress: Progress, total: int, label: str) -> Iterator[Callable[[int], None]]:
    """Yields ``step(n)``, to be called whenever n more of ``total`` items are done."""
    if callable(progress):
        done = 0

        def step(n: int) -> None:
            nonlocal done
            done += n
            progress(done, total)

        yield step
    elif progress:
        from tqdm.auto import tqdm

        with tqdm(total=total, desc=label) as bar:
            yield bar.update
    else:
        yield lambda n: None
