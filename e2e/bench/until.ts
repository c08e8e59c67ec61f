/** Reads, 50 times a second, until what was read is as wanted; fails after a minute. */
export async function until<T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const deadline = performance.now() + 60_000
  for (;;) {
    const value = await read()
    if (holds(value)) return value
    if (performance.now() > deadline) throw new Error(`Not within a minute: ${holds}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
