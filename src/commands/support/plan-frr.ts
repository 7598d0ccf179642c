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

/** The `vtysh` commands of a plan, and what prevents them. */
export interface FrrPlan {
  readonly commands: readonly string[];
  readonly obstacles: readonly string[];
}

/**
 * What FRRouting would be given: all desired routes where its present ones cannot be read, or with `all`;
 * else the difference.
 */
export async function planFrr(
  desired: readonly StaticRoute[],
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
  const { lines, blocked } = planStatics(desired, all ? { ...present, ours: [] } : present, tag);
  return {
    commands: lines.map((line) => spellVtysh(line, pathspace)),
    obstacles: [
      ...obstacles,
      ...blocked.map(({ prefix, hop }) => `FRRouting has someone else's static route for ${prefix} ${hop}`),
    ],
  };
}
