# Copyright 2026 The eventd authors.
# SPDX-License-Identifier: Apache-2.0
"""Processes and folders of one measurement: nothing of them outlives it."""

import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


class Failed(Exception):
    """A measurement that could not be made, in one sentence."""


class NotInstalled(Failed):
    """A reference that this machine does not have."""


def _die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def free_port(host="127.0.0.1"):
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def wait_for(what, ready, alive=lambda: True, limit_s=120, pause_s=0.005):
    """Calls `ready` until it is true; `alive` says that it still can be."""
    end = time.monotonic() + limit_s
    while not ready():
        if not alive():
            raise Failed(f"{what} ended before it was ready")
        if time.monotonic() > end:
            raise Failed(f"{what} is not ready after {limit_s} s")
        time.sleep(pause_s)


class Stage:
    """A temporary folder, and the processes that run in it."""

    def __init__(self, parent):
        self.path = pathlib.Path(
            tempfile.mkdtemp(prefix="eventd-bench.", dir=parent))
        self._children = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in reversed(self._children):
            self.stop(child, signal.SIGKILL)
        shutil.rmtree(self.path, ignore_errors=True)

    def start(self, argv, log):
        """Starts a server; what it prints goes to a file of the stage."""
        with open(self.path / log, "ab") as out:
            child = subprocess.Popen(
                [str(x) for x in argv], stdin=subprocess.DEVNULL, stdout=out,
                stderr=out, preexec_fn=_die_with_parent)
        self._children.append(child)
        return child

    def stop(self, child, how=signal.SIGTERM):
        """Ends a server that `start` started, and waits until it is gone."""
        if child.poll() is None:
            child.send_signal(how)
            try:
                child.wait(60)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        if child in self._children:
            self._children.remove(child)

    def run(self, argv, good=(0,), limit_s=3600):
        """Runs a program to its end. Returns its stdout; with an exit code
        that is good but not 0, also the first line of its stderr."""
        child = subprocess.Popen(
            [str(x) for x in argv], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=_die_with_parent)
        self._children.append(child)
        try:
            out, err = child.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired:
            raise Failed(f"{argv[0]} takes more than {limit_s} s") from None
        finally:
            self.stop(child, signal.SIGKILL)
        words = "".join((err.strip() or out.strip()).splitlines()[:1])
        if child.returncode not in good:
            raise Failed(f"{os.path.basename(argv[0])} {argv[1]}: exit code "
                         f"{child.returncode}: {words}")
        return out, words if child.returncode else ""


def disk_bytes(folder):
    """What a folder's files take on the disk, holes and all counted right."""
    total = 0
    for path, _, files in os.walk(folder):
        for name in files:
            try:
                total += os.lstat(os.path.join(path, name)).st_blocks * 512
            except FileNotFoundError:
                pass  # A file of a compaction that is over.
    return total


def settled_bytes(folder, quiet_s=3, limit_s=120):
    """The same, once it has not changed for a while."""
    end = time.monotonic() + limit_s
    size, since = disk_bytes(folder), time.monotonic()
    while time.monotonic() < min(end, since + quiet_s):
        time.sleep(0.2)
        now = disk_bytes(folder)
        if now != size:
            size, since = now, time.monotonic()
    return size


def _number_after(path, name):
    with open(path, encoding="ascii") as file:
        for line in file:
            if line.startswith(name):
                return int(line.split()[1])
    raise Failed(f"{path} does not tell {name}")


def written_bytes(pid):
    """What a process has had written to the disk so far."""
    return _number_after(f"/proc/{pid}/io", "write_bytes:")


def rss_bytes(pid):
    return _number_after(f"/proc/{pid}/status", "VmRSS:") * 1024


def peak_rss_bytes(pid):
    return _number_after(f"/proc/{pid}/status", "VmHWM:") * 1024


def file_system(folder):
    """The type of the file system that a folder is on."""
    best = ("", "?")
    path = str(pathlib.Path(folder).resolve())
    with open("/proc/self/mounts", encoding="utf-8") as file:
        for line in file:
            _, point, kind = line.split()[:3]
            inside = path == point or path.startswith(point.rstrip("/") + "/")
            if inside and len(point) >= len(best[0]):
                best = (point, kind)
    return best[1]


def commit_of(root):
    """What is measured, with "-dirty" where it is not all committed."""
    return subprocess.run(["git", "-C", root, "describe", "--always",
                           "--dirty"], capture_output=True, text=True,
                          check=False).stdout.strip()
