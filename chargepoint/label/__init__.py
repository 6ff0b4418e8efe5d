"""The label on a station's enclosure: who made it, what it may be connected to, and the code that opens its page once.

`words` is what it says, `layout` where each thing stands in millimetres, `svg` and `picture` draw it.
"""
