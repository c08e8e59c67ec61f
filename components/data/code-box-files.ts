type Part = 'python.js' | 'python.wasm' | 'python.zip'

/** Python as the box takes it. The browser keeps these parts: their address changes whenever they do. */
export async function fetchPython(version: string) {
  const part = async (name: Part) => {
    const answer = await fetch(`/api/code-box/${version}/${name}`)
    if (!answer.ok) throw new Error(`${name}: ${answer.status}`)
    return answer.arrayBuffer()
  }
  const [worker, wasm, library] = await Promise.all([
    part('python.js'),
    part('python.wasm'),
    part('python.zip'),
  ])
  return { worker, wasm, library }
}
