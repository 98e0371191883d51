import type { Same } from '../vi';
import type { proof as words } from '../vi/proof';

export const proof: Same<typeof words> = {
  'proof.sheet': 'Result sheet (PDF)',
  'proof.check': 'Check my ballot',
  'proof.found': 'Your ballot is in the record',
  'proof.foundText': 'The ballot “{choice}” is entry {number} of a signed record of {size} entries.',
  'proof.how': 'Your own device has just computed the way from the words of the ballot to the signed record; every step fits.',
  'proof.notFound': 'It does not fit the record',
  'proof.flaw.receipt': 'The ballot in the record is not the one of the receipt on this device.',
  'proof.flaw.commitment': 'The entry in the record does not keep this ballot.',
  'proof.flaw.root': 'The entry of the ballot does not lead to the signed record.',
  'proof.flaw.note': 'The signature is that of another state of the record.',
  'proof.tell': 'Tell the secretary at once and leave this page open.',
  'proof.cannot': 'This browser cannot check it. Open the page by its https address.',
};
