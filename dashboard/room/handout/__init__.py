"""What the lecturer shows that is text, for a phone: chapters of the course and mistakes as plain HTML.

A handout is the same for everybody, is made once, and holds no script and nothing to change. What a cell asks is to be
predicted first, so a chapter holds the questions, and what came of a cell is a handout of its own.
"""
