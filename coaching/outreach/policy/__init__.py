"""When a nudge may help, and with which words: arithmetic on what is known, free of clocks and of chance.

Everything random comes in as a number that is stored beside the odds it was held against.
"""
