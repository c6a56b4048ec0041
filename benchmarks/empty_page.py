"""What the opening of the lab is measured against: a Streamlit page that says hello."""

import streamlit as st

st.title("Hello")
