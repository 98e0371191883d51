import type { Same } from '../vi';
import type { identity as words } from '../vi/identity';

export const identity: Same<typeof words> = {
  'identity.title': 'Sign in',
  'identity.tagline': 'Meetings online and without paper',
  'identity.username': 'User name',
  'identity.password': 'Password',
  'identity.show': 'Show the password',
  'identity.hide': 'Hide the password',
  'identity.enter': 'Sign in',
  'identity.missing': 'Enter both your user name and your password.',
  'identity.throttled': 'Too many wrong attempts',
  'identity.tryAfter': 'Your account is not locked. Try again in',
  'identity.seconds': '{seconds} {seconds:second|seconds}.',
  'identity.trouble': 'Forgotten your password? Ask your office or your system administrator.',
  'identity.four': 'Meeting without travelling. Papers without paper.',
  'identity.noBody': 'Your account does not belong to a body yet',
  'identity.noBodyText':
    'You have signed in correctly, but you have not been entered in any body or session. Ask the secretary or your system administrator.',
};
