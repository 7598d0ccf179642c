/**
 * One style for all messages (decision 34): they begin with `failover: ` where they go to the terminal, and what is
 * quoted is in double quotes: words that somebody typed, commands to type. Single quotes are the configuration's own,
 * as in `layout: 'table'`: src/config speaks of nothing else.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('..', import.meta.url).pathname;

/** They write configurations, or scripts in which quotes have a meaning. */
const otherLanguages = [
  'src/config/',
  'src/setup/completion.ts',
  'src/setup/propose.ts',
  'src/setup/man-page.ts',
  'src/core/routes/frr.ts',
];

interface Rule {
  readonly what: string;
  readonly wrong: RegExp;
  readonly bite: string; // source that breaks it
}

const rules: readonly Rule[] = [
  {
    what: 'a quoted command is in double quotes',
    wrong: /["`][^"`\n]*'failover [^"`\n]*["`]/,
    bite: 'x = "run \'failover check\' first";',
  },
  {
    what: 'a quoted word is in double quotes',
    wrong: /`(?:[^`\n]*[\s(:])?'§'[^`\n]*`/,
    bite: "x = `no provider has the id '§'`;",
  },
  {
    what: 'there are no backquotes in messages',
    wrong: /['"][^'"\n]*`failover [^'"\n]*['"]|\\`failover /,
    bite: "x = 'see `failover check`';",
  },
  { what: 'quotes are straight', wrong: /[“”‘]/, bite: 'x = `the id “§”`;' },
  {
    what: 'messages on standard error say whose they are',
    wrong: /console\.error\((?!\s*`failover: )(?=\s*[`'"])/,
    bite: "console.error('it broke');",
  },
];

/** Without comments, and with `§` for what is filled in. */
function wordsOf(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[\s;{}])\/\/[^\n]*/g, '$1')
    .replace(/\$\{[^{}`]*\}/g, '§');
}

const sources = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
  .map((file) => `src/${file}`)
  .filter((file) => /\.(ts|mjs)$/.test(file) && !otherLanguages.some((other) => file.startsWith(other)));

for (const { what, wrong, bite } of rules) {
  test(`in messages, ${what}`, () => {
    assert.match(wordsOf(bite), wrong, 'the rule would notice');
    const found = sources.flatMap((file) =>
      wordsOf(readFileSync(`${root}${file}`, 'utf8'))
        .split('\n')
        .filter((line) => wrong.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
    assert.deepEqual(found, []);
  });
}
