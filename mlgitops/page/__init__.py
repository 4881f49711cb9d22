"""The page: how a project stands, as HTML, CSS and a little JavaScript that a browser shows. Pure.

model.py      the one model of everything that is shown: ``Snapshot`` and what it is made of
data.py       the same as JSON, for programs
element.py    elements in which text from outside is only text
frame.py      what every page has around it; its content security policy
overview.py   the first page: graph.py, then matrix.py
subject.py    a model's or a pipeline's page: releases.py, plot.py, objects.py
plans.py      the plan of an environment, and what the audit found
site.py       all pages by their path
assets/       what pages refer to
"""
