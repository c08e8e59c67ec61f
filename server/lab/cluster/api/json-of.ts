const texts = new WeakMap<object, string>()

/** JSON of an object; that of stored (frozen) objects is made once, however many watches send it. */
export function jsonOf(object: object): string {
  const known = texts.get(object)
  if (known !== undefined) return known
  const text = JSON.stringify(object)
  if (Object.isFrozen(object)) texts.set(object, text)
  return text
}
