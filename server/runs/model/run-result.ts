import type { z } from 'zod'
import '#server/platform/model/zod-without-eval.ts'
import {
  type EndProof,
  endProofSchema,
  type Receipt,
  receiptSchema,
} from '#server/access/model/receipt.ts'
import type { TaskRun } from './task-run.ts'

export type RunResult =
  | { state: 'pending' | 'running' | 'succeeded' }
  | { state: 'failed'; reason: string; message: string }

/** How a run stands, from its condition alone. */
export function runResult(run: TaskRun): RunResult {
  const condition = run.status?.conditions?.find((one) => one.type === 'Succeeded')
  if (!condition) return { state: 'pending' }
  if (condition.status === 'True') return { state: 'succeeded' }
  if (condition.status === 'Unknown') {
    return { state: run.status?.startTime ? 'running' : 'pending' }
  }
  return { state: 'failed', reason: condition.reason, message: failureMessage(run) }
}

/** The step that a failed run opens at: the first that ended badly. */
export function failedStep(run: TaskRun): string | undefined {
  const steps = run.status?.steps ?? []
  const failed = steps.find(
    (step) =>
      step.terminated &&
      step.terminated.exitCode !== 0 &&
      step.terminationReason !== 'Skipped' &&
      step.terminationReason !== 'Continued',
  )
  return failed?.name
}

export function paramOf(run: TaskRun, name: string): string | undefined {
  const value = run.spec.params?.find((param) => param.name === name)?.value
  return typeof value === 'string' ? value : undefined
}

/** The receipt that the probe wrote; undefined where a run ended well without a readable one. */
export function receiptOf(run: TaskRun): Receipt | undefined {
  const seen = resultOf(run, 'receipt', receiptSchema)
  return seen && { run: run.metadata.name, ...seen }
}

/** What the unbind run proved; undefined where it left nothing readable. */
export function endProofOf(run: TaskRun): EndProof | undefined {
  const seen = resultOf(run, 'proof', endProofSchema)
  return seen && { run: run.metadata.name, ...seen }
}

function resultOf<T>(run: TaskRun, name: string, schema: z.ZodType<T>): T | undefined {
  const value = run.status?.results?.find((result) => result.name === name)?.value
  if (typeof value !== 'string') return undefined
  try {
    return schema.parse(JSON.parse(value))
  } catch {
    return undefined
  }
}

export function writeReceipt(receipt: Omit<Receipt, 'run'>): string {
  return JSON.stringify(receipt)
}

function failureMessage(run: TaskRun): string {
  const condition = run.status?.conditions?.find((one) => one.type === 'Succeeded')
  const step = failedStep(run)
  const said = condition?.message ?? ''
  switch (condition?.reason) {
    case 'TaskRunCancelled':
      return `The run ${run.metadata.name} was cancelled.`
    case 'TaskRunTimeout':
      return `The run ${run.metadata.name} took too long${step ? ` in step ${step}` : ''}.`
  }
  return step
    ? `Step ${step} of run ${run.metadata.name} failed.`
    : `The run ${run.metadata.name} failed: ${said}`.slice(0, 1000)
}
