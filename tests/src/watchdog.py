"""Runs one emulator for as long as stdin stays open: watchdog.py SCRATCH COMMAND...

The test process holds the other end of stdin. The kernel closes it however that process ends,
so no emulator outlives its tests, not even those that sit in a static or whose test was killed.
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

home = tempfile.mkdtemp(prefix="emulator-", dir=sys.argv[1])
env = dict(os.environ, HOME=home, TMPDIR=home)
env["STATE_DIR"] = os.path.join(home, "state")
env["S3_DATA_DIR"] = os.path.join(home, "s3")
child = subprocess.Popen(sys.argv[2:], env=env, stdin=subprocess.DEVNULL, start_new_session=True)


def kill(*_):
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def watch():
    while os.read(0, 4096):
        pass
    kill()


signal.signal(signal.SIGTERM, kill)
signal.signal(signal.SIGINT, kill)
threading.Thread(target=watch, daemon=True).start()
code = child.wait()
kill()  # whatever the emulator itself had started
shutil.rmtree(home, ignore_errors=True)
os._exit(code & 0xFF)
