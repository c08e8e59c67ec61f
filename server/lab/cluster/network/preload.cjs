// Loaded into every node process of a pod (NODE_OPTIONS=--require): cluster names resolve, servers listen on the pod's
// address, connections leave from it, and NetworkPolicy is asked when one comes in. Plain JavaScript without imports
// of ours, because it runs inside the containers. DEVCLUSTER_NETWORK names a directory that the cluster keeps current.
const { readFileSync, statSync } = require('node:fs')
const { syncBuiltinESMExports } = require('node:module')
const net = require('node:net')
const dns = require('node:dns')

const directory = process.env.DEVCLUSTER_NETWORK
const podIp = process.env.DEVCLUSTER_POD_IP
const namespace = process.env.DEVCLUSTER_NAMESPACE
const searched = [`.${namespace}.svc.cluster.local`, '.svc.cluster.local', '.cluster.local', '']

/** A JSON file that is read again when it was replaced. */
function freshFile(path, otherwise) {
  let seen
  let content = otherwise
  return () => {
    try {
      const { mtimeMs, ino } = statSync(path)
      if (seen !== `${ino} ${mtimeMs}`) {
        content = JSON.parse(readFileSync(path, 'utf8'))
        seen = `${ino} ${mtimeMs}`
      }
    } catch {
      // Not written yet, or just being replaced: what was known last still holds.
    }
    return content
  }
}

const names = freshFile(`${directory}/names.json`, {})
const policy = freshFile(`${directory}/${podIp}.json`, { isolated: false, from: {} })

/** { addresses } of a cluster name, { alias } that leaves the cluster, 'unknown' there, or undefined for other names. */
function find(host, depth = 0) {
  if (typeof host !== 'string' || net.isIP(host) || depth > 8) return undefined
  const name = host.toLowerCase()
  const absolute = name.endsWith('.')
  for (const suffix of absolute || depth > 0 ? [''] : searched) {
    const record = names()[(absolute ? name.slice(0, -1) : name) + suffix]
    if (record?.addresses) return record
    if (record?.alias) return find(record.alias, depth + 1) ?? record
  }
  return /\.(svc|cluster\.local)\.?$/.test(name) ? 'unknown' : undefined
}

function notFound(call, host) {
  const error = new Error(`${call} ENOTFOUND ${host}`)
  return Object.assign(error, { code: 'ENOTFOUND', errno: -3008, syscall: call, hostname: host })
}

const { lookup } = dns
dns.lookup = function patchedLookup(host, options, callback) {
  if (typeof options === 'function') return patchedLookup(host, {}, options)
  const record = find(host)
  if (!record) return lookup(host, options, callback)
  if (record.alias) return lookup(record.alias, options, callback)
  const wanted = typeof options === 'number' ? { family: options } : (options ?? {})
  if (record === 'unknown' || wanted.family === 6 || wanted.family === 'IPv6')
    return process.nextTick(callback, notFound('getaddrinfo', host))
  const all = record.addresses.map((address) => ({ address, family: 4 }))
  if (wanted.all) return process.nextTick(callback, null, all)
  return process.nextTick(callback, null, all[Math.floor(Math.random() * all.length)].address, 4)
}

const promised = dns.promises.lookup
dns.promises.lookup = (host, options) => {
  if (!find(host)) return promised(host, options)
  return new Promise((resolve, reject) =>
    dns.lookup(host, options ?? {}, (error, address, family) => {
      if (error) reject(error)
      else resolve(Array.isArray(address) ? address : { address, family })
    }),
  )
}

/** resolve4 and resolve(…, 'A'), with a callback or as a promise. */
function patchResolve(holder, method, isPromise) {
  const original = holder[method]
  holder[method] = (host, ...rest) => {
    const other = method === 'resolve' && typeof rest[0] === 'string' && rest[0] !== 'A'
    const record = other ? undefined : find(host)
    if (!record) return original.call(holder, host, ...rest)
    if (record.alias) return original.call(holder, record.alias, ...rest)
    const failed = record === 'unknown' ? notFound('queryA', host) : null
    if (isPromise) return failed ? Promise.reject(failed) : Promise.resolve([...record.addresses])
    return process.nextTick(rest.at(-1), failed, failed ? undefined : [...record.addresses])
  }
}
for (const method of ['resolve', 'resolve4']) {
  patchResolve(dns, method, false)
  patchResolve(dns.promises, method, true)
}

const inCluster = (ip) => {
  const [first, second] = ip.split('.').map(Number)
  return first === 127 && second >= 32 && second < 128
}

const { connect } = net.Socket.prototype
net.Socket.prototype.connect = function patchedConnect(...args) {
  // net.connect passes its arguments as one normalised array; the first entry is the options either way.
  const list = Array.isArray(args[0]) ? args[0] : args
  if (typeof list[0] === 'number')
    list.splice(0, typeof list[1] === 'string' ? 2 : 1, {
      port: list[0],
      host: typeof list[1] === 'string' ? list[1] : undefined,
    })
  const options = list[0]
  if (options && typeof options === 'object' && !options.path && !options.localAddress) {
    const host = options.host ?? 'localhost'
    const addresses = net.isIP(host) ? [host] : (find(host)?.addresses ?? [])
    if (addresses.length > 0 && addresses.every(inCluster))
      list[0] = { ...options, localAddress: podIp }
  }
  return connect.apply(this, args)
}

const anywhere = new Set([undefined, null, '', '0.0.0.0', '::', '[::]'])
const { listen, emit } = net.Server.prototype
net.Server.prototype.listen = function patchedListen(...args) {
  if (typeof args[0] === 'number' || (typeof args[0] === 'string' && /^\d+$/.test(args[0]))) {
    if (typeof args[1] !== 'string') args.splice(1, 0, podIp)
    else if (anywhere.has(args[1])) args[1] = podIp
  } else if (args[0] && typeof args[0] === 'object' && args[0].port !== undefined)
    if (anywhere.has(args[0].host)) args[0] = { ...args[0], host: podIp }
  return listen.apply(this, args)
}

function admitted(socket) {
  const source = socket.remoteAddress
  // The node itself always reaches its pods: probes, and the API server's proxy.
  if (!source || !inCluster(source)) return true
  const { isolated, from } = policy()
  const ranges = from[source]
  return ranges
    ? ranges.some(([low, high]) => socket.localPort >= low && socket.localPort <= high)
    : !isolated
}

net.Server.prototype.emit = function patchedEmit(event, ...args) {
  if (event === 'connection' && args[0] instanceof net.Socket && !admitted(args[0])) {
    args[0].on('error', () => {})
    args[0].resetAndDestroy()
    return true
  }
  return emit.call(this, event, ...args)
}

syncBuiltinESMExports()
