type Native = (this: unknown, ...given: unknown[]) => unknown

/** Ours counts timers itself, and says by messages what came of a run. */
const left = new Set([
  ...['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'queueMicrotask'],
  ...['postMessage', 'close', 'importScripts', 'reportError', 'constructor'],
  ...['addEventListener', 'removeEventListener', 'dispatchEvent'],
])

/**
 * Lets every function of the platform that gives a promise say when that is settled: a program is over when none is
 * open. Web IDL makes such functions enumerable, the language's own are not (https://webidl.spec.whatwg.org/#es-operations).
 */
export function countPromises(began: () => void, settled: () => void): void {
  const seen = new Set<object>()
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    const { value } = Object.getOwnPropertyDescriptor(globalThis, name) ?? {}
    if (typeof value === 'function') {
      wrapAll(value)
      if (value.prototype) wrapAll(value.prototype)
    } else if (name === 'WebAssembly') wrapAll(value)
  }
  let scope: object | null = globalThis
  while (scope && scope !== Object.prototype) {
    wrapAll(scope)
    scope = Object.getPrototypeOf(scope)
  }
  wrapAll(Object.getPrototypeOf(new ReadableStream().values()))

  function wrapAll(owner: object): void {
    if (seen.has(owner)) return
    seen.add(owner)
    for (const [name, { value, enumerable, writable, configurable }] of Object.entries(
      Object.getOwnPropertyDescriptors(owner),
    )) {
      const isNative = typeof value === 'function' && enumerable && !value.prototype
      if (!isNative || left.has(name) || !(writable || configurable)) continue
      Object.defineProperty(owner, name, {
        value: counted(value),
        enumerable,
        writable,
        configurable,
      })
    }
  }

  /** The promise that the program gets is one behind, so that a rejection which it does not catch is still told. */
  function counted(native: Native): Native {
    function wrapped(this: unknown, ...given: unknown[]) {
      const result = Reflect.apply(native, this, given)
      if (!(result instanceof Promise)) return result
      began()
      return result.finally(settled)
    }
    return Object.defineProperty(wrapped, 'name', { value: native.name })
  }
}

/** What a worker could keep something in, or go on in after its end; the box promises neither. */
export function removeStores(): void {
  for (const name of ['caches', 'indexedDB', 'Worker', 'SharedWorker', 'BroadcastChannel']) {
    let scope: object | null = globalThis
    while (scope) {
      Reflect.deleteProperty(scope, name)
      scope = Object.getPrototypeOf(scope)
    }
  }
}
