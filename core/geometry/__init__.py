"""The geometry of the loss, exactly, without any descent: the bowl with its limits, and the least-squares line."""
