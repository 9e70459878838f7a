"""The staff console: pages in which an agency's staff do their day's work, in Korean and English.

Pages call the same use cases as HTTP and the command line. They work without JavaScript; htmx, which is vendored, makes
them faster where it runs.
"""
