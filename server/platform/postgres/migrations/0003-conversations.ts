import type { Migration } from './migration.ts'

/** Every generation that stood alone becomes a conversation of its own, under the same id. */
export const conversations: Migration = {
  id: 3,
  name: 'conversations',
  sql: `
    create table conversations (
      id text primary key,
      owner text not null,
      title text not null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    );
    create index conversations_by_owner on conversations (owner, updated_at desc, id desc);

    create table questions (
      id text primary key,
      conversation_id text not null references conversations (id) on delete cascade,
      after_generation text references generations (id) on delete cascade,
      text text not null,
      created_at timestamptz not null default now()
    );
    create index questions_by_conversation on questions (conversation_id, created_at);
    create index questions_by_generation on questions (after_generation);

    alter table generations
      add column conversation_id text references conversations (id) on delete cascade,
      add column question_id text references questions (id) on delete cascade,
      add column continues text,
      add column reasoning text,
      add column content text,
      add column finish_reason text,
      add column usage jsonb,
      add column error jsonb;

    create temporary table alone on commit drop as
      select id, owner, created_at, state_at, request,
        coalesce((
          select message ->> 'content'
          from jsonb_array_elements(request -> 'messages') with ordinality as m (message, place)
          where message ->> 'role' = 'user' order by place desc limit 1
        ), '') as question,
        coalesce((
          select message ->> 'content'
          from jsonb_array_elements(request -> 'messages') with ordinality as m (message, place)
          where message ->> 'role' = 'system' order by place limit 1
        ), '') as role
      from generations;
    insert into conversations (id, owner, title, created_at, updated_at)
      select id, owner,
        left(regexp_replace(btrim(question, E' \\n\\r\\t'), '\\s+', ' ', 'g'), 80),
        created_at, state_at
      from alone;
    insert into questions (id, conversation_id, text, created_at)
      select id, id, question, created_at from alone;
    update generations set
      conversation_id = alone.id,
      question_id = alone.id,
      request = jsonb_build_object(
        'binding', alone.request -> 'binding',
        'systemPrompt', alone.role,
        'sampling', alone.request -> 'sampling'
      )
    from alone where alone.id = generations.id;

    alter table generations
      alter column conversation_id set not null,
      alter column question_id set not null;
    create index generations_by_conversation on generations (conversation_id, created_at);
    create index generations_by_question on generations (question_id);
    drop index generations_by_owner;
  `,
}
