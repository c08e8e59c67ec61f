import type pg from 'pg'
import { AppError } from '#server/platform/model/errors.ts'
import { translated } from '#server/platform/postgres/translate-failure.ts'
import type { Store } from '#server/store.ts'
import { type GenerationRow, generationColumns, storedGeneration } from './generation-columns.ts'
import type {
  FoundConversation,
  GenerationText,
  NewTurn,
  StoredConversation,
  StoredQuestion,
} from './stored-conversation.ts'

type ConversationStore = Pick<
  Store,
  | 'createTurn'
  | 'storedBytesOf'
  | 'findConversation'
  | 'listConversations'
  | 'questionsOf'
  | 'generationsOf'
  | 'pathTo'
  | 'renameConversation'
  | 'deleteConversation'
  | 'textsOf'
>

// One round trip: it lies between a question and its first token. Answers of one turn are a microsecond apart, which
// keeps their order.
const createTurnSql = `
  with begun as (
    insert into conversations (id, owner, title)
    select $1, $2, $3 where $3::text is not null returning id
  ), gone_on as (
    update conversations set updated_at = now()
    where id = $1 and owner = $2 and $3::text is null returning id
  ), place as (
    select id from begun union all select id from gone_on
  ), asked as (
    insert into questions (id, conversation_id, text, after_generation)
    select $4, place.id, $5, $6 from place where $5::text is not null
  )
  insert into generations
    (id, owner, conversation_id, question_id, continues, state, request, holder, created_at, wish)
  select one.id, $2, place.id, $4, one.continues, 'running', one.request, $8,
    now() + one.turn * interval '1 microsecond', $9::text || '/' || one.turn
  from place, rows from (
    jsonb_to_recordset($7::jsonb) as (id text, continues text, request jsonb)
  ) with ordinality as one (id, continues, request, turn)
  on conflict (wish) do nothing`

const storedBytesSql = `
  with own as (select id from conversations where owner = $1),
  answers as (select g.* from generations g join own on own.id = g.conversation_id)
  select coalesce((select sum(pg_column_size(q.text)) from questions q join own on own.id = q.conversation_id), 0)
    + coalesce((select sum(pg_column_size(request) + coalesce(pg_column_size(content), 0)
        + coalesce(pg_column_size(reasoning), 0)) from answers), 0)
    + coalesce((select sum(pg_column_size(e.events)) from generation_events e
        join answers on answers.id = e.generation_id), 0) as bytes`

const pathSql = `
  with recursive path (generation, question, after, depth) as (
    select g.id, g.question_id, q.after_generation, 0
    from generations g join questions q on q.id = g.question_id where g.id = $1
    union all
    select g.id, g.question_id, q.after_generation, path.depth + 1
    from path join generations g on g.id = path.after join questions q on q.id = g.question_id
  )
  select generation, question from path order by depth desc`

const conversationColumns = 'id, owner, title, created_at as "createdAt", updated_at as "updatedAt"'

const questionColumns = `
  id, conversation_id as conversation, after_generation as after, text, created_at as "createdAt"`

type QuestionRow = Omit<StoredQuestion, 'after'> & { after: string | null }

type TextRow = {
  id: string
  reasoning: string
  content: string
  finishReason: string | null
  usage: GenerationText['usage'] | null
  error: GenerationText['error'] | null
}

function storedQuestion({ after, ...question }: QuestionRow): StoredQuestion {
  return after === null ? question : { ...question, after }
}

export function conversationStore(pool: pg.Pool): ConversationStore {
  async function turnOf(wish: string, owner: string) {
    const { rows } = await pool.query<GenerationRow>(
      `select ${generationColumns} from generations where owner = $1 and wish like $2
      order by created_at, id`,
      [owner, `${wish}/%`],
    )
    return rows.map(storedGeneration)
  }

  return {
    createTurn: ({ conversation, question, generations: asked, holder, wish }: NewTurn) =>
      translated(async () => {
        const values = [
          conversation.id,
          conversation.owner,
          conversation.title ?? null,
          question.id,
          question.text ?? null,
          question.after ?? null,
          JSON.stringify(asked),
          holder,
          wish ?? null,
        ]
        const query = { name: 'create-turn', text: createTurnSql, values }
        const { rowCount } = await pool.query(query)
        if (rowCount === asked.length) return []
        const there = wish === undefined ? [] : await turnOf(wish, conversation.owner)
        if (there.length === 0) throw noConversation()
        return there
      }),

    storedBytesOf: (owner) =>
      translated(async () => {
        const { rows } = await pool.query<{ bytes: string }>(storedBytesSql, [owner])
        return Number(rows[0]?.bytes ?? 0)
      }),

    findConversation: (id) =>
      translated(async () => {
        const { rows } = await pool.query<StoredConversation>(
          `select ${conversationColumns} from conversations where id = $1`,
          [id],
        )
        return rows[0]
      }),

    listConversations: (owner, { limit, search = '' }) =>
      translated(async () => {
        const words = search.split(/\s+/).filter((word) => word !== '')
        const matches = words.map((_, index) => containsSql(`$${index + 3}`)).join(' ')
        const { rows } = await pool.query<FoundConversation & { found: string | null }>(
          `select c.id, c.owner, c.title, c.created_at as "createdAt", c.updated_at as "updatedAt",
            (select count(*)::integer from generations g
              where g.conversation_id = c.id and g.state in ('queued', 'running')) as running,
            ${words.length > 0 ? foundSql('$3', `$${words.length + 3}`) : 'null'} as found
          from conversations c where c.owner = $1 ${matches}
          order by c.updated_at desc, c.id desc limit $2`,
          [owner, limit, ...words.map(likePattern), ...words.slice(0, 1)],
        )
        return rows.map(({ found, ...row }) => (found === null ? row : { ...row, found }))
      }),

    questionsOf: (conversation) =>
      translated(async () => {
        const { rows } = await pool.query<QuestionRow>(
          `select ${questionColumns} from questions where conversation_id = $1
          order by created_at, id`,
          [conversation],
        )
        return rows.map(storedQuestion)
      }),

    generationsOf: (conversation) =>
      translated(async () => {
        const { rows } = await pool.query<GenerationRow>(
          `select ${generationColumns} from generations where conversation_id = $1
          order by created_at, id`,
          [conversation],
        )
        return rows.map(storedGeneration)
      }),

    pathTo: (generation) =>
      translated(async () => {
        const { rows } = await pool.query<{ generation: string; question: string }>(pathSql, [
          generation,
        ])
        if (rows.length === 0) return []
        const [asked, answered] = await Promise.all([
          pool.query<QuestionRow>(`select ${questionColumns} from questions where id = any($1)`, [
            rows.map((row) => row.question),
          ]),
          pool.query<GenerationRow>(
            `select ${generationColumns} from generations where id = any($1)`,
            [rows.map((row) => row.generation)],
          ),
        ])
        return rows.flatMap((row) => {
          const question = asked.rows.find(({ id }) => id === row.question)
          const answer = answered.rows.find(({ id }) => id === row.generation)
          return question && answer
            ? [{ question: storedQuestion(question), answer: storedGeneration(answer) }]
            : []
        })
      }),

    renameConversation: (id, title) =>
      translated(async () => {
        await pool.query('update conversations set title = $2 where id = $1', [id, title])
      }),

    deleteConversation: (id) =>
      translated(async () => {
        await pool.query('delete from conversations where id = $1', [id])
      }),

    textsOf: (ids) =>
      translated(async () => {
        const { rows } = await pool.query<TextRow>(
          `select id, coalesce(reasoning, '') as reasoning, content,
            finish_reason as "finishReason", usage, error
          from generations where id = any($1) and content is not null`,
          [ids],
        )
        return new Map(
          rows.map(({ id, reasoning, content, finishReason, usage, error }) => [
            id,
            {
              reasoning,
              content,
              finishReason: finishReason ?? undefined,
              usage: usage ?? undefined,
              error: error ?? undefined,
            },
          ]),
        )
      }),
  }
}

/** Any word may stand anywhere in a conversation; the whole of it is one person's, so that looking through is quick. */
function containsSql(word: string): string {
  return `and (c.title ilike ${word}
    or exists (select from questions q where q.conversation_id = c.id and q.text ilike ${word})
    or exists (select from generations g where g.conversation_id = c.id and g.content ilike ${word}))`
}

/** A piece of the first text in which the word stands, beginning a little before it. */
function foundSql(pattern: string, word: string): string {
  return `(select substring(text from greatest(1, position(lower(${word}) in lower(text)) - 40) for 160)
    from (
      select q.text, q.created_at from questions q where q.conversation_id = c.id
      union all
      select g.content, g.created_at from generations g where g.conversation_id = c.id
    ) as said where text ilike ${pattern} order by created_at limit 1)`
}

function likePattern(word: string): string {
  return `%${word.replaceAll(/[\\%_]/g, '\\$&')}%`
}

function noConversation(): AppError {
  return new AppError('not-found', 'There is no such conversation.')
}
