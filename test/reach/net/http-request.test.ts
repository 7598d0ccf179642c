import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redirected, redirectTarget } from '../../../src/reach/net/http-request.ts';

const from = new URL('https://a.test/in');
const headers = {
  Accept: 'text/plain',
  Authorization: 'Bearer s3cret',
  cookie: 'id=1',
  'Proxy-Authorization': 'Basic eA==',
  'x-api-key': 'k3y',
};

for (const [to, kept] of [
  ['https://a.test/there', Object.keys(headers)],
  ['https://a.test:443/there', Object.keys(headers)],
  ['https://b.test/there', ['Accept']],
  ['https://sub.a.test/there', ['Accept']],
  ['http://a.test/there', ['Accept']],
  ['https://a.test:8443/there', ['Accept']],
] as const)
  test(`redirected() from ${from.origin} to ${to} sends ${kept.length} of ${Object.keys(headers).length} headers`, () => {
    const next = redirected({ headers, host: 'web.test' }, 302, from, new URL(to));
    assert.deepEqual(Object.keys(next.headers ?? {}), kept);
    assert.equal(next.host, undefined);
  });

test('redirected() posts again only where the status says so', () => {
  const post = { method: 'POST', body: 'x', headers: { 'content-type': 'text/plain', accept: '*/*' } };
  for (const status of [307, 308]) assert.deepEqual(redirected(post, status, from, from), post);
  for (const status of [301, 302, 303])
    assert.deepEqual(redirected(post, status, from, from), { headers: { accept: '*/*' } });
  assert.deepEqual(redirected({ body: 'x' }, 302, from, from), { headers: {} }, 'a body alone is posted');
  assert.deepEqual(redirected({ method: 'PUT', body: 'x' }, 302, from, from), { method: 'PUT', body: 'x' });
  assert.deepEqual(redirected({ method: 'HEAD' }, 303, from, from), { method: 'HEAD' });
});

test('redirectTarget() is where an answer leads', () => {
  assert.equal(redirectTarget(302, '/there', from)?.href, 'https://a.test/there');
  assert.equal(redirectTarget(302, 'http://b.test', from)?.href, 'http://b.test/');
  assert.equal(redirectTarget(302, undefined, from), undefined);
  assert.equal(redirectTarget(302, 'http://[', from), undefined);
  assert.equal(redirectTarget(200, '/there', from), undefined);
});
