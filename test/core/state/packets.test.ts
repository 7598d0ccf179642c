import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Packets } from '../../../src/core/state/packets.ts';

/** Packets in turn to these targets, one a second: `1` answered, `0` lost. */
function packets(fates: Readonly<Record<string, string>>): Packets {
  const all = new Packets();
  const longest = Math.max(...Object.values(fates).map((text) => text.length));
  for (let i = 0; i < longest; i += 1)
    for (const [target, text] of Object.entries(fates))
      if (text[i] !== undefined) all.push(i, target, text[i] === '1');
  return all;
}

/** A list of packets that does slowly what the ring does. */
class Plain {
  all: { at: number; isAnswered: boolean }[] = [];

  push(at: number, isAnswered: boolean): void {
    this.all.push({ at, isAnswered });
  }

  answer(at: number): void {
    const last = this.all.findLast((each) => each.at === at && !each.isAnswered);
    if (last !== undefined) last.isAnswered = true;
  }

  keep(isKept: (at: number) => boolean): void {
    this.all = this.all.filter(({ at }) => isKept(at));
  }

  get loss(): { asked: number; lost: number } {
    return { asked: this.all.length, lost: this.all.filter(({ isAnswered }) => !isAnswered).length };
  }
}

const acts: Readonly<Record<string, (ring: Packets, plain: Plain, at: number) => void>> = {
  answered(ring, plain, at) {
    ring.push(at, 'a', true);
    plain.push(at, true);
  },
  lost(ring, plain, at) {
    ring.push(at, 'a', false);
    plain.push(at, false);
  },
  late(ring, plain, at) {
    ring.answer(at - 2, 'a');
    plain.answer(at - 2);
  },
  dropBefore(ring, plain, at) {
    ring.dropBefore(at - 40);
    plain.keep((other) => other >= at - 40);
  },
  withdrawFrom(ring, plain, at) {
    ring.withdrawFrom(at - 3);
    plain.keep((other) => other < at - 3);
  },
};

test('loss counts what was asked and lost, as a plain count does, whatever is dropped, withdrawn or late', () => {
  const act = fc.constantFrom('answered', 'answered', 'lost', 'lost', ...Object.keys(acts));
  fc.assert(
    fc.property(fc.array(act, { maxLength: 400 }), (names) => {
      const [ring, plain] = [new Packets(), new Plain()];
      for (const [at, name] of names.entries()) acts[name]?.(ring, plain, at);
      assert.deepEqual(ring.loss, plain.loss, 'of a single target');
      assert.deepEqual(new Packets(ring.toStored()).loss, ring.loss, 'the same after a restart');
    }),
  );
});

test('loss leaves out a target that loses far more than the others, and no line that loses everywhere', () => {
  const limited = packets({ a: '1'.repeat(16), b: '1'.repeat(17), c: '10010010010010010' });
  assert.deepEqual(limited.loss, { asked: 33, lost: 0 });
  const one = packets({ a: '1'.repeat(25), b: '1001'.repeat(6) });
  assert.deepEqual(one.loss, { asked: 25, lost: 0 }, 'also one of two');
  const lossy = packets({ a: '0110110110110110', b: '1101011011011011', c: '1010110110101101' });
  assert.deepEqual(lossy.loss, { asked: 48, lost: 17 });
  const alone = packets({ a: '1001'.repeat(6) });
  assert.deepEqual(alone.loss, { asked: 24, lost: 12 }, 'there is nothing to compare it with');
  const two = packets({ a: '1'.repeat(16), b: '1001'.repeat(4), c: '1001'.repeat(4) });
  assert.equal(two.loss.asked, 48, 'most of the targets are the line');
});

test('mayExceed() is never false of a limit that the loss exceeds', () => {
  const packet = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.boolean());
  fc.assert(
    fc.property(
      fc.array(packet, { maxLength: 60 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (sent, limit) => {
        const ring = new Packets();
        for (const [at, [target, isAnswered]] of sent.entries()) ring.push(at, target, isAnswered);
        const { asked, lost } = ring.loss;
        assert.ok(ring.mayExceed(limit) || lost <= limit * asked + 1e-9);
      },
    ),
  );
});

test('loss leaves out the packets to a target since when it is silent, while the others answer', () => {
  const dead = packets({ a: '1'.repeat(17), b: '1'.repeat(17), c: '11111111111111000' });
  assert.deepEqual(dead.loss, { asked: 48, lost: 0 });
  dead.push(20, 'c', true);
  assert.deepEqual(dead.loss, { asked: 52, lost: 3 }, 'it was loss after all');
  const line = packets({ a: '11111111100000', b: '11111111000000', c: '11111111000000' });
  assert.deepEqual(line.loss, { asked: 42, lost: 17 }, 'all of them: it is the line');
});

test('withdrawTarget() takes the packets to one target out, until it is asked again', () => {
  const all = packets({ a: '1'.repeat(20), b: '0'.repeat(20) });
  all.withdrawTarget('b');
  assert.deepEqual(all.loss, { asked: 20, lost: 0 });
  all.push(21, 'b', false);
  assert.deepEqual(all.loss, { asked: 21, lost: 1 });
  all.dropBefore(22);
  assert.deepEqual(all.loss, { asked: 0, lost: 0 });
  assert.equal(all.isEmpty, true);
});

test('keepTargets() forgets those that are no longer probed', () => {
  const all = packets({ a: '1'.repeat(20), b: '1110'.repeat(5) });
  all.keepTargets(new Set(['a', 'b', 'c']));
  assert.equal(all.loss.asked, 40);
  all.keepTargets(new Set(['b']));
  assert.deepEqual(all.loss, { asked: 20, lost: 5 });
});

test('lossyStarts() are those of the rounds that lost a packet', () => {
  assert.deepEqual([...packets({ a: '10110' }).lossyStarts()], [1, 4]);
});
