import { type Panel, rows } from './panels.ts'

const width = 8
const height = 8
const columns = 24

/** A dashboard as Grafana imports it (schema 39, Grafana 11 and later); the data source is chosen on its page. */
export function dashboardText(): string {
  return `${JSON.stringify(makeDashboard(), undefined, 2)}\n`
}

function makeDashboard(): object {
  let y = 0
  let id = 0
  const panels = rows.flatMap(({ title, panels }) => {
    const head = {
      id: ++id,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { x: 0, y, w: columns, h: 1 },
    }
    const top = y + 1
    y = top + height * Math.ceil(panels.length / (columns / width))
    const below = panels.map((panel, at) => {
      const x = (at * width) % columns
      const line = Math.floor((at * width) / columns)
      return {
        id: ++id,
        ...panelOf(panel),
        gridPos: { x, y: top + line * height, w: width, h: height },
      }
    })
    return [head, ...below]
  })
  return {
    uid: 'bindery',
    title: 'Bindery',
    tags: ['bindery'],
    schemaVersion: 39,
    editable: true,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: {
      list: [{ name: 'source', label: 'Data source', type: 'datasource', query: 'prometheus' }],
    },
    panels,
  }
}

function panelOf({ title, unit, queries }: Panel) {
  const datasource = { type: 'prometheus', uid: '$source' }
  return {
    type: 'timeseries',
    title,
    datasource,
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: queries.map(([expr, legendFormat], at) => ({
      refId: String.fromCodePoint(65 + at),
      datasource,
      expr,
      legendFormat,
    })),
  }
}
