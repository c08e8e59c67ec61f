import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AddressType, aliasSlices, endpointsMax, type SliceLike } from './alias-slices.ts'

const address = (addressType: AddressType, n: number) =>
  addressType === 'IPv4' ? `10.0.${n >> 8}.${n & 255}` : `fd00::${n.toString(16)}`

const endpoint = fc.record({
  n: fc.nat(400),
  ready: fc.option(fc.boolean(), { nil: undefined }),
  serving: fc.option(fc.boolean(), { nil: undefined }),
  terminating: fc.option(fc.boolean(), { nil: undefined }),
})
const slice = fc
  .record({
    addressType: fc.constantFrom('IPv4' as const, 'IPv6' as const),
    endpoints: fc.uniqueArray(endpoint, { maxLength: 250, selector: ({ n }) => n }),
  })
  .map(
    ({ addressType, endpoints }): SliceLike => ({
      metadata: { name: 'gateway' },
      addressType,
      endpoints: endpoints.map(({ n, ...conditions }) => ({
        addresses: [address(addressType, n)],
        conditions,
      })),
    }),
  )
const gateway = fc.tuple(slice, slice).filter(([a, b]) => a.addressType !== b.addressType)

const asLive = (wanted: ReturnType<typeof aliasSlices>): SliceLike[] =>
  wanted.map(({ name, ...rest }) => ({ metadata: { name }, ...rest }))

const reachable = ({ addressType, endpoints = [] }: Pick<SliceLike, 'addressType' | 'endpoints'>) =>
  endpoints
    .filter(({ conditions = {} }) => {
      const { ready = true, terminating = false } = conditions
      return ready || ((conditions.serving ?? ready) && terminating)
    })
    .map(({ addresses }) => `${addressType} ${addresses}`)

test('they lead exactly where the gateway is, from whatever was there before', () => {
  fc.assert(
    fc.property(gateway, gateway, (before, after) => {
      const live = asLive(aliasSlices('alias', before, []))
      const wanted = aliasSlices('alias', after, live)
      const led = wanted.flatMap(reachable)
      expect(led.sort()).toEqual([...new Set(after.flatMap(reachable))].sort())
      expect(new Set(wanted.map(({ name }) => name)).size).toBe(wanted.length)
      expect(wanted[0]?.name).toBe('alias-bindery')
      for (const addressType of ['IPv4', 'IPv6'] as const) {
        const ours = wanted.filter((one) => one.addressType === addressType)
        const total = ours.reduce((sum, { endpoints }) => sum + endpoints.length, 0)
        for (const one of ours) expect(one.endpoints.length).toBeLessThanOrEqual(endpointsMax)
        const least = addressType === 'IPv4' ? 1 : 0
        expect(ours).toHaveLength(Math.max(least, Math.ceil(total / endpointsMax)))
      }
      // What is right already is not written again.
      expect(aliasSlices('alias', after, asLive(wanted))).toEqual(wanted)
    }),
    { numRuns: 60 },
  )
})

test('one pod that goes changes one slice', () => {
  const all = Array.from({ length: 250 }, (_, n) => ({ addresses: [address('IPv4', n)] }))
  const of = (endpoints: typeof all): SliceLike[] => [
    { metadata: { name: 'x' }, addressType: 'IPv4', endpoints },
  ]
  const before = aliasSlices('alias', of(all), [])
  expect(before.map(({ endpoints }) => endpoints.length)).toEqual([100, 100, 50])
  const after = aliasSlices('alias', of(all.toSpliced(3, 1)), asLive(before))
  const changed = after.filter(
    (one, index) => JSON.stringify(one) !== JSON.stringify(before[index]),
  )
  expect(changed).toHaveLength(1)
})

test('a slice that somebody filled by hand loses nothing that is the gateway’s', () => {
  const all = Array.from({ length: 150 }, (_, n) => ({ addresses: [address('IPv4', n)] }))
  const slices: SliceLike[] = [{ metadata: { name: 'x' }, addressType: 'IPv4', endpoints: all }]
  const crammed: SliceLike[] = [
    { metadata: { name: 'alias-bindery' }, addressType: 'IPv4', endpoints: all },
  ]
  const sizes = aliasSlices('alias', slices, crammed).map(({ endpoints }) => endpoints.length)
  expect(sizes).toEqual([100, 50])
})

test('the last pod of a rollout is drained: it serves while it ends', () => {
  const conditions = { ready: false, serving: true, terminating: true }
  const slices: SliceLike[] = [
    {
      metadata: { name: 'x' },
      addressType: 'IPv4',
      endpoints: [
        { addresses: ['10.0.0.1'], conditions },
        { addresses: ['10.0.0.2'], conditions: { ready: false, serving: false } },
      ],
    },
  ]
  expect(aliasSlices('alias', slices, [])).toEqual([
    {
      name: 'alias-bindery',
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.0.0.1'], conditions }],
    },
  ])
})
