// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// A real eventd and a real subscriber, for plain Node tests. Both end with the
// test that asked for them.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

// What a busy machine may take.
const patienceMs = 60_000;

const here = fileURLToPath(new URL('.', import.meta.url));
const binDir = process.env.EVENTD_BIN_DIR ?? join(here, '../../build/dev/bin');

/** Rejects where `promise` takes too long. */
export async function inTime(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took too long`)),
      patienceMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Starts an eventd on a free port, with an empty log. */
export async function startNode(t) {
  const dir = mkdtempSync(join(tmpdir(), 'eventd-npm-'));
  const child = spawn(join(binDir, 'eventd'),
    ['--listen', '127.0.0.1:0', '--data-dir', join(dir, 'data')],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  });
  const lines = createInterface({ input: child.stdout });
  const [line] = await inTime(
    Promise.race([once(lines, 'line'), ended.then(() => ['eventd ended'])]),
    'the start of eventd');
  if (!line.startsWith('ready '))
    throw new Error(line);
  return new EventdNode(line.slice('ready '.length));
}

class EventdNode {
  constructor(url) {
    this.url = url;
  }

  /** Where `namespace/name` takes events. */
  channelUrl(channel) {
    return `${this.url}/${channel}`;
  }

  async create(plural, manifest) {
    const { namespace, name } = manifest.metadata;
    const path = `${this.url}/apis/messaging.knative.dev/v1/namespaces/`
      + `${namespace}/${plural}`;
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apiVersion: 'messaging.knative.dev/v1', ...manifest }),
    });
    if (answer.status !== 201)
      throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
  }

  createChannel(name) {
    return this.create('channels',
      { kind: 'Channel', metadata: { namespace: 'npm', name } });
  }

  /** Delivers all of a channel, in its order, to `uri`. */
  follow(channel, name, uri, delivery) {
    const ref
      = { apiVersion: 'messaging.knative.dev/v1', kind: 'Channel', name: channel };
    return this.create('subscriptions', {
      kind: 'Subscription',
      metadata: {
        namespace: 'npm',
        name,
        annotations: {
          'eventd.dev/start': 'earliest',
          'eventd.dev/ordering': 'ordered',
        },
      },
      spec: { channel: ref, subscriber: { uri }, delivery },
    });
  }

  /** Publishes a message as an SDK made it. */
  async publish(channel, message) {
    const answer = await fetch(this.channelUrl(channel),
      { method: 'POST', headers: message.headers, body: message.body });
    // Read to its end, or the connection is not used again.
    const text = await answer.text();
    if (answer.status !== 202)
      throw new Error(`${answer.status} ${text}`);
    return answer;
  }

  async read(channel, accept, query = '') {
    const [ns, name] = channel.split('/');
    const answer = await fetch(
      `${this.url}/v1/namespaces/${ns}/channels/${name}/events${query}`,
      { headers: { accept } });
    if (answer.status !== 200)
      throw new Error(`${answer.status} ${await answer.text()}`);
    return answer;
  }
}

/** A subscriber that keeps what comes, bytes as they are, and says 204. */
export async function startSink(t) {
  const sink = { deliveries: [], waiting: [] };
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request)
      chunks.push(chunk);
    sink.deliveries.push({ headers: request.headers, body: Buffer.concat(chunks) });
    response.writeHead(204).end();
    for (const look of sink.waiting)
      look();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections?.();
    server.close();
  });
  sink.url = `http://127.0.0.1:${server.address().port}/`;
  sink.wait = (n) => inTime(new Promise((resolve) => {
    const look = () => sink.deliveries.length >= n && resolve(sink.deliveries);
    sink.waiting.push(look);
    look();
  }), `delivery ${n}`);
  return sink;
}
