"""A message is answered once the loop has looked for work after it."""

from __future__ import annotations

import threading
import time

from evaluators.worker.doorbell import Doorbell


def test_a_ring_ends_the_wait_long_before_the_tick() -> None:
    doorbell = Doorbell()
    threading.Timer(0.05, doorbell.wake).start()
    start = time.monotonic()
    doorbell.wait(seconds=30)
    assert time.monotonic() - start < 10


def test_a_message_is_held_until_the_loop_has_looked() -> None:
    doorbell = Doorbell()
    answered = threading.Event()

    def message() -> None:
        doorbell.ring_and_wait()
        answered.set()

    threading.Thread(target=message, daemon=True).start()
    rings = doorbell.wait(seconds=30)
    assert not answered.is_set()
    doorbell.answer(rings)
    assert answered.wait(10)


def test_a_ring_during_the_look_is_not_lost() -> None:
    doorbell = Doorbell()
    threading.Thread(target=doorbell.ring_and_wait, daemon=True).start()
    first = doorbell.wait(seconds=30)
    threading.Thread(target=doorbell.ring_and_wait, daemon=True).start()
    second = first
    while second == first:  # the second ring needs no tick to be seen
        doorbell.answer(first)
        second = doorbell.wait(seconds=30)
    assert second == first + 1
