// busybox's wget, as far as scripts use it: -q, -S, -O FILE|-, -T SEC, --header, --post-data, --spider.
import { createWriteStream } from 'node:fs'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  options: {
    q: { type: 'boolean', short: 'q' },
    S: { type: 'boolean', short: 'S' },
    O: { type: 'string', short: 'O' },
    T: { type: 'string', short: 'T' },
    timeout: { type: 'string' },
    header: { type: 'string', multiple: true },
    'post-data': { type: 'string' },
    spider: { type: 'boolean' },
    'no-check-certificate': { type: 'boolean' },
  },
  allowPositionals: true,
})

function fail(message) {
  process.stderr.write(`wget: ${message}\n`)
  process.exit(1)
}

const [given] = positionals
if (!given) fail('missing URL')
const url = new URL(/^\w+:\/\//.test(given) ? given : `http://${given}`)
if (!values.q) process.stderr.write(`Connecting to ${url.host}\n`)
const headers = (values.header ?? []).map((line) => line.split(/:\s*(.*)/s).slice(0, 2))
const seconds = Number(values.T ?? values.timeout ?? 900)
try {
  const response = await fetch(url, {
    method: values['post-data'] === undefined ? 'GET' : 'POST',
    headers,
    body: values['post-data'],
    signal: AbortSignal.timeout(seconds * 1000),
  })
  if (values.S) {
    process.stderr.write(`  HTTP/1.1 ${response.status} ${response.statusText}\n`)
    for (const [name, value] of response.headers) process.stderr.write(`  ${name}: ${value}\n`)
  }
  if (!response.ok)
    fail(`server returned error: HTTP/1.1 ${response.status} ${response.statusText}`)
  const target = values.O ?? (basename(url.pathname) || 'index.html')
  if (!values.spider && response.body)
    await pipeline(
      Readable.fromWeb(response.body),
      target === '-' ? process.stdout : createWriteStream(target),
    )
} catch (error) {
  const { code, message } = error.cause ?? error
  if (code === 'ENOTFOUND') fail(`bad address '${url.hostname}'`)
  if (error.name === 'TimeoutError') fail('download timed out')
  fail(
    `can't connect to remote host (${url.hostname}): ${code === 'ECONNREFUSED' ? 'Connection refused' : message}`,
  )
}
