import type { ChatMessage } from '#server/platform/inference/model/chat-messages.ts'
import { completionBody } from '#server/platform/inference/model/completion-body.ts'
import type { SamplingChoice } from '#server/platform/inference/model/sampling-schema.ts'

/** What is asked, from where, and where the pod's token lies. */
export type Call = {
  /** `http://alias:port`, without a path. */
  address: string
  tokenPath: string
  model: string
  messages: ChatMessage[]
  sampling: SamplingChoice
}

export const snippetLanguages = ['curl', 'python', 'javascript'] as const
export type SnippetLanguage = (typeof snippetLanguages)[number]

export function snippetOf(language: SnippetLanguage, call: Call): string {
  if (language === 'curl') return curlOf(call)
  return language === 'python' ? pythonOf(call) : javascriptOf(call)
}

function curlOf(call: Call): string {
  const { standard, extra } = bodyOf(call)
  const body = JSON.stringify({ ...standard, ...extra, stream: true }, null, 2)
  return `curl -N ${inShell(`${call.address}/v1/chat/completions`)} \\
  -H "Authorization: Bearer $(cat ${inShell(call.tokenPath)})" \\
  -H 'Content-Type: application/json' \\
  -d ${inShell(body)}`
}

function pythonOf(call: Call): string {
  const { standard, extra } = bodyOf(call)
  const given = Object.entries({ ...standard, ...(isEmpty(extra) ? {} : { extra_body: extra }) })
  return `from openai import OpenAI

client = OpenAI(
    base_url=${inPython(`${call.address}/v1`)},
    api_key=open(${inPython(call.tokenPath)}).read(),
)
stream = client.chat.completions.create(
${given.map(([name, value]) => `    ${name}=${inPython(value, 4)},`).join('\n')}
    stream=True,
)
for chunk in stream:
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="", flush=True)`
}

function javascriptOf(call: Call): string {
  const { standard, extra } = bodyOf(call)
  const body = JSON.stringify({ ...standard, ...extra, stream: true }, null, 2)
  return `import { readFileSync } from 'node:fs'
import OpenAI from 'openai'

const client = new OpenAI({
  baseURL: ${JSON.stringify(`${call.address}/v1`)},
  apiKey: readFileSync(${JSON.stringify(call.tokenPath)}, 'utf8'),
})
const stream = await client.chat.completions.create(${body})
for await (const chunk of stream) {
  process.stdout.write(chunk.choices[0]?.delta.content ?? '')
}`
}

function bodyOf({ model, messages, sampling }: Call) {
  const whole = messages.map(({ role, content }) => ({ role, content: storable(content) }))
  return completionBody(model, whole, { ...sampling, stop: sampling.stop?.map(storable) })
}

/** Half a surrogate pair cannot be sent by anybody. */
function storable(text: string): string {
  return text.replaceAll(
    /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    '\ufffd',
  )
}

/** One word of a POSIX shell, whatever it holds. */
export function inShell(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** JSON's strings and numbers are Python's too; its words are not. */
export function inPython(value: unknown, indent = 0): string {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value !== 'object') return JSON.stringify(value)
  const space = ' '.repeat(indent + 4)
  const end = ' '.repeat(indent)
  if (Array.isArray(value)) {
    return `[\n${value.map((one) => `${space}${inPython(one, indent + 4)},\n`).join('')}${end}]`
  }
  const entries = Object.entries(value).map(
    ([name, inner]) => `${space}${JSON.stringify(name)}: ${inPython(inner, indent + 4)},\n`,
  )
  return `{\n${entries.join('')}${end}}`
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0
}
