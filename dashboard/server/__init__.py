"""What the server does before Streamlit is asked: files from memory, and addresses with or without a slash."""
