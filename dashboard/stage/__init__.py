"""The Python half of the stage: what it shows of a run, and the component that feeds the browser."""
