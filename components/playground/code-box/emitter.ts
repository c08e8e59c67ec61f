type Listener = (...given: unknown[]) => void

/** As much of Node's EventEmitter as programs that read their input use. `onFirst` hears of the first listener of a name. */
export function createEmitter(onFirst: (name: string) => void) {
  const listeners = new Map<string, Listener[]>()
  function on(name: string, listener: Listener): void {
    const before = listeners.get(name) ?? []
    listeners.set(name, [...before, listener])
    if (before.length === 0) onFirst(name)
  }
  function off(name: string, listener: Listener): void {
    listeners.set(name, listeners.get(name)?.filter((one) => one !== listener) ?? [])
  }
  function once(name: string, listener: Listener): void {
    const first: Listener = (...given) => {
      off(name, first)
      listener(...given)
    }
    on(name, first)
  }
  function emit(name: string, ...given: unknown[]): void {
    for (const listener of listeners.get(name) ?? []) listener(...given)
  }
  return { on, off, once, emit }
}
