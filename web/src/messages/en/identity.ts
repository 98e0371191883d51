import type { Same } from '../vi';
import type { identity as words } from '../vi/identity';

export const identity: Same<typeof words> = {
  'identity.title': 'Sign in',
  'identity.tagline': 'Online, paperless meetings',
  'identity.username': 'User name',
  'identity.password': 'Password',
  'identity.show': 'Show the password',
  'identity.hide': 'Hide the password',
  'identity.enter': 'Sign in',
  'identity.missing': 'Enter both your user name and your password.',
  'identity.throttled': 'Too many wrong attempts',
  'identity.tryAfter': 'Your account is not locked. Try again in',
  'identity.seconds': '{seconds} {seconds:second|seconds}.',
  'identity.trouble': 'Forgotten your password? Contact your office or your system administrator.',
  'identity.four': 'Meetings without travel. Documents without paper.',
  'identity.over': 'Your sign-in has expired. Sign in to return to the page you were on; anything not saved must be entered again.',
  'identity.admin': 'An administrator’s account does not attend sessions',
  'identity.adminText': 'This account is for administering the system. To attend, sign in with a personal account that belongs to a body.',
  'identity.noBody': 'Your account does not belong to a body yet',
  'identity.noBodyText':
    'You have signed in correctly, but you have not been entered in any body or session. Ask the secretary or your system administrator.',
};
