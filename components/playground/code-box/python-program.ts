/**
 * Runs a program as `python main.py` would, and answers how it ended: exit code, what kept it from running here, and
 * the name of a module that is not there.
 */
export const pythonProgram = `
import linecache, sys, traceback

def run(source):
    lines = source.splitlines(True)
    linecache.cache['main.py'] = (len(source), None, lines, 'main.py')
    sys.argv = ['main.py']
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)
    code, hint, name = 0, None, None
    try:
        exec(compile(source, 'main.py', 'exec'), sys.modules['__main__'].__dict__)
    except SystemExit as error:
        if isinstance(error.code, int):
            code = error.code
        elif error.code is not None:
            print(error.code, file=sys.stderr)
            code = 1
    except BaseException as error:
        code = 1
        own = error.__traceback__.tb_next
        traceback.print_exception(type(error), error, own, file=sys.stderr)
        if isinstance(error, ModuleNotFoundError):
            hint, name = 'module', error.name
        elif isinstance(error, EOFError):
            hint = 'input'
        elif isinstance(error, MemoryError):
            hint = 'memory'
        elif isinstance(error, RecursionError):
            hint = 'depth'
        elif isinstance(error, RuntimeError) and 'new thread' in str(error):
            hint = 'threads'
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass
    return [code, hint, name]

run
`
