"""Makes what a fresh machine lacks: the Python environment, Node, the built front end, a browser.

Standard library only: it runs before anything is installed.
"""
