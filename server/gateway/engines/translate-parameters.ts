import type { EngineKind } from '#server/serving/model/engine-facts.ts'

const words = (text: string) => text.split(/\s+/)

/**
 * Parameters of a known engine's own API that no other has. What is common to all (temperature, top_p, seed, stop,
 * penalties of OpenAI's) is in no list. Sources: vLLM's `ChatCompletionRequest`, SGLang's `protocol.py`, llama.cpp's
 * `tools/server/README.md`.
 */
const own: Record<'vllm' | 'sglang' | 'llamacpp', ReadonlySet<string>> = {
  vllm: new Set(
    words(`top_k min_p repetition_penalty length_penalty repetition_detection stop_token_ids
      include_stop_str_in_output bad_words ignore_eos min_tokens truncate_prompt_tokens thinking_token_budget
      include_reasoning chat_template_kwargs add_generation_prompt continue_final_message add_special_tokens
      skip_special_tokens spaces_between_special_tokens allowed_token_ids structured_outputs guided_json guided_regex
      guided_choice guided_grammar best_of`),
  ),
  sglang: new Set(
    words(`top_k min_p repetition_penalty stop_token_ids no_stop_trim ignore_eos min_tokens separate_reasoning
      stream_reasoning chat_template_kwargs continue_final_message skip_special_tokens regex ebnf json_schema`),
  ),
  llamacpp: new Set(
    words(`top_k min_p typical_p repeat_penalty ignore_eos dry_multiplier dry_base dry_allowed_length xtc_probability
      xtc_threshold chat_template_kwargs json_schema add_generation_prompt continue_final_message`),
  ),
}

const all = new Set([
  ...[...own.vllm, ...own.sglang, ...own.llamacpp],
  ...words('top_a tfs_z no_repeat_ngram_size'),
])

/** One meaning, two names. */
const names: Record<keyof typeof own, Record<string, string>> = {
  vllm: { repeat_penalty: 'repetition_penalty' },
  sglang: { repeat_penalty: 'repetition_penalty' },
  llamacpp: { repetition_penalty: 'repeat_penalty' },
}

/** Asked before the engine is looked at: most requests are the same for all. */
export function dependsOnEngine(body: object): boolean {
  return Object.keys(body).some((name) => all.has(name))
}

/**
 * The same request in the words of the engine. What it does not have is left out, for one engine refuses what another
 * ignores, and named; an engine of another kind is sent everything as it came.
 */
export function translateParameters<B extends Record<string, unknown>>(
  body: B,
  kind: EngineKind | undefined,
): { body: B; ignored: string[] } {
  if (kind === undefined || kind === 'other' || kind === 'demo') return { body, ignored: [] }
  const ignored: string[] = []
  const entries = Object.entries(body).flatMap(([name, value]) => {
    const said = names[kind][name] ?? name
    if (!all.has(name) || own[kind].has(said)) {
      // What the caller said in the engine's own word stands.
      return said !== name && Object.hasOwn(body, said) ? [] : [[said, value] as const]
    }
    if (value !== null) ignored.push(name)
    return []
  })
  const translated: B = Object.assign(Object.create(null), Object.fromEntries(entries))
  return { body: translated, ignored }
}
