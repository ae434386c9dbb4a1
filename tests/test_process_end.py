"""A process that ends does what is left to do, and nothing else."""

import subprocess
import sys
from textwrap import dedent


def ended(program):
    program = dedent(program) + "\nfrom runner.process_end import end_process\nend_process(3)"
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )


def test_the_code_and_what_was_said_come_out():
    done = ended("import sys; print('words'); print('trouble', file=sys.stderr)")
    assert (done.returncode, done.stdout, done.stderr) == (3, "words\n", "trouble\n")


def test_threads_end_first_and_then_what_was_left_for_the_end():
    done = ended(
        """
        import atexit, threading, time
        from concurrent.futures import ThreadPoolExecutor
        atexit.register(print, "at the end")
        threading.Thread(target=lambda: (time.sleep(0.2), print("a thread"))).start()
        pool = ThreadPoolExecutor()
        pool.submit(lambda: (time.sleep(0.1), print("a pool")))
        """
    )
    assert done.stdout == "a pool\na thread\nat the end\n"


def test_nothing_is_freed_one_by_one():
    done = ended(
        """
        class Freed:
            def __del__(self): print("freed")
        kept = Freed()
        """
    )
    assert done.stdout == ""
