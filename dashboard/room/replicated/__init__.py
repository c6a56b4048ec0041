"""Rooms that several servers of one lab have in common: a lecturer on one of them, followers on any.

Every server does what one alone does. Redis holds what they must agree on, and says when there is something newer.
"""
