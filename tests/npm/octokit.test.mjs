// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// Real GitHub webhooks flow through a channel and come out byte-identical.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import test from 'node:test';

import { startNode, startSink } from './fixture.mjs';

const webhooks = createRequire(import.meta.url)('@octokit/webhooks-examples');

const source = 'https://github.com/octokit/webhooks';

/** Every example as the bytes of a request, written in different ways. */
const payloads = webhooks.flatMap((hook) => hook.examples.map((example, i) => ({
  id: `${hook.name}-${i}`,
  type: `com.github.${hook.name}`,
  text: JSON.stringify(example, null, [0, 2, '\t'][i % 3]),
})));

function binary({ id, type, text }) {
  return {
    headers: {
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': id,
      'ce-source': source,
      'ce-type': type,
    },
    body: text,
  };
}

function json({ id, type, text }) {
  const attributes = JSON.stringify({
    specversion: '1.0', id, source, type, datacontenttype: 'application/json',
  });
  return `${attributes.slice(0, -1)},"data":${text}}`;
}

const modes = {
  binary: (all) => all.map(binary),
  structured: (all) => all.map((x) => ({
    headers: { 'content-type': 'application/cloudevents+json' },
    body: json(x),
  })),
  batch: (all) => {
    const out = [];
    for (let i = 0; i < all.length; i += 20)
      out.push({
        headers: { 'content-type': 'application/cloudevents-batch+json' },
        body: `[${all.slice(i, i + 20).map(json).join(',')}]`,
      });
    return out;
  },
};

test('there are some hundred real payloads', () => {
  assert.ok(payloads.length > 300, `${payloads.length}`);
});

for (const [mode, messages] of Object.entries(modes)) {
  test(`webhooks published in ${mode} mode come out byte-identical`,
    async (t) => {
      const node = await startNode(t);
      const sink = await startSink(t);
      await node.createChannel('github');
      await node.follow('github', 'all', sink.url);
      const waiting = messages(payloads);
      const publisher = async () => {
        while (waiting.length > 0)
          await node.publish('npm/github', waiting.shift());
      };
      await Promise.all(Array.from({ length: 16 }, publisher));
      const deliveries = await sink.wait(payloads.length);
      assert.equal(deliveries.length, payloads.length);
      const delivered = new Map(deliveries.map((x) => [x.headers['ce-id'], x]));
      for (const { id, type, text } of payloads) {
        const { headers, body } = delivered.get(id);
        assert.equal(headers['ce-type'], type);
        assert.ok(body.equals(Buffer.from(text)), `${id} was changed`);
      }
      // A read is JSON on one line: a line feed between tokens may not stay.
      const answer = await node.read('npm/github', 'application/x-ndjson');
      const lines = (await answer.text()).trimEnd().split('\n');
      assert.equal(lines.length, payloads.length);
      const stored = new Map(lines.map((x) => [JSON.parse(x).id, x]));
      for (const { id, text } of payloads) {
        assert.deepEqual(JSON.parse(stored.get(id)).data, JSON.parse(text));
        if (!text.includes('\n'))
          assert.ok(stored.get(id).includes(text), `${id} was changed in a read`);
      }
    });
}
