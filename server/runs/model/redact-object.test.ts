import { expect, test } from 'vitest'
import { sealText } from '#server/access/model/plan.ts'
import { renderPlan } from '#server/access/model/render-plan.ts'
import { sampleBinding, sampleService } from '#server/testing/access/sample-objects.ts'
import { createRedactor } from './redact.ts'
import { hasMask, redactObject, textRedaction } from './redact-object.ts'
import { redactRun } from './redact-run.ts'
import { writeReceipt } from './run-result.ts'
import type { TaskRun } from './task-run.ts'

const redact = textRedaction(() => createRedactor())
const safe = <T>(value: T) => redactObject(value, redact)

test('a value whose name says that it is a secret is masked whole, whatever it looks like', () => {
  const secrets = {
    params: [
      { name: 'api-token', value: 'correct horse' },
      { name: 'passwords', value: ['plain'] },
      { name: 'registry', value: { user: 'ada', password: 'battery staple' } },
      { name: 'dbPassword', default: 'in the catalogue' },
    ],
    steps: [
      {
        name: 'deploy',
        args: ['--user', 'ada', '--password', 'on its own', '--token=joined'],
        env: [{ name: 'AWS_SECRET_ACCESS_KEY', value: 'wJalrXUtnFEMI' }],
        script: 'set -e\nexport PASSWORD=a b c\ncurl https://ada:hunter2@example.com',
      },
    ],
  }
  const text = JSON.stringify(safe(secrets))
  for (const secret of [
    'horse',
    'battery',
    'catalogue',
    'own',
    'joined',
    'wJal',
    'a b c',
    'hunter2',
  ]) {
    expect(text).not.toContain(secret)
  }
  expect(text).toContain('"args":["--user","ada","--password","[redacted:')
  expect(text).toContain('set -e')
  expect(safe(safe(secrets))).toEqual(safe(secrets))
})

test('what only sounds like a secret stays', () => {
  const harmless = {
    params: [
      { name: 'token', value: '$(params.token)' },
      { name: 'imageTag', value: 'latest' },
      { name: 'token', value: 'false' },
    ],
    volumes: [{ name: 'token', secret: { secretName: 'bindery-key' } }],
    serviceAccountName: 'deployer',
    env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }],
    sources: [{ serviceAccountToken: { audience: 'bindery', expirationSeconds: 600 } }],
    timeout: '1h',
  }
  expect(safe(harmless)).toEqual(harmless)
  expect(hasMask(safe(harmless))).toBe(false)
})

test('a key over many lines and what kubectl notes of an object are taken out; names stay', () => {
  const key = '-----BEGIN PRIVATE KEY-----\nMIIB\nzz9=\n-----END PRIVATE KEY-----'
  const run: TaskRun = {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: {
      name: 'secret-token=1',
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': '{"name":"x","value":"hunter2"}',
        'bindery.dev/reason': `with\n${key}\nat the end`,
      },
    },
    spec: {},
    status: { podName: 'password=pod', steps: [] },
  }
  const { metadata, status } = redactRun(run, redact)
  expect(metadata).toEqual({
    name: 'secret-token=1',
    annotations: {
      'bindery.dev/reason':
        'with\n[redacted:private-key]\n[redacted:private-key]\n[redacted:private-key]\n[redacted:private-key]\nat the end',
    },
  })
  expect(status?.podName).toBe('password=pod')
})

test('a run of a request is shown with its plan and its receipt exactly as they are', () => {
  const plan = renderPlan(sampleBinding(), sampleService(), 'cluster.local')
  const { text, digest } = sealText(plan)
  const receipt = writeReceipt({
    at: '2026-11-24T00:00:00Z',
    address: plan.address,
    model: 'm',
    firstTokenMs: 12,
  })
  const run: TaskRun = {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: { name: 'bind', annotations: { 'bindery.dev/plan-digest': digest } },
    spec: {
      params: [
        { name: 'plan', value: text },
        { name: 'digest', value: digest },
      ],
    },
    status: { results: [{ name: 'receipt', value: receipt }] },
  }
  expect(redactRun(run, redact)).toEqual(run)
})
