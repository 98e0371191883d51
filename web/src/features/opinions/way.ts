import { ApiRefusal } from '../../protocol/api';
import type { Way } from '../../protocol/outbox.svelte';
import type { SheetReceipt, Slip } from '../../protocol/slips';
import type { Receipt } from '../../protocol/types';
import { getSlip, sendSheet } from './calls';
import { packed, unpacked } from './sheet';

/** A sheet's receipt in the outbox's words: what was chosen is the whole sheet. */
function asReceipt(receipt: SheetReceipt, choice: string): Receipt {
  return { question: receipt.slip, choice, n: receipt.n, number: receipt.number, hash: receipt.hash, at: receipt.at, is_current: receipt.is_current };
}

/** What the server has of mine; null when nothing. */
export function knownSheet(slip: Slip, mine: NonNullable<Slip['mine']>): Receipt | null {
  return mine.sheet ? asReceipt(mine.sheet.receipt, packed(slip.questions, mine.sheet.answers)) : null;
}

/** A sheet travels like a ballot: kept on this device until it is acknowledged, with a number that never means two things. */
export function wayOf(slip: Slip, me: string): Way {
  const { body, id } = slip;
  return {
    key: `ecabinet.sheet.${me}.${id}`,
    cast: async ({ choice, n }) => asReceipt(await sendSheet(body, id, n, unpacked(choice)), choice),
    mine: async () => {
      const now = await getSlip(body, id);
      const known = now.mine && knownSheet(now, now.mine);
      if (!known) throw new ApiRefusal('not_found', 404);
      return known;
    },
  };
}
