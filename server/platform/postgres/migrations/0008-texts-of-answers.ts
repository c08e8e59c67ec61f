import type { Migration } from './migration.ts'

/**
 * Answers that ended before their texts were kept get them from their events, as `reduceTokens` reads these: what is
 * said before a move is all thought. From then on they are found by what they say.
 */
export const textsOfAnswers: Migration = {
  id: 8,
  name: 'texts-of-answers',
  sql: `
    create temporary table said on commit drop as
      select g.id, e.first_seq + place - 1 as seq, one.event ->> 'event' as kind,
        one.event -> 'data' as data
      from generations g
        join generation_events e on e.generation_id = g.id,
        jsonb_array_elements(e.events) with ordinality as one (event, place)
      where g.content is null and g.state not in ('queued', 'running');

    with word as (
      select id, seq, coalesce(data ->> 'reasoning', '') as reasoning,
        coalesce(data ->> 'content', '') as content,
        count(*) filter (where (data ->> 'moved')::boolean) over (partition by id order by seq) as part
      from said where kind = 'delta'
    ), part as (
      select id, part, string_agg(reasoning, '' order by seq) as reasoning,
        string_agg(content, '' order by seq) as content,
        part = max(part) over (partition by id) as is_last
      from word group by id, part
    ), whole as (
      select id, string_agg(content, '') filter (where is_last) as content,
        string_agg(reasoning || case when is_last then '' else content end, '' order by part)
          as reasoning
      from part group by id
    )
    update generations g set
      reasoning = whole.reasoning,
      content = whole.content,
      finish_reason = (
        select data ->> 'finishReason' from said where said.id = g.id and kind = 'end' limit 1
      ),
      error = (select data -> 'error' from said where said.id = g.id and kind = 'end' limit 1),
      usage = (
        select case kind when 'usage' then data else data -> 'usage' end from said
        where said.id = g.id and (kind = 'usage' or data ? 'usage') order by seq desc limit 1
      )
    from whole where whole.id = g.id;
  `,
}
