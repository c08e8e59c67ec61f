'use client'
import { Play, Square, X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useEffect, useRef, useSyncExternalStore } from 'react'
import { Button } from '#components/ui/button.tsx'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { Field, TextArea } from '#components/ui/field.tsx'
import { codeBounds } from '#server/playground/model/code-bounds.ts'
import {
  inputOf,
  keepInput,
  onRunChange,
  type Program,
  runOf,
  startRun,
  stopRun,
} from './code-runner.ts'
import { readsInput } from './reads-input.ts'
import { RunOutput } from './run-output.tsx'
import { outputText } from './run-state.ts'
import { RunStatus } from './run-status.tsx'
import { useRunKeys } from './use-run-keys.ts'

/**
 * A program of an answer, run in its reader's browser: what it reads, what it writes, how it ended. It begins at once,
 * unless it seems to read something; then that is asked for first.
 */
export function RunPanel({ program, onClose }: { program: Program; onClose: () => void }) {
  const t = useTranslations('run-code')
  const ui = useTranslations('ui')
  const panel = useRef<HTMLElement>(null)
  const field = useRef<HTMLTextAreaElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const run = useSyncExternalStore(onRunChange, () => runOf(program), nothing)
  const input = useSyncExternalStore(onRunChange, () => inputOf(program), noInput)
  const isUnderWay = run !== undefined && run.phase !== 'ended'
  const isInputLong = input.length > codeBounds.inputCharsMax
  const { language, code } = program
  const title = t('box')

  const start = () => {
    if (!isInputLong) startRun(program, title)
  }
  const stop = () => stopRun(program)
  const atButton = () => {
    // A button that changes under its key loses the focus in some browsers.
    requestAnimationFrame(() => {
      if (document.activeElement === document.body) button.current?.focus()
    })
  }
  useRunKeys(panel, {
    isUnderWay,
    start: () => {
      start()
      atButton()
    },
    stop: () => {
      stop()
      atButton()
    },
  })

  useEffect(() => {
    const opened = { language, code }
    if (readsInput(code, language)) field.current?.focus()
    else {
      button.current?.focus()
      startRun(opened, title)
    }
    return () => stopRun(opened)
  }, [language, code, title])

  return (
    <section
      ref={panel}
      aria-label={t('label')}
      className="mb-3 grid min-w-0 gap-3 rounded-lg border border-line bg-surface p-3 text-[0.94rem] print:hidden"
    >
      <Field
        label={t('input')}
        error={isInputLong ? t('inputLong', { max: codeBounds.inputCharsMax }) : undefined}
      >
        {(attributes) => (
          <TextArea
            {...attributes}
            ref={field}
            rows={3}
            value={input}
            spellCheck={false}
            autoComplete="off"
            autoCapitalize="off"
            className="font-mono text-[0.87rem]"
            onChange={({ target }) => keepInput(program, target.value)}
          />
        )}
      </Field>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <Button
          ref={button}
          size="small"
          look={isUnderWay ? 'danger' : 'primary'}
          onClick={isUnderWay ? stop : start}
        >
          {isUnderWay ? (
            <Square size={14} aria-hidden fill="currentColor" />
          ) : (
            <Play size={14} aria-hidden fill="currentColor" />
          )}
          {isUnderWay ? t('stop') : t('run')}
          <kbd className="text-[0.8rem] opacity-80 max-sm:hidden">
            {isUnderWay ? 'Esc' : 'Ctrl ↵'}
          </kbd>
        </Button>
        <RunStatus run={run} language={language} />
        <span className="ml-auto flex gap-1">
          {run && run.chars > 0 ? (
            <CopyButton text={outputText(run)} label={t('copyOutput')} />
          ) : null}
          <Button size="small" look="quiet" aria-label={ui('close')} onClick={onClose}>
            <X size={16} aria-hidden />
          </Button>
        </span>
      </div>
      {run && run.chars > 0 ? <RunOutput output={run.output} /> : null}
      <p className="text-[0.87rem] text-muted hall:hidden">
        {t('where')} {t(`about.${language}`, { mib: codeBounds.memoryMibMax })}
      </p>
    </section>
  )
}

const nothing = () => undefined
const noInput = () => ''
