/** Packets that leave by an ISP with an address outside its network. */
import type { Lab } from '../../src/lab/lab.ts';

/** Counts in each ISP what comes in from the customer under an address of another: any of its prefix is its own (RFC 4941). */
export async function watchStrays(lab: Lab): Promise<void> {
  for (const { name, ends } of lab.isps)
    await lab.run(name, ['nft', '-f', '-'], strayWatch(ends[4]?.address, ends[6]?.address));
}

function strayWatch(four: string | undefined, six: string | undefined): string {
  return `table inet strays {
  counter strays {}
  chain incoming {
    type filter hook prerouting priority -300;
    iifname "customer" ip saddr != ${four} counter name strays
    iifname "customer" ip6 saddr != { ${six}/64, fe80::/10, :: } counter name strays
  }
}
`;
}

/** How many there were in each ISP. */
export async function strayPackets(lab: Lab): Promise<Readonly<Record<string, number>>> {
  const counts = lab.isps.map(async ({ name }) => {
    const text = await lab.run(name, ['nft', 'list', 'counter', 'inet', 'strays', 'strays']);
    return [name, Number(/packets (\d+)/.exec(text)?.[1])] as const;
  });
  return Object.fromEntries(await Promise.all(counts));
}
