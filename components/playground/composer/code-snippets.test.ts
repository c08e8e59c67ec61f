import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Call, inPython, inShell, snippetOf } from './code-snippets.ts'

const run = promisify(execFile)
const python = await run('python3', ['--version']).then(
  () => true,
  () => false,
)

let server: Server
let dir: string
let address: string
const asked: { authorization?: string; body: unknown }[] = []

/** What a gateway would answer; it keeps what it was asked. */
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'snippets-'))
  writeFileSync(join(dir, 'token'), 'the-token')
  // The client library of Python as far as the snippet uses it: it prints what it would send.
  writeFileSync(
    join(dir, 'openai.py'),
    `import json
class OpenAI:
    def __init__(self, base_url, api_key):
        self.chat = self.completions = self
        self.made = [base_url, api_key]
    def create(self, extra_body={}, **body):
        print(json.dumps(self.made + [{**body, **extra_body}]))
        return []
`,
  )
  server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    request.on('end', () => {
      asked.push({ authorization: request.headers.authorization, body: JSON.parse(text) })
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(
        'data: {"choices":[{"index":0,"delta":{"content":"x = 1"}}]}\n\ndata: [DONE]\n\n',
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  rmSync(dir, { recursive: true })
  server.close()
})

const nasty = `it's "quoted" \\( x \\) $(rm -rf ~) \`id\` $HOME %s \n\ttab 思 😀 \u2028 ''' """ #{x} \${y} \\'`

function callWith(content: string): Call {
  return {
    address,
    tokenPath: join(dir, 'token'),
    model: 'vibethinker-1.5b',
    messages: [
      { role: 'system', content: "You're exact." },
      { role: 'user', content },
    ],
    sampling: {
      temperature: 0.6,
      topP: 0.95,
      topK: 20,
      maxTokens: 100,
      seed: 7,
      stop: ["'", '\\'],
      repetitionPenalty: 1.1,
      repetitionDetection: true,
    },
  }
}

const sent = (content: string) => ({
  model: 'vibethinker-1.5b',
  messages: callWith(content).messages,
  temperature: 0.6,
  top_p: 0.95,
  top_k: 20,
  max_tokens: 100,
  seed: 7,
  stop: ["'", '\\'],
  repetition_penalty: 1.1,
  repetition_detection: { min_pattern_size: 8, max_pattern_size: 512, min_count: 4 },
  stream: true,
})

test('curl sends it, with the pod’s token', async () => {
  const { stdout } = await run('sh', ['-c', snippetOf('curl', callWith(nasty))])
  expect(stdout).toContain('x = 1')
  expect(asked.at(-1)).toEqual({ authorization: 'Bearer the-token', body: sent(nasty) })
})

test('JavaScript sends it, through OpenAI’s own client', async () => {
  const code = snippetOf('javascript', callWith(nasty))
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code])
  expect(stdout).toBe('x = 1')
  expect(asked.at(-1)).toEqual({ authorization: 'Bearer the-token', body: sent(nasty) })
})

test.runIf(python)('Python would send it', async () => {
  const code = snippetOf('python', callWith(nasty))
  const { stdout } = await run('python3', ['-c', code], {
    env: { ...process.env, PYTHONPATH: dir },
  })
  expect(JSON.parse(stdout)).toEqual([`${address}/v1`, 'the-token', sent(nasty)])
})

const text = fc.array(
  fc.oneof(
    fc.constantFrom(
      "'",
      '"',
      '\\',
      '$',
      '`',
      '\n',
      '\r',
      '\t',
      '${',
      '$(',
      '\u2028',
      '\ud800',
      '😀',
    ),
    fc.string({ maxLength: 3 }),
  ),
  { maxLength: 12 },
)
const texts = fc.array(
  text.map((parts) => parts.join('').replaceAll('\0', '')),
  {
    minLength: 60,
    maxLength: 60,
  },
)

test('any text is one word of a shell', async () => {
  await fc.assert(
    fc.asyncProperty(texts, async (all) => {
      const well = all.map((one) => one.toString().replaceAll(/[\ud800-\udfff]/g, '?'))
      const { stdout } = await run('sh', ['-c', `printf '%s\\0' ${well.map(inShell).join(' ')}`])
      expect(stdout).toBe(well.map((one) => `${one}\0`).join(''))
    }),
    { numRuns: 5 },
  )
})

test.runIf(python)('any text and number is itself in Python', async () => {
  await fc.assert(
    fc.asyncProperty(texts, fc.double({ noNaN: true, noDefaultInfinity: true }), async (all, n) => {
      const value = { all, n: n || 0, none: null, yes: true, no: false, nested: [{ a: [] }] }
      const code = `import json; print(json.dumps(${inPython(value)}))`
      const { stdout } = await run('python3', ['-c', code])
      expect(JSON.parse(stdout)).toEqual(value)
    }),
    { numRuns: 5 },
  )
})
