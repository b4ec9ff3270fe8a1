// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// The official CloudEvents SDK publishes in all its modes and receives.

import assert from 'node:assert/strict';
import test from 'node:test';

import { CloudEvent, HTTP, Mode, V03, V1, emitterFor, httpTransport }
  from 'cloudevents';

import { startNode, startSink } from './fixture.mjs';

const channel = 'npm/sdk';

function event(specversion, id, more = {}) {
  return new CloudEvent({
    specversion,
    id,
    source: '/npm/sdk',
    type: 'dev.eventd.test',
    subject: 'a/subject',
    time: '2026-01-31T12:00:00.123Z',
    datacontenttype: 'application/json',
    data: { text: 'a "quoted" ü', list: [1, null, { deep: true }] },
    myextension: 'value',
    ...more,
  });
}

function received(delivery) {
  return HTTP.toEvent({
    headers: delivery.headers,
    body: delivery.body.toString(),
  });
}

async function world(t, delivery) {
  const node = await startNode(t);
  const sink = await startSink(t);
  await node.createChannel('sdk');
  await node.follow('sdk', 'all', sink.url, delivery);
  return { node, sink };
}

for (const version of [V1, V03]) {
  for (const mode of ['binary', 'structured']) {
    test(`an event of ${version} in ${mode} mode arrives as it was sent`,
      async (t) => {
        const { node, sink } = await world(t);
        const sent = event(version, 'one');
        await node.publish(channel, HTTP[mode](sent));
        const [delivery] = await sink.wait(1);
        assert.equal(delivery.headers['ce-specversion'], version);
        assert.deepEqual(received(delivery).toJSON(), sent.toJSON());
      });

    test(`an emitter of ${version} in ${mode} mode publishes`, async (t) => {
      const { node, sink } = await world(t);
      const emit = emitterFor(httpTransport(node.channelUrl(channel)),
        { mode: mode === 'binary' ? Mode.BINARY : Mode.STRUCTURED });
      for (const id of ['a', 'b', 'c']) {
        const answer = await emit(event(version, id));
        assert.ok(answer.headers['eventd-offset'], JSON.stringify(answer));
      }
      const deliveries = await sink.wait(3);
      assert.deepEqual(deliveries.map((x) => received(x).id), ['a', 'b', 'c']);
    });
  }

  test(`a batch of ${version} is stored as one, and delivered one by one`,
    async (t) => {
      const { node, sink } = await world(t);
      const sent = ['a', 'b', 'c'].map((id) => event(version, id));
      const answer = await node.publish(channel, {
        headers: { 'content-type': 'application/cloudevents-batch+json' },
        body: JSON.stringify(sent),
      });
      assert.equal(answer.headers.get('eventd-count'), '3');
      const deliveries = await sink.wait(3);
      assert.deepEqual(deliveries.map((x) => received(x).toJSON()),
        sent.map((x) => x.toJSON()));
    });
}

test('the SDK reads what it published as a batch of 1.0', async (t) => {
  const { node } = await world(t);
  await node.publish(channel, HTTP.binary(event(V1, 'a')));
  await node.publish(channel, HTTP.structured(event(V03, 'b')));
  const type = 'application/cloudevents-batch+json';
  const answer = await node.read(channel, type);
  const events = HTTP.toEvent({
    headers: { 'content-type': answer.headers.get('content-type') },
    body: await answer.text(),
  });
  assert.deepEqual(events.map((x) => x.id), ['a', 'b']);
  assert.deepEqual(events.map((x) => x.specversion), [V1, V1]);
  assert.deepEqual(events.map((x) => x.eventdoffset), ['0', '1']);
  assert.deepEqual(events[0].data, event(V1, 'a').data);
  assert.deepEqual(events[1].data, events[0].data);
});

test('a structured delivery is an event to the SDK', async (t) => {
  const { node, sink } = await world(t, { format: 'json' });
  const sent = event(V1, 'one');
  await node.publish(channel, HTTP.binary(sent));
  const [delivery] = await sink.wait(1);
  assert.match(delivery.headers['content-type'],
    /^application\/cloudevents\+json/);
  assert.deepEqual(received(delivery).toJSON(), sent.toJSON());
});

test('an attribute that no header can hold is percent-encoded there',
  async (t) => {
    const { node, sink } = await world(t);
    const subject = 'zwölf % "x"';
    await node.publish(channel, HTTP.structured(event(V1, 'one', { subject })));
    const [delivery] = await sink.wait(1);
    // CloudEvents HTTP binding 3.1.3.2; the SDK leaves it to its user.
    assert.equal(delivery.headers['ce-subject'], 'zw%C3%B6lf%20%25%20%22x%22');
    assert.equal(decodeURIComponent(received(delivery).subject), subject);
  });

test('binary data stays as it is, in both modes', async (t) => {
  const { node, sink } = await world(t);
  const bytes = new Uint8Array(256).map((_, i) => i);
  const sent = (id) => event(V1, id,
    { data: bytes, datacontenttype: 'application/octet-stream' });
  await node.publish(channel, HTTP.binary(sent('a')));
  await node.publish(channel, HTTP.structured(sent('b')));
  for (const delivery of await sink.wait(2)) {
    assert.equal(delivery.headers['content-type'], 'application/octet-stream');
    assert.deepEqual(new Uint8Array(delivery.body), bytes);
  }
});

test('what the SDK would not accept is refused here too', async (t) => {
  const { node } = await world(t);
  const message = HTTP.binary(event(V1, 'one'));
  delete message.headers['ce-source'];
  assert.throws(() => HTTP.toEvent(message).validate());
  await assert.rejects(node.publish(channel, message), /^Error: 400 .*source/);
});
