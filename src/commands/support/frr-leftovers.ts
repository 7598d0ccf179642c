import type { FrrSettings } from '../../../models/config.ts';
import { planStatics, readStatics } from '../../core/routes/frr.ts';
import { readFrr, writeFrr } from '../../kernel/vtysh.ts';
import type { Removal } from '../../setup/removal/removal.ts';

/**
 * Our static routes in FRRouting, to be removed. When it does not run there are none: they are not in its
 * files.
 */
export async function frrLeftovers({ pathspace, tag }: FrrSettings): Promise<Removal[]> {
  const config = await readFrr(pathspace).then(
    (reading) => reading.config,
    () => '', // not running, or no longer installed
  );
  const { lines } = planStatics([], readStatics(config, tag), tag);
  if (lines.length === 0) return [];
  const undo = async (): Promise<void> => {
    const [refused] = await writeFrr(pathspace, lines);
    if (refused !== undefined) throw new Error(`FRRouting refused: ${refused}`);
  };
  return [{ what: `${lines.length} static routes in FRRouting`, undo }];
}
