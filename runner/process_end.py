"""The end of a process: what is left to do is done, and the interpreter is not taken apart."""

import atexit
import os
import sys
import threading
from typing import NoReturn


def end_process(code: int) -> NoReturn:
    """End this process, once its threads and what libraries asked to be called at the end are done.

    Python would then free every object one by one, which takes a second and more once torch is
    loaded; the system takes the memory back anyway. Child processes of ``multiprocessing`` end so.

    Args:
        code: The exit code.
    """
    threading._shutdown()  # type: ignore[attr-defined] # executors' threads are told to end, too
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)
