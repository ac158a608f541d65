"""The one launcher of the local stack, used by `make demo`, by the tests and by the benchmarks.

It starts the real PostgreSQL and Valkey from wheels, the processor sandbox, the web server, the worker and the
schedule; waits until each really answers; remembers what it started; and stops it again, also after it was itself
killed.
"""
