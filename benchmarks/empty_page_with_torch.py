"""What the readiness of the lab is measured against: a Streamlit page that says hello, and imports what trains."""

import streamlit as st
import torch

st.title(f"Hello from PyTorch {torch.__version__}")
