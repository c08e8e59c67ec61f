import { usageAndGenerations } from './0001-usage-and-generations.ts'
import { presets } from './0002-presets.ts'
import { conversations } from './0003-conversations.ts'
import { audit } from './0004-audit.ts'
import { runArchive } from './0005-run-archive.ts'
import { outbox } from './0006-outbox.ts'
import { sessions } from './0007-sessions.ts'
import { textsOfAnswers } from './0008-texts-of-answers.ts'
import { presentRuns } from './0009-present-runs.ts'
import { wishes } from './0010-wishes.ts'
import { sessionTokens } from './0011-session-tokens.ts'
import { retention } from './0012-retention.ts'
import type { Migration } from './migration.ts'

/** In order; ids are the file names' numbers and never have gaps. */
export const migrations: readonly Migration[] = [
  usageAndGenerations,
  presets,
  conversations,
  audit,
  runArchive,
  outbox,
  sessions,
  textsOfAnswers,
  presentRuns,
  wishes,
  sessionTokens,
  retention,
]
