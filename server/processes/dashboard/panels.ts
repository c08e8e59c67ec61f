/** `unit`: a name of Grafana's. Each query: PromQL, and how its series are named. */
export type Panel = { title: string; unit: 'short' | 's' | 'reqps'; queries: [string, string][] }
export type Row = { title: string; panels: Panel[] }

const rate = (metric: string, by: string) => `sum by (${by}) (rate(${metric}[5m]))`
const quantile = (q: number, metric: string, by: string) =>
  `histogram_quantile(${q}, sum by (le, ${by}) (rate(${metric}_bucket[5m])))`

/** What an administrator looks at, in the order of the questions that they have. */
export const rows: Row[] = [
  {
    title: 'Access',
    panels: [
      {
        title: 'Bindings by state',
        unit: 'short',
        queries: [['max by (state) (bindery_bindings)', '{{state}}']],
      },
      {
        title: 'Bindings that need somebody',
        unit: 'short',
        queries: [
          ['max(bindery_bindings_blocked)', 'end held up'],
          ['max(bindery_bindings_drifted)', 'drifted'],
          ['max(bindery_bindings_expiring)', 'about to end'],
        ],
      },
      {
        title: 'Oldest request without a decision',
        unit: 's',
        queries: [['max(bindery_oldest_pending_request_seconds)', 'age']],
      },
    ],
  },
  {
    title: 'Runs and logs',
    panels: [
      {
        title: 'Runs in the cluster',
        unit: 'short',
        queries: [
          ['sum by (task, state) (max by (task, state) (bindery_runs))', '{{task}}: {{state}}'],
        ],
      },
      {
        title: 'Archive of logs',
        unit: 'short',
        queries: [
          ['max(bindery_archive_logs_waiting)', 'logs that wait in memory'],
          ['sum(increase(bindery_archive_write_failures_total[5m]))', 'writes that failed'],
          ['max(bindery_archive_runs)', 'runs followed'],
        ],
      },
      {
        title: 'Messages of webhooks',
        unit: 'short',
        queries: [['max by (state) (bindery_outbox_messages)', '{{state}}']],
      },
    ],
  },
  {
    title: 'Model',
    panels: [
      {
        title: 'Requests by status',
        unit: 'reqps',
        queries: [[rate('bindery_gateway_requests_total', 'code'), '{{code}}']],
      },
      {
        title: 'Requests in flight',
        unit: 'short',
        queries: [['sum(bindery_gateway_requests_in_flight)', 'in flight']],
      },
      {
        title: 'Tokens per second',
        unit: 'short',
        queries: [[rate('bindery_gateway_tokens_total', 'ring, type'), '{{ring}} {{type}}']],
      },
      {
        title: 'Time to first token',
        unit: 's',
        queries: [
          [quantile(0.5, 'bindery_gateway_time_to_first_token_seconds', 'ring'), 'p50 {{ring}}'],
          [quantile(0.95, 'bindery_gateway_time_to_first_token_seconds', 'ring'), 'p95 {{ring}}'],
        ],
      },
      {
        title: 'Duration of an answer, p95',
        unit: 's',
        queries: [[quantile(0.95, 'bindery_gateway_answer_duration_seconds', 'ring'), '{{ring}}']],
      },
    ],
  },
  {
    title: 'Web',
    panels: [
      {
        title: 'Requests by status',
        unit: 'reqps',
        queries: [[rate('bindery_web_request_duration_seconds_count', 'code'), '{{code}}']],
      },
      {
        title: 'Slowest routes, p95',
        unit: 's',
        queries: [
          [
            `topk(5, ${quantile(0.95, 'bindery_web_request_duration_seconds', 'route')})`,
            '{{route}}',
          ],
        ],
      },
      {
        title: 'Open streams',
        unit: 'short',
        queries: [['sum by (route) (bindery_web_streams_open)', '{{route}}']],
      },
    ],
  },
  {
    title: 'Controller and audit trail',
    panels: [
      {
        title: 'Processes that lead',
        unit: 'short',
        queries: [['sum(bindery_controller_leader)', 'leaders']],
      },
      {
        title: 'Keys worked on',
        unit: 'reqps',
        queries: [
          [rate('bindery_controller_reconcile_total', 'what, result'), '{{what}} {{result}}'],
        ],
      },
      {
        title: 'Longest time without a success',
        unit: 's',
        queries: [['max by (what) (bindery_controller_failing_seconds)', '{{what}}']],
      },
      {
        title: 'Time of a key, p95',
        unit: 's',
        queries: [
          [quantile(0.95, 'bindery_controller_reconcile_time_seconds', 'what'), '{{what}}'],
        ],
      },
      {
        title: 'Audit trail',
        unit: 'short',
        queries: [
          ['max(bindery_audit_broken)', 'broken'],
          [
            'time() - max(bindery_audit_verified_timestamp_seconds)',
            'seconds since it was verified',
          ],
        ],
      },
    ],
  },
]
