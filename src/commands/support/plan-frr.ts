import type { FrrSettings } from '../../../models/config.ts';
import { messageOf } from '../../../models/message-of.ts';
import {
  planStatics,
  readStatics,
  type StaticRoute,
  type StaticRoutes,
  spellVtysh,
} from '../../core/routes/frr.ts';
import { readFrr } from '../../kernel/vtysh.ts';

/** The `vtysh` commands of a plan, and what is in the way of them. */
export interface FrrPlan {
  readonly commands: readonly string[];
  readonly obstacles: readonly string[];
}

/** What would be told to FRRouting; everything that is wanted, where it cannot be asked for what it has. `all`: in any case. */
export async function planFrr(
  wish: readonly StaticRoute[],
  { pathspace, tag }: FrrSettings,
  all: boolean,
): Promise<FrrPlan> {
  let present: StaticRoutes = { ours: [], others: [] };
  const obstacles: string[] = [];
  try {
    present = readStatics((await readFrr(pathspace)).config, tag);
  } catch (error) {
    obstacles.push(messageOf(error));
  }
  const { lines, blocked } = planStatics(wish, all ? { ...present, ours: [] } : present, tag);
  return {
    commands: lines.map((line) => spellVtysh(line, pathspace)),
    obstacles: [
      ...obstacles,
      ...blocked.map(
        ({ prefix, hop }) => `FRRouting has a static route of someone else's for ${prefix} ${hop}`,
      ),
    ],
  };
}
