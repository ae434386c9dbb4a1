"""Figures described as plain data, and drawn from it: as a PNG by `mpl`, on a page by `bokeh`.

A function here makes a `FigureSpec` of a run, a sweep or a comparison: which numbers, what they are
means of, what colour, dashes and position stand for, and what the figure is called. Either renderer
draws any of them.
"""
