# Copyright 2026 The eventd authors.
# SPDX-License-Identifier: Apache-2.0
"""What is measured. Each work starts its own servers with empty folders, ends
them, and returns one line of figures."""

import json
import os
import signal
import time

from . import servers
from .stage import (Failed, Stage, peak_rss_bytes, rss_bytes, settled_bytes,
                    written_bytes)

SIZE = 256       # Of one event as JSON text. Unit: bytes.
BATCH = 100      # Events of a batch POST.
CLIENTS = 64     # Connections, where no other number is said.
PIPELINE = 64    # Commands that a client of Redis has in flight in P2.
PACKED = 4_096   # Events of one RocksDB write in P2.
APPEND = 4_096   # Bytes of one append to a file in P1.
PARTIAL = 6      # Exit code of eventd-bench where some requests failed.


class Works:
    def __init__(self, bin_dir, folder=None, seconds=3, warmup=1,
                 io_threads=1):
        self.bin, self.folder = bin_dir, folder
        self.seconds, self.warmup = seconds, warmup
        self.io_threads = io_threads

    def stage(self):
        return Stage(self.folder)

    # -- one run of eventd-bench --------------------------------------------

    def bench(self, stage, *args):
        """Runs eventd-bench, and returns the last line that it printed. What
        was done in part only says so in the line."""
        out, wrong = stage.run([self.bin / "eventd-bench", *args],
                               good=(0, PARTIAL))
        line = json.loads(out.splitlines()[-1])
        return {**line, "partial": wrong} if wrong else line

    def times(self, seconds=None):
        return ["--duration", seconds or self.seconds,
                "--warmup", self.warmup]

    def publish(self, stage, server, *args, seconds=None, size=SIZE):
        return self.bench(stage, "publish", "--server", server.url, "--pid",
                          server.pid, "--size", size, *self.times(seconds),
                          *args)

    def single(self, stage, server, connections):
        return self.publish(stage, server, "--connections", connections)

    def batch(self, stage, server, seconds=None):
        return self.publish(stage, server, "--connections", CLIENTS, "--mode",
                            "batch", "--batch", BATCH, seconds=seconds)

    def load(self, stage, server, events, mode="batch"):
        """Stores so many events, as P2 does or one by one."""
        return self.bench(stage, "load", "--server", server.url, "--pid",
                          server.pid, "--size", SIZE, "--connections", CLIENTS,
                          "--mode", mode, "--batch", BATCH, "--events", events)

    def peer(self, stage, server, what, *args):
        return self.bench(stage, "peer", server.name, what, "--server",
                          server.address, "--pid", server.pid, *args)

    def eventd(self, stage):
        return servers.eventd(stage, self.bin, self.io_threads)

    # -- publishing: P1, P2, P9 ---------------------------------------------

    def eventd_single(self, connections):
        with self.stage() as stage:
            return self.single(stage, self.eventd(stage), connections)

    def eventd_batch(self):
        with self.stage() as stage:
            return self.batch(stage, self.eventd(stage))

    def nothing_single(self, connections):
        with self.stage() as stage:
            server = servers.nothing(stage, self.bin, self.io_threads)
            return self.single(stage, server, connections)

    def nginx_single(self, connections):
        with self.stage() as stage:
            return self.single(stage, servers.nginx(stage), connections)

    def redis_publish(self, clients, pipeline):
        with self.stage() as stage:
            return self.peer(stage, servers.redis(stage), "publish",
                             "--clients", clients, "--pipeline", pipeline,
                             "--size", SIZE, *self.times())

    def disk_append(self):
        """One thread appends 4 KiB to a file and syncs, again and again."""
        with self.stage() as stage:
            piece = b"x" * APPEND
            file = os.open(stage.path / "append", os.O_WRONLY | os.O_CREAT)
            n, begin = 0, time.monotonic()
            while time.monotonic() < begin + self.seconds:
                os.write(file, piece)
                os.fdatasync(file)
                n += 1
            seconds = time.monotonic() - begin
            os.close(file)
            return {"bench": "append", "bytes_each": APPEND, "events": n,
                    "seconds": seconds, "events_per_s": n / seconds}

    def rocksdb_packed(self):
        """Built with the tests, which alone may know RocksDB."""
        raw = self.bin / "raw_rocksdb"
        if not raw.exists():
            raise Failed("raw_rocksdb is not built")
        with self.stage() as stage:
            out, _ = stage.run([raw, "--path", stage.path / "raw", "--batch",
                                PACKED, "--size", SIZE, "--duration",
                                self.seconds])
            return json.loads(out)

    # -- delivery: P3, P4, P9 -----------------------------------------------

    def eventd_deliver(self, subscribers=1, rate=0, slow=0):
        late = ["--slow-subscribers", slow] if slow else []
        with self.stage() as stage:
            server = self.eventd(stage)
            line = self.bench(
                stage, "deliver", "--server", server.url, "--pid", server.pid,
                "--size", SIZE, "--subscribers", subscribers, "--rate", rate,
                *([] if rate else ["--connections", CLIENTS]),
                "--keep", *late, *self.times())
            fast = subscribers - slow
            line["per_subscriber_per_s"] = line["events_per_s"] / fast
            return line

    def peer_latency(self, start, rate):
        with self.stage() as stage:
            server = start(stage)
            line = self.peer(stage, server, "latency", "--rate", rate,
                             "--size", SIZE, *self.times())
            line["synced"] = getattr(server, "synced", True)
            return line

    # -- what is stored: P5, P7, P8 -----------------------------------------

    def eventd_stored(self, events):
        with self.stage() as stage:
            server = self.eventd(stage)
            before = written_bytes(server.pid)
            load = self.load(stage, server, events)
            line = self._stored(server, events, load, before)
            replay = ["replay", "--server", server.url, "--pid", server.pid]
            self.bench(stage, *replay)  # Once before, for the page cache.
            line["http_replay"] = self.bench(stage, *replay)
            line["http_replay_per_s"] = line["http_replay"]["events_per_s"]
            line["ready_s"] = ready_after_kill(server)
            server.stop()
            line["tool_replay_per_s"] = self._tool_replay(stage, server,
                                                          events)
            return line

    def redis_stored(self, events):
        with self.stage() as stage:
            server = servers.redis(stage)
            before = written_bytes(server.pid)
            load = self.peer(
                stage, server, "publish", "--clients", CLIENTS, "--pipeline",
                PIPELINE, "--size", SIZE, "--events", events)
            line = self._stored(server, events, load, before)
            line["replay"] = self.peer(stage, server, "replay", "--events",
                                       events)
            line["http_replay_per_s"] = line["replay"]["events_per_s"]
            line["ready_s"] = ready_after_kill(server)
            return line

    @staticmethod
    def _stored(server, events, load, written_before):
        disk = settled_bytes(server.data)
        written = written_bytes(server.pid) - written_before
        return {"bench": "stored", "events": events, "load": load,
                "disk_bytes": disk, "disk_bytes_per_event": disk / events,
                "written_bytes": written,
                "written_per_byte": written / (events * SIZE),
                "rss_bytes": rss_bytes(server.pid)}

    def _tool_replay(self, stage, server, events):
        argv = [self.bin / "replay", "--data-dir", server.data, "--channel",
                "default/bench", "--output", "/dev/null"]
        stage.run(argv)  # Once before, for the page cache.
        begin = time.monotonic()
        stage.run(argv)
        return events / (time.monotonic() - begin)

    # -- memory: P6 ---------------------------------------------------------

    def eventd_idle(self):
        with self.stage() as stage:
            return self._idle(servers.Eventd(stage, self.bin,
                                             self.io_threads).start())

    def peer_idle(self, start):
        with self.stage() as stage:
            return self._idle(start(stage))

    @staticmethod
    def _idle(server, quiet_s=2):
        time.sleep(quiet_s)
        return {"bench": "idle", "rss_bytes": rss_bytes(server.pid)}

    def eventd_loaded(self, seconds):
        with self.stage() as stage:
            server = self.eventd(stage)
            line = self.batch(stage, server, seconds)
            line["peak_rss_bytes"] = peak_rss_bytes(server.pid)
            return line

    def eventd_crowded(self, connections, size, seconds):
        """Clients that send again as soon as they are answered."""
        with self.stage() as stage:
            server = self.eventd(stage)
            line = self.publish(stage, server, "--connections", connections,
                                size=size, seconds=seconds)
            line["peak_rss_bytes"] = peak_rss_bytes(server.pid)
            return line

    def eventd_resources(self, count):
        """So many channels, and a subscription of each, and nothing else."""
        with self.stage() as stage:
            server = servers.Eventd(stage, self.bin, self.io_threads).start()
            begin = time.monotonic()
            server.apply([servers.channel(f"c{i}") for i in range(count)], 4)
            server.apply([servers.subscription(f"s{i}", f"c{i}",
                                               "http://127.0.0.1:9/")
                          for i in range(count)], 4)
            line = {"resources": count, "seconds": time.monotonic() - begin}
            return {**self._idle(server), **line}

    # -- the cluster: P10 ---------------------------------------------------

    def cluster_publish(self, send):
        """Publishes through the node that leads the channel."""
        with self.stage() as stage:
            leader, *_ = servers.cluster(stage, self.bin, self.io_threads)
            return send(stage, leader)

    def cluster_single(self):
        return self.cluster_publish(
            lambda stage, node: self.single(stage, node, CLIENTS))

    def cluster_batch(self):
        return self.cluster_publish(self.batch)


def ready_after_kill(server):
    """Kills the server, and starts it again on what it left. Unit: s."""
    server.kill()
    begin = time.monotonic()
    server.start()
    return time.monotonic() - begin


def end_at_signals():
    """SIGTERM ends as SIGINT does: what was started is cleaned up."""
    def end(number, _):
        raise SystemExit(128 + number)
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGHUP, end)
