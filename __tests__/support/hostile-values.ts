// Values of a caller or a server that throw when they are looked at.

export const THROWING_GETTER = {
  get(): never {
    throw new Error('not today');
  },
  enumerable: true,
};

export function revokedProxy(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
