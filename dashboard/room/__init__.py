"""The lecture room: a lecturer's stage on hundreds of phones, over plain HTTP and server-sent events.

Followers are no sessions of Streamlit's. `routes.py` lists the addresses; everything else here is behind them.
"""
