import { createServer, type Server } from 'node:net'

/** The addresses of one cluster: parts of 127.0.0.0/8, so that several clusters can run on one machine. */
export type AddressPlan = {
  /** Where pods get their addresses, e.g. `127.80.16.0/20`. */
  podCidr: string
  serviceCidr: string
  /** The address of the node: the host itself. */
  nodeIp: string
  takePodIp(): string
  releasePodIp(ip: string): void
  /** An address for a Service: the one asked for if it is in range, or a free one; undefined where there is none. */
  chooseServiceIp(taken: ReadonlySet<string>, wanted?: string): string | undefined
}

const claimPort = 10256
const blockSize = 4096
const attempts = 64

/**
 * Claims a block of 4096 pod addresses in 127.64.0.0/10 and one of Service addresses in 127.32.0.0/12, by listening on
 * the first address of the latter for as long as the cluster runs.
 */
export async function claimAddresses(signal: AbortSignal): Promise<AddressPlan> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const block = Math.floor(Math.random() * 256)
    const services = addressOf(127, 32, block)
    const claim = await listen(claimPort, toText(services))
    if (!claim) continue
    claim.unref()
    signal.addEventListener('abort', () => claim.close())
    return planOf(addressOf(127, 64, block), services)
  }
  throw new Error(
    'This system lets no process listen on 127.32.0.1: the embedded cluster needs Linux.',
  )
}

/** The plan without the claim: `pods` and `services` are the first addresses of their blocks. */
export function planOf(pods: number, services: number): AddressPlan {
  const podsTaken = new Set<string>()
  let nextPod = 0
  let nextService = 0

  return {
    podCidr: `${toText(pods)}/20`,
    serviceCidr: `${toText(services)}/20`,
    nodeIp: '127.0.0.1',
    takePodIp() {
      for (let tried = 0; tried < blockSize; tried += 1) {
        // Round, so that an address is not used again at once by another pod.
        nextPod = (nextPod % (blockSize - 2)) + 1
        const ip = toText(pods + nextPod)
        if (podsTaken.has(ip)) continue
        podsTaken.add(ip)
        return ip
      }
      throw new Error('no pod address is free')
    },
    releasePodIp: (ip) => void podsTaken.delete(ip),
    chooseServiceIp(taken, wanted) {
      if (wanted !== undefined) {
        const offset = toNumber(wanted) - services
        return offset > 0 && offset < blockSize && !taken.has(wanted) ? wanted : undefined
      }
      // Round here too: a client that still knows an old address should not meet a new Service there.
      for (let tried = 0; tried < blockSize; tried += 1) {
        nextService = (nextService % (blockSize - 2)) + 1
        const ip = toText(services + nextService)
        if (nextService > 1 && !taken.has(ip)) return ip
      }
      return undefined
    },
  }
}

/** 127.`second`.0.0 plus the block's place. */
export function addressOf(first: number, second: number, block: number): number {
  return first * 2 ** 24 + second * 2 ** 16 + block * blockSize
}

export function toText(address: number): string {
  return [24, 16, 8, 0].map((bits) => Math.floor(address / 2 ** bits) % 256).join('.')
}

export function toNumber(ip: string): number {
  return ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

/** Whether an IPv4 address lies in `a.b.c.d/n`. */
export function inCidr(ip: string, cidr: string): boolean {
  const [base = '', bits = '32'] = cidr.split('/')
  const size = 2 ** (32 - Number(bits))
  return Math.floor(toNumber(ip) / size) === Math.floor(toNumber(base) / size)
}

function listen(port: number, host: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', () => resolve(undefined))
    server.listen(port, host, () => resolve(server))
  })
}
