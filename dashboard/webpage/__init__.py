"""The stage as one page that needs no server: `python -m dashboard.webpage`, *Web page* in the lab, `show` in Jupyter.

`told.py` says what the page's stage is told of the runs, `modules.py` finds its browser half, `page.py` puts both into
one file, `link.py` leads back to the lab.
"""

from dashboard.webpage.notebook import show

__all__ = ["show"]
