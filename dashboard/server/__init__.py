"""What is answered, or refused, before Streamlit is asked: static files, addresses, uploads, too many openings."""
