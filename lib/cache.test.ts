import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CacheOptions, createCache, type SecondLayer } from './cache.ts';
import { withResolvers } from './lifecycle.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

function rig(options: Partial<CacheOptions<string>> = {}) {
  const state = { version: 'a', asked: 0, made: 0, looked_up: [] as string[] };
  const cache = createCache<string>({
    bytes_max: 10_000,
    ttl_ms: 60_000,
    bytesOf: value => (value === 'unkept' ? null : value.length),
    version: async () => {
      state.asked++;
      return state.version;
    },
    version_ms: 100,
    onLookup: result => void state.looked_up.push(result),
    ...options,
  });
  const get = (key: string, value = `${key} ${state.made + 1}`) =>
    cache.get(key, async () => {
      state.made++;
      return value;
    });
  /** Under way until `done`. */
  const begin = (key: string) => {
    const { promise, resolve } = withResolvers<string>();
    return { value: cache.get(key, () => promise), done: resolve };
  };
  return { state, get, begin, getWith: cache.get, peek: cache.peek, invalidate: cache.invalidate };
}
const pass = (ms: number): void => void vi.advanceTimersByTime(ms);
const answered = (): Promise<void> => new Promise(done => setImmediate(done));

describe('a value', () => {
  it('is worked out once while nothing changes', async () => {
    const { state, get } = rig();
    expect([await get('k'), await get('k'), await get('other')]).toEqual(['k 1', 'k 1', 'other 2']);
    pass(5_000);
    expect(await get('k')).toBe('k 1');
    expect(state.looked_up).toEqual(['miss', 'hit', 'miss', 'hit']);
  });

  it('is worked out again once something has, and noticed at the latest after a version’s time', async () => {
    const { state, get } = rig();
    await get('k');
    state.version = 'b';
    pass(99);
    expect(await get('k')).toBe('k 1');
    pass(1);
    expect(await get('k')).toBe('k 2');
    expect(state.asked).toBe(2);
  });

  it('is there without waiting while its version is known, which is asked for before it is too old', async () => {
    const { state, get, peek, invalidate } = rig();
    expect(peek('k')).toBeNull();
    await get('k');
    for (let i = 1; i <= 5; i++) {
      pass(60);
      expect([peek('k'), state.asked]).toEqual(['k 1', 1 + i]);
      await answered();
    }
    state.version = 'b';
    pass(60);
    expect(peek('k')).toBe('k 1');
    await answered();
    expect(peek('k')).toBeNull();
    expect(await get('k')).toBe('k 2');
    invalidate();
    expect(peek('k')).toBeNull();
    await get('k');
    pass(100);
    expect(peek('k')).toBeNull();
    expect(state.looked_up).not.toContain('bypass');
  });

  it('is worked out again when its time is over', async () => {
    const { get } = rig();
    await get('k');
    pass(60_000);
    expect(await get('k')).toBe('k 2');
  });

  it('is worked out once for all who want it at once, and an error is told to all and kept for none', async () => {
    const { state, get, getWith } = rig();
    expect(await Promise.all([get('k'), get('k'), get('k')])).toEqual(['k 1', 'k 1', 'k 1']);
    const failing = () => getWith('other', () => Promise.reject(new Error('away')));
    const both = await Promise.allSettled([failing(), failing()]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await get('other', 'back')).toBe('back');
    expect(state.made).toBe(2);
  });

  it('that was begun before an invalidation is not taken for one after it', async () => {
    const { state, get, begin, invalidate } = rig();
    await get('warm');
    const late = begin('k');
    invalidate();
    late.done('old');
    expect(await late.value).toBe('old');
    expect([await get('k', 'new'), await get('warm', 'anew')]).toEqual(['new', 'anew']);
    expect(state.made).toBe(3);
  });

  it('is worked out anew after an invalidation, though a version was being asked for', async () => {
    const { get, invalidate } = rig();
    await get('k', 'old');
    pass(100);
    const asking = get('other');
    invalidate();
    expect(await get('k', 'new')).toBe('new');
    await asking;
  });

  it('is not kept where it should not be, where it is too large, and where nobody knows the version', async () => {
    const { get } = rig({ bytes_max: 1_000 });
    await get('k', 'unkept');
    expect(await get('k')).toBe('k 2');
    await get('large', 'x'.repeat(2_000));
    expect(await get('large', 'y')).toBe('y');
    const away = rig({ version: () => Promise.reject(new Error('away')) });
    expect([await away.get('k'), await away.get('k')]).toEqual(['k 1', 'k 2']);
    expect(away.state.looked_up).toEqual(['bypass', 'bypass']);
  });

  it('goes where there are too many, the least used first', async () => {
    const { get } = rig({ bytes_max: 700 });
    for (const key of ['a', 'b', 'c']) await get(key, key.repeat(100));
    await get('a');
    await get('d', 'd'.repeat(100));
    expect(await get('a', 'anew')).toBe('a'.repeat(100));
    expect(await get('b', 'anew')).toBe('anew');
  });
});

describe('a second layer', () => {
  /** What the processes of an installation share, and as many of them as are wanted. */
  function shared() {
    const values = new Map<string, { value: string; ttl_ms: number }>();
    const asked: string[] = [];
    const second: SecondLayer<string> = {
      async get(key) {
        asked.push(key);
        return values.get(key) ?? null;
      },
      put: (key, value, ttl_ms) => void values.set(key, { value, ttl_ms }),
    };
    return { values, asked, instance: () => rig({ second }) };
  }

  it('is asked for what is not here, told what was made, and found by others under the same version alone', async () => {
    const { values, asked, instance } = shared();
    const [one, other] = [instance(), instance()];
    expect(await one.get('k', 'made')).toBe('made');
    expect(await Promise.all([other.get('k', 'anew'), other.get('k', 'anew')])).toEqual(['made', 'made']);
    expect([await one.get('k'), await other.get('k')]).toEqual(['made', 'made']);
    expect([...values]).toEqual([['a k', { value: 'made', ttl_ms: 60_000 }]]);
    expect(asked).toEqual(['a k', 'a k']);
    other.state.version = 'b';
    pass(100);
    expect(await other.get('k', 'of b')).toBe('of b');
    await one.get('unkept', 'unkept');
    expect([...values.keys()]).toEqual(['a k', 'b k']);
  });

  it('holds a value no longer than where it was made', async () => {
    const { values, instance } = shared();
    values.set('a k', { value: 'nearly over', ttl_ms: 50 });
    const one = instance();
    expect(await one.get('k')).toBe('nearly over');
    values.clear();
    pass(50);
    expect(await one.get('k', 'anew')).toBe('anew');
  });

  it('is not believed after an invalidation until the version has changed', async () => {
    const { values, instance } = shared();
    const one = instance();
    values.set('a k', { value: 'of before', ttl_ms: 60_000 });
    one.invalidate();
    expect(await one.get('k', 'of now')).toBe('of now');
    expect(values.get('a k')?.value).toBe('of now');
    one.state.version = 'b';
    pass(100);
    values.set('b k', { value: 'told by another', ttl_ms: 60_000 });
    expect(await one.get('k')).toBe('told by another');
  });
});
