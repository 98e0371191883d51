import { expect, test } from 'vitest';
import { match, type Route } from './router.svelte';

const screen = (): never => {
  throw new Error('not opened here');
};
const route = (path: string): Route => ({ path, title: 'shell.notFound', chrome: 'page', screen });
const routes = [route('/'), route('/meetings/:meeting'), route('/meetings/new'), route('/meetings/:meeting/minutes')];

test('the root is the desk', () => expect(match(routes, '/')?.route.path).toBe('/'));
test('a fixed word wins over a parameter', () => expect(match(routes, '/meetings/new')?.route.path).toBe('/meetings/new'));
test('a parameter is decoded', () => expect(match(routes, '/meetings/a%20b')?.params).toEqual({ meeting: 'a b' }));
test('a closing slash changes nothing', () => expect(match(routes, '/meetings/7/minutes/')?.route.path).toBe('/meetings/:meeting/minutes'));
test('an unknown path finds nothing', () => expect(match(routes, '/elsewhere')).toBeNull());
