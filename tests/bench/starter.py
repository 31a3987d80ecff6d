"""A fresh process that becomes a cabinet: `cabinet run`, but for its metal of memory.

`python -m tests.bench.starter JOURNAL` says `READY` when the first screen was drawn and the
controller serves, then `AT REST <KiB>` once everything that loads later has loaded.
"""

import gc
import sys
import threading
from pathlib import Path


def main(path: Path) -> None:
    # What `cabinet run` imports on a Pi whose locks hang on its pins and whose scanner is serial.
    import evdev  # noqa: F401
    import gpiozero  # noqa: F401
    import lgpio  # noqa: F401
    import serial  # noqa: F401

    import cabinet.__main__
    import cabinet.config
    import cabinet.service  # noqa: F401
    import hal.build  # noqa: F401
    from cabinet.scan import warm
    from tests.bench.house import House

    stop = threading.Event()
    house = House(
        path, notify=lambda state: print("READY", flush=True) if state == "READY=1" else None
    )
    try:
        house.start()
        assert house.screen, "nothing was drawn"
        worker = threading.Thread(target=warm, name="warm", daemon=True)
        worker.start()

        def rest() -> None:
            worker.join()
            gc.collect()
            print(f"AT REST {resident_kib()}", flush=True)
            stop.set()

        threading.Timer(0.5, rest).start()
        house.cabinet.controller.run(stop)
    finally:
        house.cabinet.close()


def resident_kib() -> int:
    """This process's memory in KiB."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("the system does not say how much memory this takes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
